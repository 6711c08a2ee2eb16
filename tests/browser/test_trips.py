"""Where the fence has places to rule out, media waits for round trips that the page measures; what contradicts the
server asks the person first."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from machine import free_port

from .conftest import people
from .network import Capture
from .person import Person
from .server import Server

TORONTO = {"lat": 43.65, "lon": -79.38}
SYDNEY = {"lat": -33.87, "lon": 151.21}
SAYS = """
[node]
name = "tor1"
country = "CA"
place = "Toronto"
lat = 43.65
lon = -79.38
"""
FENCE = """
name = "Not there"
version = 1
[allow]
nodes = ["{node}"]
[evidence]
minimum = "stated"
exclude = [{exclude}]
"""
# What a person says of where they are, their page tells its worker.
WORKERS = """
  window.workers = [];
  window.Worker = class extends Worker {
    constructor(...given) {
      super(...given);
      window.workers.push(this);
    }
  };
"""
TELL = "(input) => window.workers.forEach((worker) => worker.postMessage({ t: 'input', input }))"


@pytest.fixture(scope="module")
def toronto(alone: Capture | None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose operator states where it is."""
    data = tmp_path_factory.mktemp("toronto") / "data"
    data.mkdir(mode=0o700)
    (data / "ringfence.toml").write_text(SAYS)
    server = Server(data, free_port())
    yield server
    server.stop()


@pytest.fixture
def somebody(browser: Browser, toronto: Server) -> Iterator[Callable[..., Person]]:
    with people(browser, toronto.url) as somebody:
        yield somebody


def located(person: Person) -> Person:
    person.context.add_init_script(WORKERS)
    return person


def says(person: Person, place: dict[str, float], radius_km: float = 20, confirmed: bool = False) -> None:
    said = place | {"t": "whereabouts", "radius_km": radius_km, "confirmed": confirmed}
    person.page.evaluate(TELL, said)


def meeting(person: Person, folder: Path, *exclude: str) -> str:
    """A meeting on this very server, wherever it is, but for these countries."""
    dialog = person.begin_meeting("Rounds")
    node = person.page.evaluate("fetch('/api/v1/node').then((answer) => answer.json()).then(({ node }) => node)")
    file = folder / "fence.toml"
    file.write_text(FENCE.format(node=node, exclude=", ".join(f'"{code}"' for code in exclude)))
    person.choose("Fence", "Write my own")
    dialog.locator("input[type=file]").set_input_files(file)
    card = dialog.locator("label", has=person.page.get_by_role("radio", name="Write my own"))
    # Nobody has measured anything yet: that is no reason against it.
    expect(card.get_by_text("allows 1 of 1 server")).to_be_visible()
    person.press("Create meeting")
    return person.page.get_by_role("textbox", name="Meeting link").input_value()


def measured(person: Person) -> None:
    """Its page had answers enough to tell the participant of."""

    def answers() -> int:
        return sum(channel["messagesReceived"] for channel in person.statistics("data-channel"))

    person.until(lambda: answers() >= 10, lambda: f"{answers()} answers came")


def sent(person: Person) -> int:
    return sum(line["packetsSent"] for line in person.statistics("outbound-rtp"))


def decoded(person: Person) -> int:
    return sum(line.get("framesDecoded") or 0 for line in person.statistics("inbound-rtp", kind="video"))


def is_closed(person: Person, *others: Person) -> None:
    """Nobody's picture is opened any more. Padding may still be sent, in which there is nothing."""
    people = (person, *others)

    def stands() -> bool:
        before = [decoded(one) for one in people]
        person.page.evaluate("() => new Promise((next) => setTimeout(next, 700))")
        return [decoded(one) for one in people] == before

    person.until(stands, "media flows")


def test_media_waits_until_everybody_has_ruled_out_what_the_fence_excludes(
    somebody: Callable[..., Person], tmp_path: Path
) -> None:
    ada, ben = located(somebody("Adelheid")), located(somebody("Benedikt"))
    link = meeting(ada, tmp_path, "CN")
    ada.join(link)
    ben.join(link)
    for person in (ada, ben):
        measured(person)
        assert (sent(person), decoded(person)) == (0, 0)
    says(ada, TORONTO)
    ada.until(lambda: sent(ada) > 0, "sends nothing")
    assert (sent(ben), decoded(ben)) == (0, 0)
    says(ben, TORONTO)
    ben.sees("Adelheid")
    ada.sees("Benedikt")


def test_what_no_round_trip_can_rule_out_keeps_media_closed(somebody: Callable[..., Person], tmp_path: Path) -> None:
    ada, ben = located(somebody("Adelheid")), located(somebody("Benedikt"))
    link = meeting(ada, tmp_path, "CN", "US")
    for person in (ada, ben):
        person.join(link)
        says(person, TORONTO)
    for person in (ada, ben):
        measured(person)
        is_closed(person)
        assert (sent(person), decoded(person)) == (0, 0)


def test_a_place_that_does_not_fit_the_server_asks_the_person_and_accuses_nobody(
    somebody: Callable[..., Person], tmp_path: Path
) -> None:
    ada, ben = located(somebody("Adelheid")), located(somebody("Benedikt"))
    link = meeting(ada, tmp_path)
    ada.join(link)
    ben.join(link)
    ben.sees("Adelheid")
    says(ben, SYDNEY)
    ben.is_told("RF2116")
    is_closed(ben, ada)
    assert ada.page.get_by_role("alert").filter(has_text="RF21").count() == 0
    # It was a slip.
    says(ben, TORONTO)
    ben.sees("Adelheid")
    # And now they stand by it: one of the two says what is not true.
    says(ben, SYDNEY)
    is_closed(ben, ada)
    says(ben, SYDNEY, confirmed=True)
    expect(ben.page.get_by_role("alert").filter(has_text="RF2115").first).to_be_visible()
