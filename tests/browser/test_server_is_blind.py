"""The server has no key, name, title, word or frame of a meeting: not in memory, files or logs.
The same search finds all of them in those who take part."""

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest

from interop.wire import TsMls, Wire
from lying.accomplice import Accomplice
from lying.documents import Link, b64, hkdf, unb64

from .frames import Ear
from .memory import found_in_files, found_in_memory
from .native import Native
from .person import Person
from .server import Server

WORD = secrets.token_hex(6)
TITLE = f"Council of {WORD} Heights"
HOST = f"Adelheid {WORD}"
GUEST = f"Nikodemus {WORD}"
SAID = f"the {WORD} budget is not for the newspapers"
PIECE = 24  # bytes of an encoded frame: nothing repeats them by chance


@dataclass
class Planted:
    """What was planted, and who holds it."""

    browser: dict[str, bytes]  # in Ada's browser
    native: dict[str, bytes] = field(default_factory=dict)  # in Nina's process
    other: dict[str, bytes] = field(default_factory=dict)  # in the process of the member by ts-mls
    frames: dict[str, bytes] = field(default_factory=dict)  # in Ada's browser

    @property
    def all(self) -> dict[str, bytes]:
        return self.browser | self.native | self.other | self.frames


@dataclass
class Meeting:
    planted: Planted
    link: Link
    native: Native
    other: TsMls


@pytest.fixture(scope="module")
def ts_mls() -> Iterator[TsMls]:
    process = TsMls()
    yield process
    process.close()


@pytest.fixture(scope="module")
def meeting(
    server: Server,
    resident: Callable[..., Person],
    native: Callable[[str, str], Native],
    ts_mls: TsMls,
) -> Iterator[Meeting]:
    """Two browsers, a native member and a member by ts-mls, in a meeting that was talked and filmed in."""
    ada, ben = resident(HOST, heard=True), resident("Ben")
    address = ada.new_meeting(TITLE)
    ada.ask_to_join().is_in()
    ben.join(address)
    ada.sees("Ben")
    nina = native(address, GUEST).phase("in")
    link = Link.parse(address)
    with Wire(server.url) as wire:
        tess = Accomplice(wire, ts_mls, link)
        tess.connect()
        tess.join()
        ada.chat(SAID)
        nina.wait(lambda e: e["t"] == "chat" and e["text"] == SAID)
        tess.expect("sealed")
        ear = Ear(ada.page, keep=True)
        heard = ada.until(lambda: [f for f in ear.take() if f.sent and len(f.plain) > 200], "sends nothing")
        ear.close()
        ada.until(lambda: tess.state["epoch"] <= nina.epoch, "the native member lags behind")
        yield Meeting(plant(link, nina, tess, heard), link, nina, ts_mls)


def plant(link: Link, nina: Native, tess: Accomplice, frames: list) -> Planted:
    pieces = {f"frame {n}": f.plain[60 : 60 + PIECE] for n, f in enumerate(frames[:40])}
    base = {f"base key {key}": value for key, value in nina.keys.items()}
    named = tess.ask("secrets")
    schedule = {f"MLS {name}": unb64(value) for name, value in named["schedule"].items()}
    path = {f"MLS path {n}": unb64(value) for n, value in enumerate(named["path"])}
    # Chromium keeps text as it is; what it computes with keys lives where it pleases.
    text = {"title": TITLE.encode(), "host": HOST.encode(), "chat": SAID.encode()}
    browser = text | {"guest": GUEST.encode(), "link": b64(link.secret + link.owner_half).encode()}
    held = {"secret": link.secret, "said": SAID.encode(), "name": GUEST.encode(), **base}
    mine = {"PSK": link.psk, **schedule, **path}
    return Planted(browser, held, mine, pieces)


def test_the_server_holds_none_of_it_in_memory(meeting: Meeting, server: Server) -> None:
    derived = {"link key": link_seed(meeting.link), "title key": title_key(meeting.link)}
    assert found_in_memory(server.pid, meeting.planted.all | derived) == set()


def test_the_server_wrote_none_of_it_down(meeting: Meeting, server: Server) -> None:
    derived = {"link key": link_seed(meeting.link), "title key": title_key(meeting.link)}
    assert found_in_files(server.writings, meeting.planted.all | derived) == set()


def test_the_same_search_finds_what_the_server_does_know(meeting: Meeting, server: Server) -> None:
    known = {"meeting": meeting.link.meeting}
    assert found_in_memory(server.pid, known) == set(known)
    assert found_in_files(server.writings, known) == set(known)


def test_the_same_search_finds_the_keys_in_the_native_member(meeting: Meeting) -> None:
    wanted = meeting.planted.native
    last = max(meeting.native.epoch, 0)
    current = {name for name in wanted if not name.startswith("base key") or f"({last}," in name}
    assert found_in_memory(meeting.native.pid, wanted) >= current


def test_the_same_search_finds_the_epoch_secrets_in_the_member_by_ts_mls(meeting: Meeting) -> None:
    wanted = {k: v for k, v in meeting.planted.other.items() if not k.startswith("MLS path")}
    assert found_in_memory(meeting.other.pid, wanted) == set(wanted)


def test_the_same_search_finds_names_words_and_frames_in_a_browser(meeting: Meeting, chromium_pid: int) -> None:
    wanted = meeting.planted.browser | meeting.planted.frames
    assert meeting.planted.frames
    assert found_in_memory(chromium_pid, wanted) == set(wanted)


def link_seed(link: Link) -> bytes:
    return hkdf(link.secret, link.meeting, "ringfence link key v1")


def title_key(link: Link) -> bytes:
    return hkdf(link.secret, link.meeting, "ringfence title v1")
