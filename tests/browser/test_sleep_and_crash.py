"""What happens to a browser as a whole: a page of it crashes, or all of it stands still because the lid is closed.
Ben has one of his own for that. Not here: its network (test_moving.py), or what the server does (test_faults.py)."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Playwright, expect

from machine import free_port

from .conftest import CHROMIUM, processes_of
from .memory import processes
from .person import FLAGS, Person, agreed
from .recovery import UNLOST, Recovery, back_in, read_once

# Seconds: the server gives up a media connection of which it has heard nothing for 20 (core/sfu/src/peer.rs).
CLOSED = 25


@pytest.fixture(scope="module")
def door() -> int:
    """The port at which Ben's browser can be spoken to a second time."""
    return free_port()


@pytest.fixture(scope="module")
def own_browser(playwright: Playwright, door: int) -> Iterator[Browser]:
    flags = [*FLAGS, f"--remote-debugging-port={door}"]
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
    yield browser
    browser.close()


@pytest.fixture
def two(somebody: Callable[..., Person], own_browser: Browser) -> tuple[Person, Person]:
    ada, ben = somebody("Ada"), somebody("Ben", own_browser)
    link = ada.new_meeting("Class 4b", "People I admit")
    ada.ask_to_join().is_in()
    ben.open(link).ask_to_join()
    ada.admit("Ben")
    ben.is_in()
    back_in(ada, ben)
    return ada, ben


def test_a_page_that_crashed_is_back_in_the_call_when_it_is_loaded_again(
    two: tuple[Person, Person], own_browser: Browser, playwright: Playwright, door: int, back: Recovery
) -> None:
    ada, ben = two
    ada.chat("the first point")
    ben.reads("the first point")
    ben.chat("the second point")
    ada.reads("the second point")
    tab = ben.context.new_cdp_session(ben.page)
    for renderer in processes_of(own_browser, "renderer"):
        os.kill(renderer, signal.SIGKILL)
    expect(ada.mark("Ben", "not connected")).to_be_visible()
    ada.chat("said while there was no page")
    with back.after("a crash of the tab", within=UNLOST):
        tab.send("Page.reload")  # as the browser's own button does
        # Playwright gives up a page that has crashed; who connects anew finds it as it is now.
        ben.page = playwright.chromium.connect_over_cdp(f"http://127.0.0.1:{door}").contexts[0].pages[0]
        ben.is_in()
        ben.sees("Ada")
    back_in(ada, ben)
    read_once(ada, ben, texts=("the first point", "the second point", "said while there was no page"))


@contextmanager
def lid_closed(browser: Browser) -> Iterator[None]:
    """Nothing of the browser runs, and nobody is told: its connections stay as they are."""
    everything = processes(processes_of(browser, "browser")[0])
    for one in everything:
        os.kill(one, signal.SIGSTOP)
    try:
        yield
    finally:
        for one in reversed(everything):
            os.kill(one, signal.SIGCONT)


def test_who_closes_the_lid_for_a_while_is_back_with_all_that_was_said(
    two: tuple[Person, Person], own_browser: Browser, back: Recovery
) -> None:
    ada, ben = two
    code = agreed(ada, ben)
    with lid_closed(own_browser):
        closed = time.monotonic()
        ada.chat("said while the lid was closed")
        # Nobody else is in the call, so it may as well be her own connection: she is told what is known.
        expect(ada.page.get_by_text("You seem to be cut off")).to_be_visible()
        ada.page.wait_for_timeout(1000 * max(0, CLOSED - (time.monotonic() - closed)))  # so long is it closed
    with back.after(f"{CLOSED} s with the lid closed", within=UNLOST):
        ben.reads("said while the lid was closed")
        ben.chat("said when it was open again")
        ada.reads("said when it was open again")
        ben.sees("Ada")
        ada.sees("Ben")
    for person in two:
        expect(person.page.get_by_text("You seem to be cut off")).to_have_count(0)
    read_once(ada, ben, texts=("said while the lid was closed", "said when it was open again"))
    back_in(ada, ben)
    assert agreed(ada, ben) == code, "somebody was taken for lost"
