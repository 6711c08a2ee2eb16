"""Lies about the log of routes, told by who has its key: not written down, taken back, or another story for each.
Lies about other documents are in test_entry.py."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser

from .documents import Fields, Key, Owner, re_signed, unb64
from .notes import MadeUp
from .page import Victim
from .proxy import Lie, Message, Session
from .world import World

Change = Callable[[World, Message], Fields | None]


def owner(world: World) -> Owner:
    """Whose charter names the server's log."""
    return world.owner(log={"origin": world.log_origin, "key": world.log.public})


def saying(change: Callable[[Message], Any]) -> Lie:
    """Another word about the log in each hello."""

    def hello(_: Session, message: Message) -> Message:
        return message | {"logged": change(message)}

    return Lie(hello=hello)


def made_up(world: World, message: Message, size: int, **how: Any) -> Fields:
    return MadeUp(world.log_origin, world.log, size).shown(unb64(message["route"]), **how)


LIES: dict[str, tuple[Change, str]] = {
    "nothing_shown": (lambda w, m: None, "route-not-logged"),
    "another_place": (lambda w, m: m["logged"] | {"index": 0}, "log-inclusion-refused"),
    "another_salt": (lambda w, m: m["logged"] | {"salt": "A" * 43}, "log-inclusion-refused"),
    "a_cut_proof": (lambda w, m: m["logged"] | {"proof": m["logged"]["proof"][1:]}, "log-inclusion-refused"),
    "another_signer": (lambda w, m: made_up(w, m, 3, signer=Key()), "note-signature-wrong"),
    "another_log": (lambda w, m: MadeUp("elsewhere/log", w.log, 3).shown(unb64(m["route"])), "note-unsigned"),
}


@pytest.mark.parametrize(("change", "name"), LIES.values(), ids=LIES)
def test_a_route_that_the_log_does_not_show_is_refused(world: World, victim, change: Change, name: str):
    for _ in range(2):  # so that proofs are not empty
        world.hold(owner(world))
    link = world.hold(owner(world))
    world.server.lie = saying(lambda message: change(world, message))
    victim.open(link).try_to_join()
    victim.refuses(name)
    victim.never_sent()


def test_a_route_changed_without_a_record_is_refused(world: World, victim):
    link = world.hold(owner(world))
    world.server.lie = world.serving(lambda d: {"route": re_signed(d["route"], "route", world.node, why="load")})
    victim.open(link).try_to_join()
    victim.refuses("log-inclusion-refused")
    victim.never_sent()


@pytest.mark.parametrize(
    ("sizes", "name"),
    [((9, 3), "log-rolled-back"), ((5, 5), "log-forked"), ((5, 8), "log-growth-unproven")],
    ids=["taken_back", "rewritten", "grown_without_proof"],
)
def test_what_a_log_has_shown_a_device_stays(world: World, victim, sizes: tuple[int, int], name: str):
    first, then = world.hold(owner(world)), world.hold(owner(world))
    before, after = sizes
    seen = world.server.lie = saying(lambda message: made_up(world, message, before))
    victim.open(first).try_to_join()
    seen.session().wait("said", "found")
    world.server.lie = saying(lambda message: made_up(world, message, after))
    victim.open(then).try_to_join()
    victim.refuses(name)
    victim.never_sent()


@pytest.fixture
def second(browser: Browser, world: World) -> Iterator[Victim]:
    with Victim(browser, world.server.url) as second:
        yield second


def test_two_members_who_are_shown_two_logs_both_refuse(world: World, victim, second):
    """Each was shown a log that holds for itself. They find out from each other, sealed."""
    link = world.hold(owner(world))
    world.server.lie = Lie()
    first = world.server.lie

    def other_tree(message: Message) -> Fields:
        return made_up(world, message, size=int(message["logged"]["checkpoint"].split("\n")[1]))

    victim.open(link).try_to_join()
    first.session().wait("said", "found")
    world.server.lie = saying(other_tree)
    second.open(link).try_to_join()
    victim.refuses("log-forked")
    second.refuses("log-forked")
