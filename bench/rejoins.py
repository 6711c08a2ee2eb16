"""How soon two real browsers are back: after a reload, a network that was gone, and a server that was killed.
Back is, after a reload: the first picture of the other, from the moment at which the browser began to load the page;
else: each reads what the other said meanwhile, and sees pictures that move.
Not here: what else must hold of it (tests/browser/test_faults.py)."""

import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, expect, sync_playwright

from bench.figures import Figure, percentile
from bench.joins import FIRST_FRAME
from browser.person import FLAGS, Person
from browser.server import Server
from machine import free_port

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
TIMES = 7
RELOADS = 15
AWAY_MS = 5000
RELOAD, NETWORK, SERVER = 3000, 3000, 5000
READ = """(text) => [...document.querySelectorAll("[role=log]")].some((log) => log.innerText.includes(text))"""
Two = tuple[Person, Person]


def figures() -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        back = Back(Path(folder) / "data")
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        try:
            two = back.meeting(browser)
            reload = [back.after_reload(two[1]) for _ in range(RELOADS)]
            network = [back.after(two, back.network_gone, n) for n in range(TIMES)]
            server = [back.after(two, back.server_killed, n) for n in range(TIMES)]
        finally:
            browser.close()
            back.server.stop()
    return [
        Figure(f"{what}, {name} of {len(times)}", percentile(times, part), "ms", budget)
        for what, times, budget in (
            ("reload to first picture", reload, RELOAD),
            ("network returned to both back", network, NETWORK),
            ("server returned to both back", server, SERVER),
        )
        for name, part in (("p50", 50), ("longest", 100))
    ]


class Back:
    def __init__(self, data: Path) -> None:
        self._data, self._port = data, free_port()
        self.server = Server(data, self._port)

    def meeting(self, browser: Browser) -> Two:
        ada, ben = two = Person(browser, self.server.url, "Ada"), Person(browser, self.server.url, "Ben")
        ben.context.add_init_script(FIRST_FRAME)
        link = ada.new_meeting("Bench")
        ada.ask_to_join().is_in()
        ben.join(link)
        for one, other in (two, two[::-1]):
            one.sees(other.name)
            one.panel("Chat")
            expect(one.page.get_by_role("log")).to_be_visible()
        return two

    def after_reload(self, person: Person) -> float:
        """Milliseconds on the clock of the new page, which begins when the browser begins to load it."""
        person.page.reload(wait_until="commit")
        return float(person.page.evaluate("() => window.firstFrame()"))

    def after(self, two: Two, fault: Callable[[Two, Callable[[], None]], float], number: int) -> float:
        """Milliseconds from the end of the fault until both are back."""
        words = [f"{person.name} {fault.__name__} {number}." for person in two]

        def speak() -> None:
            for person, text in zip(two, words, strict=True):
                person.chat(text)

        since = fault(two, speak)
        for person, text in zip(two, reversed(words), strict=True):
            person.page.wait_for_function(READ, arg=text)
        for one, other in (two, two[::-1]):
            one.sees(other.name)
        return (time.monotonic() - since) * 1000

    def network_gone(self, two: Two, speak: Callable[[], None]) -> float:
        """Of one of them: signalling only, since Chromium takes no UDP away. test_moving.py takes the link down."""
        _, ben = two
        ben.context.set_offline(True)
        speak()
        ben.page.wait_for_timeout(AWAY_MS)
        ben.context.set_offline(False)
        return time.monotonic()

    def server_killed(self, two: Two, speak: Callable[[], None]) -> float:
        self.server.kill()
        speak()
        self.server = Server(self._data, self._port)
        return time.monotonic()
