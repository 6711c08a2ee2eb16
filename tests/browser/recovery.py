"""How soon somebody is back from a fault: each has a bound of its own, and what it took is told at the end of a run.
Not here: the faults, or what people read meanwhile."""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from playwright.sync_api import expect

from .person import Person, agreed

# Seconds. Who is gone is taken for lost by the others when they were not heard for LOST, and are heard every BEAT
# (core/e2ee/src/participant). So who is back sooner than UNLOST did not wait for that.
LOST, BEAT = 15, 5
UNLOST = LOST - BEAT
# Where nothing says so, a connection is known to be dead when nobody was heard for so long (core/e2ee/src/participant).
SILENCE = 10
# The page's longest wait between two attempts to reach the server (web/src/net/socket.ts).
LONGEST_WAIT = 8
TOLD = "how soon people were back"
Record = Callable[[str, object], None]


class Recovery:
    def __init__(self, record: Record) -> None:
        self._record = record

    @contextmanager
    def after(self, fault: str, within: float) -> Iterator[None]:
        """From the end of the fault until all that is inside was seen."""
        since = time.monotonic()
        yield
        self.took(fault, time.monotonic() - since, within)

    def took(self, fault: str, seconds: float, within: float) -> None:
        self._record(TOLD, f"back after {fault}: {seconds:.1f} s, of {within:g} s at most")
        assert seconds < within, f"back after {fault} only in {seconds:.1f} s"


def back_in(*people: Person) -> None:
    """All see all, and nobody was asked to let somebody in."""
    for one in people:
        for other in people:
            if one is not other:
                one.sees(other.name)
                expect(one.tile(other.name)).to_have_count(1)
        expect(one.button(re.compile("^Admit"))).to_have_count(0)
    agreed(*people)


def read_once(*people: Person, texts: tuple[str, ...]) -> None:
    for person in people:
        for text in texts:
            person.reads(text)
            expect(person.page.get_by_role("log").get_by_text(text)).to_have_count(1)
