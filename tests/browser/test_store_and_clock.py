"""A disk that is full or read-only and clocks that are set, in the middle of a meeting: what the people in it see.
Not here: lost connections and killed servers (test_faults.py)."""

import itertools
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from machine import free_port

from .conftest import people
from .frames import before_workers
from .network import may_have_own_network
from .person import Person, agreed
from .server import Server

REFUSED = "RF1009"
BACK = -3_600_000
AHEAD = 3_600_000
# The page and its worker ask the same clock; it can be set from outside.
CLOCK = """{
  const now = Date.now;
  let ahead = 0;
  Date.now = () => now() + ahead;
  self.setClock = (by) => { ahead = by; };
}
"""


class Disk:
    """A small one, with the server's folder on it."""

    def __init__(self, at: Path) -> None:
        at.mkdir()
        self.at, self._ballast = at, at / "ballast"
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=6m", "ringfence-test", str(at)], check=True)

    def fill(self) -> None:
        with self._ballast.open("wb", 0) as ballast:
            for size in (1 << 16, 1 << 12, 1):
                try:
                    while ballast.write(bytes(size)):
                        pass
                except OSError:
                    continue

    def make_room(self) -> None:
        self._ballast.unlink()

    def remove(self) -> None:
        subprocess.run(["umount", str(self.at)], check=True)


@pytest.fixture
def disk(alone: object, tmp_path: Path) -> Iterator[Disk]:
    if not may_have_own_network():
        pytest.skip("a disk is mounted by root only")
    disk = Disk(tmp_path / "data")
    yield disk
    disk.remove()


@pytest.fixture
def somebody_there(disk: Disk, browser: Browser) -> Iterator[Callable[..., Person]]:
    server = Server(disk.at, free_port())
    with people(browser, server.url) as somebody:
        yield somebody
    server.stop()


def meeting(
    somebody: Callable[..., Person], prepared: Callable[[Person], None] = lambda _: None
) -> tuple[Person, Person, str]:
    """Its owner, a guest, and the link."""
    ada, ben = two = [somebody("Ada"), somebody("Ben")]
    for person in two:
        prepared(person)
    link = ada.new_meeting("Class 4b", "People I admit")
    ada.ask_to_join().is_in()
    ben.open(link).ask_to_join()
    ada.admit("Ben")
    ben.is_in()
    goes_on(ada, ben)
    return ada, ben, link


def goes_on(ada: Person, ben: Person) -> None:
    ada.sees("Ben")
    ben.sees("Ada")
    agreed(ada, ben)


def test_a_full_disk_is_said_and_nothing_that_was_said_is_lost(
    disk: Disk, somebody_there: Callable[..., Person]
) -> None:
    ada, ben, _ = meeting(somebody_there)
    ada.chat("there is room")
    ben.reads("there is room")
    disk.fill()
    numbers = itertools.count(1)
    said: list[str] = []

    def refused() -> bool:
        said.append(f"note {next(numbers)}.")
        ada.chat(said[-1])
        return ada.page.get_by_role("alert").filter(has_text=REFUSED).count() > 0

    ada.until(refused, "the disk is never full")
    ada.is_told(REFUSED)
    ada.picture("disk-full")
    goes_on(ada, ben)
    ben.press("Mute")
    expect(ada.mark("Ben", "muted")).to_be_visible()
    expect(ben.page.get_by_role("log").get_by_text(said[-1])).to_have_count(0)
    disk.make_room()
    ben.chat("and there is again")
    for person in (ada, ben):
        for text in (*said, "and there is again"):
            person.reads(text)
            expect(person.page.get_by_role("log").get_by_text(text)).to_have_count(1)
    goes_on(ada, ben)


@pytest.fixture
def staged(tmp_path: Path) -> Path:
    """Where faults of the server are turned on."""
    return tmp_path


@pytest.fixture
def somebody_staged(staged: Path, alone: object, browser: Browser) -> Iterator[Callable[..., Person]]:
    server = Server(staged / "data", free_port(), staged=staged)
    with people(browser, server.url) as somebody:
        yield somebody
    server.stop()


def test_a_read_only_store_is_said_the_meeting_goes_on_and_all_is_taken_when_it_can_be_written_again(
    staged: Path, somebody_staged: Callable[..., Person]
) -> None:
    ada, ben, link = meeting(somebody_staged)
    read_only = staged / "read-only"
    read_only.touch()
    ada.chat("nobody can keep this")
    ada.is_told(REFUSED)
    expect(ada.page.get_by_role("alert").filter(has_text=REFUSED)).to_contain_text("cannot write anything down")
    expect(ben.page.get_by_role("log").get_by_text("nobody can keep this")).to_have_count(0)
    # Who is in goes on, and nobody comes in: that would have to be kept.
    goes_on(ada, ben)
    ben.press("Mute")
    expect(ada.mark("Ben", "muted")).to_be_visible()
    cleo = somebody_staged("Cleo")
    cleo.open(link).ask_to_join()
    ada.admit("Cleo")
    ada.is_told(REFUSED)
    ada.picture("store-read-only")
    cleo.is_waiting()
    # A meeting cannot be made either, and the dialog says so.
    dora = somebody_staged("Dora")
    dora.begin_meeting("Somewhere else")
    dora.press("Create meeting")
    dora.is_told(REFUSED)
    read_only.unlink()
    dora.press("Create meeting")
    expect(dora.page.get_by_role("textbox", name="Meeting link")).to_be_visible()
    ben.reads("nobody can keep this")
    # Who was let in comes in as soon as that can be kept.
    cleo.is_in()
    for person in (ada, ben):
        person.sees("Cleo")
        person.reads("nobody can keep this")
        expect(person.page.get_by_role("log").get_by_text("nobody can keep this")).to_have_count(1)
    agreed(ada, ben, cleo)


@pytest.mark.parametrize("by", [AHEAD, BACK], ids=["ahead", "back"])
def test_a_server_whose_clock_is_set_is_said_nothing_of_and_holds_the_meeting(
    staged: Path, somebody_staged: Callable[..., Person], by: int
) -> None:
    ada, ben, link = meeting(somebody_staged)
    code = agreed(ada, ben)
    (staged / "ahead").write_text(str(by / 1000))
    ada.chat("after the server's clock was set")
    ben.reads("after the server's clock was set")
    goes_on(ada, ben)
    # What was agreed on before it goes on, and so does coming back and coming in.
    assert agreed(ada, ben) == code
    ben.page.reload()
    ben.is_in()
    ben.reads("after the server's clock was set")
    cleo = somebody_staged("Cleo")
    cleo.open(link).ask_to_join()
    ada.admit("Cleo")
    cleo.is_in()
    everybody = (ada, ben, cleo)
    for person in everybody:
        for other in everybody:
            if other is not person:
                person.sees(other.name)
        expect(person.page.get_by_role("alert").filter(has_text=re.compile(r"RF\d{4}"))).to_have_count(0)
        expect(person.page.get_by_text(re.compile("cut off"))).to_have_count(0)
    agreed(*everybody)


def clocks(person: Person) -> None:
    person.context.add_init_script(CLOCK)
    before_workers(person.context, CLOCK)


def set_clock(person: Person, by: int) -> None:
    for place in (person.page, *person.page.workers):
        place.evaluate(f"() => self.setClock({by})")


@pytest.mark.parametrize("by", [AHEAD, BACK], ids=["ahead", "back"])
def test_a_clock_that_is_set_costs_nobody_their_place(somebody: Callable[..., Person], by: int) -> None:
    ada, ben, _ = meeting(somebody, clocks)
    for person in (ben, ada):  # whose guest is told of by the host's device, and the other way round
        set_clock(person, by)
        ada.chat(f"after {person.name}'s clock was set")
        ben.chat(f"after the clock of {person.name} was set")
        for one in (ada, ben):
            one.reads(f"after {person.name}'s clock was set")
            one.reads(f"after the clock of {person.name} was set")
        goes_on(ada, ben)
    for person in (ada, ben):
        expect(person.page.get_by_text(re.compile("cut off"))).to_have_count(0)
        expect(person.page.get_by_role("alert").filter(has_text=re.compile(r"RF\d{4}"))).to_have_count(0)
    expect(ada.button(re.compile("^Admit"))).to_have_count(0)
