"""A whole meeting, and no packet and no question to a name server goes anywhere but to the server.
Everything here runs in a network of its own, so what leaves it is seen whole."""

import socket
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Playwright

from machine import PATIENT, free_port

from .conftest import CHROMIUM, people
from .network import Capture
from .person import FLAGS, Person
from .server import Server

NOBODY = "198.51.100.7"  # RFC 5737: an address of no one


@pytest.fixture(autouse=True)
def watched(alone: Capture | None) -> Capture:
    if alone is None:
        pytest.skip("a network of one's own takes root")
    return alone


def test_nothing_leaves_but_to_the_server(watched: Capture, playwright: Playwright, tmp_path: Path) -> None:
    """From the start of a server and a browser until everybody has left. (Browsers of other tests, with other flags,
    may have asked for something by themselves before.)"""
    before = len(watched.packets)
    with ExitStack() as ending:
        server = Server(tmp_path / "data", free_port())
        ending.callback(server.stop)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        ending.callback(browser.close)
        somebody = ending.enter_context(people(browser, server.url))
        ada, ben = somebody("Ada"), somebody("Ben")
        link = ada.new_meeting("Editorial")
        ada.ask_to_join().is_in()
        ben.join(link)
        ada.sees("Ben")
        ben.sees("Ada")
        ada.chat("Off the record")
        ben.reads("Off the record")
        ada.place()
        ben.leave()
        ada.leave()
    gone = {(str(p.target), p.target_port, p.payload[:60]) for p in watched.packets[before:]}
    assert gone == set()


def test_what_would_leave_is_seen(watched: Capture) -> None:
    """The control, after the test above: a packet and a question that do leave."""
    before = len(watched.packets)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        stranger.sendto(b"hello", (NOBODY, 443))
        stranger.sendto(b"question", (NOBODY, 53))
    watched.wait(before + 2, PATIENT)
    assert {(str(p.target), p.target_port) for p in watched.packets[before:]} == {
        (NOBODY, 443),
        (NOBODY, 53),
    }


def test_the_page_may_speak_to_its_server_only(somebody: Callable[..., Person]) -> None:
    person = somebody("Ada")
    answer = person.page.goto(person.origin)
    policy = answer.headers["content-security-policy"]
    rules = {rule.split()[0]: set(rule.split()[1:]) for rule in policy.split(";") if rule.strip()}
    assert rules["default-src"] in ({"'none'"}, {"'self'"})
    assert rules.get("script-src", set()) <= {"'self'", "'wasm-unsafe-eval'"}
    for allowed in rules.values():
        assert allowed.isdisjoint({"'unsafe-inline'", "'unsafe-eval'", "*", "http:", "https:", "ws:", "wss:"})
        for source in allowed:
            host = person.origin.split("//")[1]
            assert source[0] == "'" or source in {"data:", "blob:"} or source.endswith(f"//{host}"), source
    assert rules["frame-ancestors"] == {"'none'"}
    assert rules["base-uri"] == {"'none'"}
