"""A call survives its network: cut off for some seconds, silent for most of a minute, or with another address.
The browser is in a network of its own, so that its only link can really be taken down."""

import itertools
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from . import network
from .away import THERE, Away
from .person import Person, agreed
from .recovery import LONGEST_WAIT, SILENCE, Recovery, back_in, read_once
from .server import Server

ELSEWHERE = str(network.AWAY[3])
# Seconds.
SILENT = 50
GIVEN_UP = 20  # after so long without a check the server gives a connection up, and another has to be made
# What a page asks the server when no media comes any more, before anybody misses anything.
PING = '{"t":"ping"}'
rounds = itertools.count()
pytestmark = pytest.mark.skipif(not network.may_have_own_network(), reason="networks are made by root")


@pytest.fixture(scope="module")
def two(away_browser: Browser, near_server: Server) -> Iterator[tuple[Person, Person]]:
    ada, ben = (Person(away_browser, near_server.url, name) for name in ("Ada", "Ben"))
    link = ada.new_meeting("On the train")
    ada.ask_to_join().is_in()
    ben.join(link)
    for person, other in ((ada, "Ben"), (ben, "Ada")):
        person.sees(other)
    yield ada, ben
    for person in (ada, ben):
        person.close()


def decoded(person: Person) -> float:
    return person.total("inbound-rtp", "framesDecoded", kind="video")


def stands_still(person: Person) -> bool:
    before = decoded(person)
    person.page.evaluate("() => new Promise((next) => setTimeout(next, 500))")
    return decoded(person) == before


# Set before the link is up again: notes, on this person's own page, when pictures are decoded again, of all lines.
WAIT_FOR_PICTURES = """() => {
  const decoded = async () => {
    let sum = 0;
    for (const connection of window.connections)
      if (connection.connectionState !== "closed")
        for (const report of (await connection.getStats()).values())
          if (report.type === "inbound-rtp" && report.kind === "video") sum += report.framesDecoded ?? 0;
    return sum;
  };
  const until = Date.now() + 60_000;
  window.back = decoded().then(async (before) => {
    while ((await decoded()) <= before && Date.now() < until) await new Promise((next) => setTimeout(next, 50));
    return Date.now();
  });
}"""


@pytest.mark.parametrize("seconds", [2, 8])
def test_after_a_lost_link_media_is_back_soon_on_the_same_connection(
    two: tuple[Person, Person], away: Away, back: Recovery, seconds: int
) -> None:
    ada, _ = two
    connections = [person.page.evaluate("window.connections.length") for person in two]
    away.link("down")
    for person in two:
        person.until(lambda: stands_still(person), "pictures come without a network")  # noqa: B023
    # A link is down for as long as it is down: that is what this waits for.
    ada.page.evaluate(f"() => new Promise((next) => setTimeout(next, {seconds * 1000}))")
    for person in two:
        person.page.evaluate(WAIT_FOR_PICTURES)
    up = time.time()
    away.link("up")
    # One clock for both, from when the link is up: who is asked second has not waited less.
    took = [person.page.evaluate("window.back") - 1000 * up for person in two]
    back.took(f"{seconds} s without a link, in pictures", max(took) / 1000, within=GIVEN_UP)
    assert [person.page.evaluate("window.connections.length") for person in two] == connections


def says_something_new(two: tuple[Person, Person]) -> None:
    ada, ben = two
    number = next(rounds)
    ada.chat(f"{number}: do you hear me?")
    ben.reads(f"{number}: do you hear me?")
    ben.chat(f"{number}: I do.")
    ada.reads(f"{number}: I do.")


def test_after_most_of_a_minute_in_which_nothing_arrives_all_is_back(
    two: tuple[Person, Person], away: Away, back: Recovery
) -> None:
    """No link goes down and no address changes, so nobody says that there is no network: the pages have to notice."""
    ada, ben = two
    code = agreed(ada, ben)
    silent = time.monotonic()
    away.silence()
    for person in two:
        person.until(lambda: stands_still(person), "pictures come without a network")  # noqa: B023
        person.reads_that_the_server_is_lost()
    ada.chat("said into the silence")
    ada.page.wait_for_timeout(1000 * max(0, SILENT - (time.monotonic() - silent)))  # so long is it silent
    away.speak()
    with back.after(f"{SILENT} s in which nothing arrived", within=LONGEST_WAIT + 6):
        ben.reads("said into the silence")
        says_something_new(two)
    read_once(ada, ben, texts=("said into the silence",))
    back_in(ada, ben)
    assert agreed(ada, ben) == code, "somebody was taken for lost"


def test_with_another_address_the_call_goes_on(two: tuple[Person, Person], away: Away, back: Recovery) -> None:
    code = agreed(*two)
    for old, new, fault in ((THERE, ELSEWHERE, "another address"), (ELSEWHERE, THERE, "the former address again")):
        before = [person.said.count(PING) for person in two]
        away.move(old, new)
        with back.after(f"{fault}, in words", within=SILENCE + 8):
            says_something_new(two)
        for person, asked in zip(two, before, strict=True):
            assert person.said.count(PING) > asked, "they only waited"
        with back.after(f"{fault}, in pictures after that", within=GIVEN_UP):
            back_in(*two)
    assert agreed(*two) == code, "somebody was taken for lost"
