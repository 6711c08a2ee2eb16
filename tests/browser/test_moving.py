"""A call survives its network: cut off for some seconds, its media is back right after, on the same connection.
The browser is in a network of its own, so that its only link can really be taken down."""

import itertools
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright

from . import network
from .conftest import CHROMIUM, free_port
from .person import FLAGS, Person
from .server import Server

HERE, THERE = str(network.AWAY[1]), str(network.AWAY[2])
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


def back(person: Person) -> float:
    """How many milliseconds it takes until a picture is decoded again."""
    before, began = decoded(person), person.page.evaluate("performance.now()")
    person.until(lambda: decoded(person) > before, "no picture came back", 20)
    return person.page.evaluate("performance.now()") - began


@pytest.mark.parametrize("seconds", [2, 8])
def test_after_a_lost_link_media_is_back_soon_on_the_same_connection(
    two: tuple[Person, Person], away: Away, seconds: int
) -> None:
    ada, _ = two
    connections = ada.page.evaluate("window.connections.length")
    away.link("down")
    for person in two:
        person.until(lambda: stands_still(person), "pictures come without a network")  # noqa: B023
    # A link is down for as long as it is down: that is what this waits for.
    ada.page.evaluate(f"() => new Promise((next) => setTimeout(next, {seconds * 1000}))")
    away.link("up")
    took = [back(person) for person in two]
    print(f"link down for {seconds} s: back after {took} ms")
    assert max(took) < 10_000
    assert ada.page.evaluate("window.connections.length") == connections
