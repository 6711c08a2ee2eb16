"""Faults in a real browser with a real server: what the person reads meanwhile, and how soon they are back.
The same faults by the thousand, in simulated time, are in core/e2ee/tests/soak.rs. Not here: what happens to the
browser itself (test_sleep_and_crash.py), to its network (test_moving.py), or to the server's disk and the clocks
(test_store_and_clock.py)."""

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from machine import free_port

from .person import Person, agreed
from .recovery import LONGEST_WAIT, UNLOST, Recovery, back_in, read_once
from .server import Server

# Who is not heard of is taken for lost after some 20 seconds, and only then does anybody say so.
TAKEN_FOR_LOST = 60_000
# What the page asks the browser for from when it is loaded.
# The first page that asks for a microphone or a camera gets no answer; the next one is any page.
HANGS_ONCE = """if (!sessionStorage.getItem("hung")) {
  sessionStorage.setItem("hung", "1");
  navigator.mediaDevices.getUserMedia = () => new Promise(() => {});
}"""
ASKED = """
  window.asked = [];
  const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = (wanted) => {
    window.asked.push(Object.keys(wanted).sort());
    return open(wanted);
  };
"""


class Restarting:
    """A server with a folder and a port of its own, which can be killed and started again."""

    def __init__(self, data: Path) -> None:
        self._data, self._port = data, free_port()
        self.server = Server(data, self._port)

    def kill(self) -> None:
        self.server.kill()

    def start(self) -> None:
        self.server = Server(self._data, self._port)


@pytest.fixture
def restarting(alone: object, tmp_path: Path) -> Iterator[Restarting]:
    restarting = Restarting(tmp_path / "data")
    yield restarting
    restarting.server.stop()


@pytest.fixture
def people(browser: Browser, restarting: Restarting) -> Iterator[Callable[[str], Person]]:
    here: list[Person] = []

    def person(name: str) -> Person:
        made = Person(browser, restarting.server.url, name)
        here.append(made)
        return made

    yield person
    for made in here:
        made.close()


def meeting(people: Callable[[str], Person], who: str) -> tuple[Person, Person]:
    ada, ben = people("Ada"), people("Ben")
    link = ada.new_meeting("Class 4b", who)
    ada.ask_to_join().is_in()
    ben.open(link).ask_to_join()
    if who == "People I admit":
        ada.admit("Ben")
    ben.is_in()
    for one, other in ((ada, ben), (ben, ada)):
        one.sees(other.name)
    return ada, ben


@pytest.mark.parametrize("who", ["Anyone with the link", "People I admit"])
def test_who_reloads_is_back_without_anybodys_click(people: Callable[[str], Person], back: Recovery, who: str) -> None:
    ada, ben = meeting(people, who)
    ada.chat("the first point")
    ben.reads("the first point")
    ben.chat("the second point")
    ada.reads("the second point")
    with back.after("a reload", within=UNLOST):
        ben.page.reload()
        ben.is_in()
        ben.sees("Ada")
    back_in(ada, ben)
    read_once(ada, ben, texts=("the first point", "the second point"))
    expect(ben.page.get_by_text("what Ada’s browser kept")).to_have_count(1)


def test_who_is_alone_and_reloads_is_in_the_same_meeting(people: Callable[[str], Person]) -> None:
    ada = people("Ada")
    link = ada.new_meeting("Class 4b", "People I admit")
    ada.ask_to_join().is_in()
    ada.page.reload()
    ada.is_in()
    ben = people("Ben")
    ben.open(link).ask_to_join()
    ada.admit("Ben")
    ben.is_in()
    ben.sees("Ada")


def test_a_mute_stays_over_a_reload(people: Callable[[str], Person]) -> None:
    ada, ben = meeting(people, "Anyone with the link")
    ben.press("Mute")
    expect(ada.mark("Ben", "muted")).to_be_visible()
    ben.page.reload()
    ben.is_in()
    expect(ben.button("Unmute")).to_be_visible()
    expect(ada.mark("Ben", "muted")).to_be_visible()


def test_a_camera_that_is_off_stays_dark_over_a_reload(people: Callable[[str], Person]) -> None:
    ada, ben = meeting(people, "Anyone with the link")
    ben.press("Stop camera")
    expect(ben.button("Start camera")).to_be_visible()
    ben.page.add_init_script(ASKED)
    ben.page.reload()
    ben.is_in()
    ben.until(lambda: ben.page.evaluate("window.asked") == [["audio"]], "is not asked for the microphone alone")
    ben.press("Start camera")
    ada.sees("Ben")
    assert ben.page.evaluate("window.asked") == [["audio"], ["video"]]


def test_a_reload_before_the_devices_are_open_turns_none_of_them_off(people: Callable[[str], Person]) -> None:
    ada, ben = meeting(people, "Anyone with the link")
    ben.page.add_init_script(HANGS_ONCE)
    ben.page.reload()
    ben.is_in()
    ben.page.reload()
    ben.is_in()
    ada.sees("Ben")
    expect(ben.button("Mute")).to_be_visible()


@pytest.mark.parametrize("away", [1, 6])
def test_who_loses_the_network_is_back_with_all_that_was_said(
    people: Callable[[str], Person], back: Recovery, away: int
) -> None:
    ada, ben = meeting(people, "People I admit")
    code = agreed(ada, ben)
    ben.context.set_offline(True)
    ben.reads_that_the_server_is_lost()
    expect(ada.mark("Ben", "not connected")).to_be_visible()
    ada.chat("said while you were away")
    ben.chat("said without a network")
    ben.page.wait_for_timeout(away * 1000)  # so long is there no network
    ben.context.set_offline(False)
    with back.after(f"{away} s without a network", within=UNLOST):
        ada.reads("said without a network")
        ben.reads("said while you were away")
    read_once(ada, ben, texts=("said while you were away", "said without a network"))
    back_in(ada, ben)
    assert agreed(ada, ben) == code, "somebody was taken for lost"


def test_who_was_taken_for_lost_is_back_without_anybodys_click(people: Callable[[str], Person], back: Recovery) -> None:
    ada, ben = meeting(people, "People I admit")
    away, cut = 50, time.monotonic()
    ben.context.set_offline(True)
    ben.reads_that_the_server_is_lost()
    ben.chat("said without a network")
    expect(ada.tile("Ben")).to_have_count(0, timeout=TAKEN_FOR_LOST)
    ada.chat("said while you were lost")
    ben.page.wait_for_timeout(1000 * max(0, away - (time.monotonic() - cut)))  # so long is there no network
    ben.reads_that_the_server_is_lost()
    ben.context.set_offline(False)
    with back.after(f"{away} s without a network", within=UNLOST):
        ada.reads("said without a network")
        ben.reads("said while you were lost")
    read_once(ada, ben, texts=("said while you were lost", "said without a network"))
    back_in(ada, ben)
    expect(ben.page.get_by_text(re.compile("cut off"))).to_have_count(0)


def test_a_killed_server_comes_back_with_the_meeting(
    people: Callable[[str], Person], restarting: Restarting, back: Recovery
) -> None:
    ada, ben = meeting(people, "People I admit")
    ada.chat("the first point")
    ben.reads("the first point")
    code = agreed(ada, ben)
    restarting.kill()
    for person in (ada, ben):
        person.reads_that_the_server_is_lost()
    ada.chat("while it was gone")
    restarting.start()
    with back.after("the server was killed and is there again", within=LONGEST_WAIT + 4):
        ben.reads("while it was gone")
        ben.chat("the next point")
        ada.reads("the next point")
    read_once(ada, ben, texts=("the first point", "while it was gone", "the next point"))
    back_in(ada, ben)
    assert agreed(ada, ben) == code, "somebody was taken for lost"


def test_a_tab_that_is_gone_leaves_the_meeting_and_its_person_can_come_back(
    people: Callable[[str], Person],
) -> None:
    ada, ben = meeting(people, "People I admit")
    link = ben.page.url
    ben.page.close()
    expect(ada.tile("Ben")).to_have_count(0, timeout=TAKEN_FOR_LOST)
    ben.page = ben.context.new_page()
    ben.open(link).ask_to_join().is_in()
    ada.sees("Ben")
