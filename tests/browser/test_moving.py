"""A call survives its network: cut off for some seconds, silent for most of a minute, or with another address.
The browser is in a network of its own, so that its only link can really be taken down."""

import itertools
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright

from machine import free_port

from . import network
from .conftest import CHROMIUM
from .person import FLAGS, Person, agreed
from .recovery import LONGEST_WAIT, SILENCE, Recovery, back_in, read_once
from .server import Server

HERE, THERE, ELSEWHERE = (str(network.AWAY[number]) for number in (1, 2, 3))
NOBODY = "02:00:00:00:00:01"  # a hardware address that no interface here has
# Seconds.
SILENT = 50
GIVEN_UP = 20  # after so long without a check the server gives a connection up, and another has to be made
# What a page asks the server when no media comes any more, before anybody misses anything.
PING = '{"t":"ping"}'
names = itertools.count()
pytestmark = pytest.mark.skipif(not network.may_have_own_network(), reason="networks are made by root")


class Away:
    """A network behind one link; what is started through `program` is in it."""

    def __init__(self) -> None:
        self.name = f"ringfence-{os.getpid()}-{next(names)}"
        self._run("netns", "add", self.name)
        self._run("link", "add", "near", "type", "veth", "peer", "name", "far", "netns", self.name)
        self._run("addr", "add", f"{HERE}/24", "dev", "near")
        self._run("link", "set", "near", "up")
        self.inside("addr", "add", f"{THERE}/24", "dev", "far")
        self.inside("link", "set", "lo", "up")
        self.link("up")

    def link(self, state: str) -> None:
        self.inside("link", "set", "far", state)

    def silence(self) -> None:
        """All that is sent is lost on the way, either way, and neither end is told."""
        self.inside("neigh", "replace", HERE, "lladdr", NOBODY, "dev", "far", "nud", "permanent")
        self._run("neigh", "replace", THERE, "lladdr", NOBODY, "dev", "near", "nud", "permanent")

    def speak(self) -> None:
        self.inside("neigh", "del", HERE, "dev", "far")
        self._run("neigh", "del", THERE, "dev", "near")

    def move(self, old: str, new: str) -> None:
        self.inside("addr", "del", f"{old}/24", "dev", "far")
        self.inside("addr", "add", f"{new}/24", "dev", "far")

    def inside(self, *words: str) -> None:
        self._run("-n", self.name, *words)

    def _run(self, *words: str) -> None:
        subprocess.run(["ip", *words], check=True)

    def program(self, folder: Path) -> Path:
        """Chromium, started there."""
        script = folder / "chromium"
        script.write_text(f'#!/bin/sh\nexec ip netns exec {self.name} {CHROMIUM} "$@"\n')
        script.chmod(0o755)
        return script

    def close(self) -> None:
        self._run("netns", "del", self.name)


@pytest.fixture(scope="module")
def away(alone: object) -> Iterator[Away]:
    away = Away()
    yield away
    away.close()


@pytest.fixture(scope="module")
def near_server(away: Away, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    url = f"http://{HERE}:{(port := free_port())}"
    options = ("--host", HERE, "--media-address", HERE, "--public-url", url)
    server = Server(tmp_path_factory.mktemp("near") / "data", port, *options)
    yield server
    server.stop()


@pytest.fixture(scope="module")
def away_browser(
    away: Away, near_server: Server, playwright: Playwright, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Browser]:
    # A page of another machine is secure only over TLS; this one origin is taken as if it were.
    flags = [*FLAGS, f"--unsafely-treat-insecure-origin-as-secure={near_server.url}"]
    program = away.program(tmp_path_factory.mktemp("bin"))
    browser = playwright.chromium.launch(executable_path=program, args=flags)
    yield browser
    browser.close()


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
    number = next(names)
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
