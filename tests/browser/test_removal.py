"""Who is removed has no media and no keys from then on; who comes later has none from before."""

import re
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from .frames import Ear, Frame
from .native import Native
from .network import Capture, may_have_own_network, media
from .person import Person
from .sframe import Header, open_with

WITHIN = 2.0  # seconds
# On a machine with nothing else to do all of it takes less than two; this one may have a build.
PATIENCE = 10.0


def opened(frames: list[Frame], keys: dict[tuple[int, int], bytes]) -> int:
    """How many of the frames any of these keys opens, under any KID that they could be meant for."""
    count = 0
    for frame in frames:
        header = frame.header
        kids = {header.kid, *(kid_of(header, epoch, leaf) for epoch, leaf in keys)}
        tried = (open_with(key, frame.clear, frame.sealed, kid) for key in keys.values() for kid in kids)
        count += any(plain is not None for plain in tried)
    return count


def kid_of(header: Header, epoch: int, leaf: int) -> int:
    return header.context << 21 | leaf << 11 | epoch & 0x7FF


def some(ear: Ear, person: Person, enough: int = 12) -> list[Frame]:
    """Frames that this person sends from now on, of camera and microphone."""
    ear.take()
    frames: list[Frame] = []

    def heard() -> bool:
        frames.extend(f for f in ear.take() if f.sent)
        videos = sum(f.video for f in frames)
        return videos >= enough and len(frames) - videos >= enough

    person.until(heard, "sends nothing")
    return frames


def test_a_removed_member_can_open_nothing_that_is_sent_later(
    somebody: Callable[..., Person], native: Callable[[str, str], Native]
) -> None:
    ada, ben = somebody("Ada", heard=True), somebody("Ben")
    link = ada.new_meeting("Board")
    ada.ask_to_join().is_in()
    ben.join(link)
    nina = native(link, "Nina").phase("in")
    ada.sees("Ben")
    ear = Ear(ada.page)
    epoch = nina.epoch
    before = ada.until(lambda: [f for f in some(ear, ada) if f.header.epoch == epoch & 0x7FF], "stays in an old epoch")
    assert opened(before, nina.keys) == len(before), "the keys that Nina holds have to be the right ones"
    ada.remove("Nina")
    nina.phase("removed")
    removed = time.time()
    ada.until(lambda: time.time() > removed + WITHIN, "time stands still")
    later = some(ear, ada)
    assert {f.header.epoch for f in later}.isdisjoint({f.header.epoch for f in before})
    assert opened(later, nina.keys) == 0
    ben.sees("Ada")


def test_a_new_member_can_open_nothing_that_was_sent_before(
    somebody: Callable[..., Person], native: Callable[[str, str], Native]
) -> None:
    ada, ben = somebody("Ada", heard=True), somebody("Ben")
    link = ada.new_meeting("Board")
    ada.ask_to_join().is_in()
    ben.join(link)
    ada.sees("Ben")
    ear = Ear(ada.page)
    before = some(ear, ada)
    nina = native(link, "Nina").phase("in")
    epoch = nina.epoch
    after = ada.until(lambda: [f for f in some(ear, ada) if f.header.epoch == epoch & 0x7FF], "stays in an old epoch")
    assert opened(after, nina.keys) == len(after), "the keys that Nina holds have to be the right ones"
    assert opened(before, nina.keys) == 0


def test_the_removed_is_told_and_gets_no_packet_after_two_seconds(
    somebody: Callable[..., Person],
) -> None:
    ada, ben, mallory = somebody("Ada"), somebody("Ben"), somebody("Mallory")
    link = ada.new_meeting("Board")
    ada.ask_to_join().is_in()
    ben.join(link)
    mallory.join(link)
    for person in (ada, ben):
        person.sees("Mallory")
    mallory.sees("Ada")
    port = mallory.own_media_port()
    if not may_have_own_network():
        pytest.skip("packets can be captured by root only")
    with Capture(media) as capture:
        ada.remove("Mallory")
        clicked = time.time()
        mallory.reads_removed()
        for person in (ada, ben):
            expect(person.tile("Mallory")).to_have_count(0)
        gone = time.time()
        print(f"everybody has read it {gone - clicked:.1f} s after the click")
        assert gone - clicked < PATIENCE
        ada.until(lambda: max(p.at for p in capture.packets) > gone + WITHIN + 1.5, "time stands still")
        packets = capture.packets
    theirs = [p for p in packets if port in (p.source_port, p.target_port)]
    assert theirs, "Mallory's media must have been captured before the removal"
    assert max(p.at for p in theirs) < max(gone, clicked + WITHIN)
    assert mallory.page.evaluate("window.connections.every((c) => c.connectionState === 'closed')")
    ada.sees("Ben")
    mallory.picture("removed")


def test_after_a_removal_the_old_link_opens_the_lobby_only(somebody: Callable[..., Person]) -> None:
    ada, ben, mallory = somebody("Ada"), somebody("Ben"), somebody("Mallory")
    link = ada.new_meeting("Board")
    ada.ask_to_join().is_in()
    ben.join(link)
    mallory.join(link)
    ada.remove("Mallory")
    mallory.reads_removed()
    again = somebody("Mallory again")
    again.open(link).ask_to_join()
    again.is_waiting()
    expect(ada.button(re.compile("^Admit.*Mallory again"))).to_be_visible()
