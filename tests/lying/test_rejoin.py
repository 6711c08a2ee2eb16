"""Lies to who comes back: another group than the one they were in, with a ghost, under other rules, or altered.
And lies to those who are there, about somebody who comes back or is lost."""

import os
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from . import cbor
from .accomplice import Accomplice, book
from .call import Call
from .documents import Key, b64, unb64
from .proxy import Message


def twin(call: Call, message: Message, ghost: bool = False, **group: Any) -> Message:
    """Another group for the same meeting, by a host who helps the server; the victim is admitted to it."""
    host = call.host
    other = Accomplice(host.server, host.attacker, host.link, host.host)
    other.hello = host.hello
    group.setdefault("generation", 1)
    other.make_group(**{"group": unb64(host.state["group"])} | group)
    admission = host.ledger[1]["admission"]
    other.plan([admission], adds=[other.ghost(None).package] if ghost else [])
    state = other.ask("merge")
    ledger = other.ledger_after({"admissions": [admission], "removals": []}, 1)
    shown = {"group_info": state["group_info"], "tree": state["tree"], "epoch": state["epoch"]}
    return message | shown | {"ledger": b64(book(ledger))}


def with_a_ghost(call: Call, message: Message) -> Message:
    return twin(call, message, ghost=True)


def of_another_group(call: Call, message: Message) -> Message:
    return twin(call, message, group=os.urandom(32))


def under_another_charter(call: Call, message: Message) -> Message:
    return twin(call, message, charter=os.urandom(32))


def on_another_route(call: Call, message: Message) -> Message:
    return twin(call, message, route=os.urandom(32))


def by_a_founder_without_a_right(call: Call, message: Message) -> Message:
    return twin(call, message, by=Key())


def with_a_shorter_ledger(call: Call, message: Message) -> Message:
    return message | {"ledger": b64(book(cbor.decode(unb64(message["ledger"]))["entries"][:1]))}


def at_another_epoch(call: Call, message: Message) -> Message:
    return message | {"epoch": message["epoch"] + 1}


def with_the_tree_of_before(call: Call, message: Message) -> Message:
    return message | {"tree": call.host.first_tree}


GROUPS = {
    with_a_ghost: "admission-missing",
    of_another_group: "welcome-foreign | admission-elsewhere",
    under_another_charter: "charter-change",
    on_another_route: "route-change",
    by_a_founder_without_a_right: "genesis-not-allowed",
    with_a_shorter_ledger: "ledger-mismatch",
    at_another_epoch: "welcome-foreign",
    with_the_tree_of_before: "mls-refused",
}


@pytest.mark.parametrize(("wrong", "name"), GROUPS.items(), ids=lambda v: getattr(v, "__name__", ""))
def test_who_comes_back_refuses_another_group_by_name(
    call: Callable[..., Call], wrong: Callable[[Call, Message], Message], name: str
):
    meeting = call()
    meeting.lie.rewrites["group"] = lambda session, message: wrong(meeting, message)
    meeting.victim.page.reload()
    meeting.victim.refuses(name)
    meeting.victim.never_sent()


def test_who_was_admitted_comes_back_when_nobody_lies(call: Callable[..., Call]):
    meeting = call(admission="lobby")
    meeting.victim.page.reload()
    meeting.host.expect("confirmed")
    meeting.victim.is_in()
    meeting.victim.sends()


def test_a_host_is_not_taken_for_lost_by_who_hears_them(call, accomplices):
    """A guest helps the server: the victim hears the host, says so, and does not vouch for it."""
    meeting = call()
    guest = accomplices(meeting.owner.link)
    guest.knock(guest.admission(unb64(guest.hello["group"]), meeting.owner.link.key))
    meeting.host.welcome_next()
    guest.welcomed()
    leaf = guest.leaf_of(meeting.host.member.public)
    before = len(meeting.session.said)
    meeting.session.tell(guest.plan(lost=[leaf], removes=[leaf]))
    meeting.victim.refuses("lost-but-heard")
    assert meeting.session.wait("said", "checked", after=before)["ok"] is False


def test_nobody_is_lost_unsaid(call, accomplices):
    meeting = call()
    guest = accomplices(meeting.owner.link)
    guest.knock(guest.admission(unb64(guest.hello["group"]), meeting.owner.link.key))
    meeting.host.welcome_next()
    guest.welcomed()
    leaf = guest.leaf_of(meeting.host.member.public)
    meeting.session.tell(guest.plan(lost=[7], removes=[leaf]))
    meeting.refused("removal-unsigned | documents-surplus")


def test_a_key_that_nothing_can_be_sealed_to_stops_no_page(call):
    """A member asks what was said before, and wants it sealed to a point of low order (RFC 7748 section 6.1)."""
    meeting = call()
    page = meeting.victim.page
    meeting.host.seal(t="recall", key=bytes(32))
    meeting.host.seal(t="chat", id="1", text="said after it")
    page.get_by_role("button", name="Chat").click()
    expect(page.get_by_role("log").get_by_text("said after it")).to_be_visible()
    meeting.victim.sends()


def test_a_hosts_profile_with_such_a_key_is_not_believed(call):
    """Whoever knocks would seal their name to it: nobody could knock any more."""
    meeting = call()
    meeting.host.seal(t="profile", name="Mallory", hpke=bytes(32))
    meeting.victim.refuses("sealed-unreadable")
    assert not meeting.victim.page.get_by_text("Mallory").count()
