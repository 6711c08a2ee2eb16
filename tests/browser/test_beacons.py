"""A fence that asks for proof: held where a neighbour of the server has measured it, and the owner takes its word.
The neighbour is another server at the other end of a link, and the people are in real browsers."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Locator, expect

from conftest import Serving
from machine import PATIENT
from neighbours import Neighbours, neighbours

from . import network
from .conftest import people
from .person import Person

PROVEN = """
name = "Proven"
version = 1
[allow]
countries = ["CA"]
[evidence]
minimum = "proven"
"""
pytestmark = pytest.mark.skipif(not network.may_have_own_network(), reason="networks are made by root")


@pytest.fixture
def pair(alone: object, tmp_path: Path) -> Iterator[Neighbours]:
    with neighbours(tmp_path) as pair:
        yield pair


def measured(node: Serving, person: Person) -> None:
    def named() -> bool:
        return httpx.get(f"{node.url}/api/v1/node", timeout=PATIENT).json()["beacons"] != []

    person.until(named, "no beacon has answered")


def new_meeting(person: Person, folder: Path) -> tuple[Locator, Locator]:
    """The dialog with this fence in it, and what says whether it allows this server."""
    dialog = person.begin_meeting("Rounds")
    file = folder / "fence.toml"
    file.write_text(PROVEN)
    person.choose("Fence", "Write my own")
    dialog.locator("input[type=file]").set_input_files(file)
    return dialog, dialog.locator("label", has=person.page.get_by_role("radio", name="Write my own"))


def test_a_meeting_is_held_where_the_beacons_that_its_owner_named_prove_it(
    pair: Neighbours, browser: Browser, tmp_path: Path
) -> None:
    beacon, node = pair.beacon(), pair.node()
    pair.bring("registry", "geoip")
    with people(browser, node.url) as somebody:
        ada, ben, cleo = somebody("Ada"), somebody("Ben"), somebody("Cleo")
        measured(node, ada)
        dialog, card = new_meeting(ada, tmp_path)
        expect(card.get_by_text("allows 1 of 1 server")).to_be_visible()
        named = dialog.get_by_role("group", name="Beacons").get_by_role("checkbox", name="edm2")
        expect(named).to_be_checked()
        host = pair.url.removeprefix("https://")
        where = f"Edmonton, Canada (53.55° N, 113.49° W), run by Public Rooms, at {host}"
        expect(named).to_have_accessible_description(f"{where}, in its own words. Key {pair.beacon_key}")
        # Whom the owner does not trust proves nothing.
        named.uncheck()
        expect(card.get_by_text("allows 0 of 1 server")).to_be_visible()
        expect(card.get_by_text("RF2108")).to_be_visible()
        # They may know its key themselves.
        dialog.get_by_role("textbox", name="Keys of other beacons").fill(pair.beacon_key)
        expect(card.get_by_text("allows 1 of 1 server")).to_be_visible()
        ada.press("Create meeting")
        link = ada.page.get_by_role("textbox", name="Meeting link").input_value()
        ada.open(link).ask_to_join().is_in()
        ben.join(link)
        ben.sees("Ada")
        panel = ben.place()
        expect(panel.get_by_text("Proven.")).to_be_visible()
        expect(panel.get_by_text("From the beacon edm2:")).to_be_visible()
        expect(panel.get_by_text("A beacon at 53.55° N, 113.49° W, in its own words.")).to_be_visible()
        ben.picture("beacons")
        # It is not needed all the time.
        beacon.process.kill()
        beacon.process.wait(PATIENT)
        cleo.join(link)
        cleo.sees("Ada")
        ben.sees("Cleo")


def test_without_a_beacons_word_the_owner_is_told_why_it_is_not_allowed(
    pair: Neighbours, browser: Browser, tmp_path: Path
) -> None:
    pair.beacon().stop()  # its certificate is made
    node = pair.node()
    pair.bring("registry", "geoip")
    with people(browser, node.url) as somebody:
        ada = somebody("Ada")
        dialog, card = new_meeting(ada, tmp_path)
        expect(card.get_by_text("allows 0 of 1 server")).to_be_visible()
        expect(card.get_by_text("RF2108")).to_be_visible()
        expect(dialog.get_by_text("No other server measures this one at present.")).to_be_visible()
        ada.press("Create meeting")
        expect(dialog.get_by_role("alert").filter(has_text="RF2108")).to_be_visible()
