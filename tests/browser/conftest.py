"""One server, one Chromium and one network for all tests here, alone with each other where that is possible.
What people do with them is in person.py, and what must hold in the tests."""

import os
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Playwright, expect, sync_playwright

from machine import PATIENT, free_port

from . import network, rtp, sharing
from .away import CHROMIUM, HERE, Away
from .frames import overhear
from .native import Native
from .network import Capture
from .person import FLAGS, Person
from .recovery import TOLD, Record, Recovery
from .server import Server

expect.set_options(timeout=1000 * PATIENT)


@pytest.fixture(scope="package")
def alone() -> Iterator[Capture | None]:
    """A network of our own, and all that tries to leave it; without root there is none."""
    if not network.may_have_own_network():
        yield None
        return
    with network.own_network(), Capture(network.leaves) as capture:
        yield capture


@pytest.fixture(scope="package")
def server(alone: Capture | None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("server") / "data", free_port())
    yield server
    server.stop()


@pytest.fixture(scope="package")
def playwright(alone: Capture | None) -> Iterator[Playwright]:
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="package")
def browser(playwright: Playwright) -> Iterator[Browser]:
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def sharing_browser(playwright: Playwright) -> Iterator[Browser]:
    """A Chromium that shares a page of text, with its sound, whenever it is asked to share something."""
    flags = [flag for flag in FLAGS if flag != "--use-fake-ui-for-media-stream"]
    # Playwright mutes its browsers, and with them the sound of a shared tab.
    heard = ["--mute-audio"]
    browser = playwright.chromium.launch(
        executable_path=CHROMIUM, args=[*flags, sharing.FLAG], ignore_default_args=heard
    )
    yield browser
    browser.close()


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


@pytest.fixture(scope="package")
def browser_log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("chromium") / "log"


@pytest.fixture(scope="package")
def dumping_browser(playwright: Playwright, browser_log: Path) -> Iterator[Browser]:
    """A Chromium that writes down each RTP packet as it is under SRTP."""
    environment = os.environ | {"CHROME_LOG_FILE": str(browser_log)}
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, *rtp.FLAGS], env=environment)
    yield browser
    browser.close()


@contextmanager
def people(browser: Browser, origin: str) -> Iterator[Callable[..., Person]]:
    """Makes people with a browser each, who go home in the end."""
    with ExitStack() as leaving:

        def somebody(name: str, among: Browser | None = None, heard: bool = False, **context: Any) -> Person:
            person = Person(among or browser, origin, name, **context)
            leaving.callback(person.close)
            if heard:
                overhear(person.context)
            return person

        yield somebody


@pytest.fixture
def somebody(browser: Browser, server: Server) -> Iterator[Callable[..., Person]]:
    """Makes people who stay for one test."""
    with people(browser, server.url) as somebody:
        yield somebody


@pytest.fixture(scope="module")
def resident(browser: Browser, server: Server) -> Iterator[Callable[..., Person]]:
    """Makes people who stay for the tests of one file."""
    with people(browser, server.url) as resident:
        yield resident


@pytest.fixture(scope="module")
def native() -> Iterator[Callable[[str, str], Native]]:
    with ExitStack() as leaving:

        def native(link: str, name: str) -> Native:
            made = Native(link, name)
            leaving.callback(made.close)
            return made

        yield native


@pytest.fixture
def back(record_property: Record) -> Recovery:
    return Recovery(record_property)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """One line for each fault; the processes of a run in parallel have sent theirs here."""
    reports = [report for kind in ("passed", "failed") for report in terminalreporter.getreports(kind)]
    lines = sorted(
        str(line)
        for report in reports
        if report.when == "call"
        for name, line in report.user_properties
        if name == TOLD
    )
    if lines:
        terminalreporter.section(TOLD)
        for line in lines:
            terminalreporter.write_line(line)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """What everybody saw when a test failed, while they are still there."""
    report = yield
    if report.failed:
        Person.photograph_all(item.name)
    return report


def processes_of(browser: Browser, kind: str) -> list[int]:
    """Their ids: of the one `browser` that started the rest, of each `renderer`, and so on."""
    session = browser.new_browser_cdp_session()
    processes = session.send("SystemInfo.getProcessInfo")["processInfo"]
    session.detach()
    return [process["id"] for process in processes if process["type"] == kind]


@pytest.fixture(scope="package")
def chromium_pid(browser: Browser) -> int:
    return processes_of(browser, "browser")[0]
