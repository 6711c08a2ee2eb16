"""Lies about what beacons measured: shown before the call, and brought in the middle of it.
Which of them a fence that asks for proof refuses is in core/e2ee/tests/beacons.rs: this address is private."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any

import pytest
from playwright.sync_api import expect

from .documents import Key, Owner, altered, b64, re_signed
from .proxy import Lie, Message, Session
from .world import Documents, World

HERE, PORT = "127.0.0.1", 40000
TORONTO, BEIJING = (4_365_000, -7_938_000), (3_990_000, 11_640_000)


@dataclass
class Beacons:
    """A beacon that the owner pinned, another one, and a node that answers both."""

    world: World
    pinned: Key = field(default_factory=Key)
    stranger: Key = field(default_factory=Key)

    def answered(self, asker: Key, nonce: bytes, address: str, node: Key) -> bytes:
        """What a node signs that is asked (docs/protocol/documents.md)."""
        mapped = ip_address(f"::ffff:{address}").packed
        asked = b"ringfence echo v1" + nonce + asker.public + mapped + PORT.to_bytes(2, "big")
        return node.sign_raw(asked)

    def measured(self, by: Key, place: tuple[int, int] = TORONTO, node: Key | None = None, **changes: Any) -> bytes:
        nonce, node = os.urandom(32), node or self.world.node
        fields = {
            "version": 1,
            "beacon": by.public,
            "name": "near",
            "lat": place[0],
            "lon": place[1],
            "node": node.public,
            "address": HERE,
            "port": PORT,
            "samples": 20,
            "least": 1000,
            "at": int(time.time()),
            "nonce": nonce,
            "answer": self.answered(by, nonce, HERE, node),
        }
        return by.sign("transcript", fields | changes)

    # shown, and not signed or not answered so

    def edited(self) -> list[bytes]:
        return [altered(self.measured(self.pinned), least=1)]

    def signed_by_another_beacon(self) -> list[bytes]:
        return [re_signed(self.measured(self.pinned), "transcript", self.stranger)]

    def answered_by_another_node(self) -> list[bytes]:
        document = self.measured(self.pinned, node=self.world.other_node)
        return [re_signed(document, "transcript", self.pinned, node=self.world.node.public)]

    def answered_at_another_address(self) -> list[bytes]:
        return [self.measured(self.pinned, address="127.0.0.2")]

    def answered_to_another_beacon(self) -> list[bytes]:
        nonce = os.urandom(32)
        answer = self.answered(self.stranger, nonce, HERE, self.world.node)
        return [self.measured(self.pinned, nonce=nonce, answer=answer)]

    def under_another_label(self) -> list[bytes]:
        return [re_signed(self.measured(self.pinned), "node", self.pinned)]

    def no_document(self) -> list[bytes]:
        return [b"no transcript"]

    def too_many(self) -> list[bytes]:
        return [self.measured(self.pinned)] * 17

    # true, and against the node

    def pinned_in_beijing(self) -> list[bytes]:
        return [self.measured(self.pinned, BEIJING)]

    def stranger_in_beijing(self) -> list[bytes]:
        return [self.measured(self.stranger, BEIJING)]

    # of no harm

    def true(self) -> list[bytes]:
        return [self.measured(self.pinned), self.measured(self.stranger)]

    def about_something_else(self) -> list[bytes]:
        old = int(time.time()) - 7200
        return [
            self.measured(self.pinned, BEIJING, node=self.world.other_node),
            self.measured(self.pinned, BEIJING, at=old),
        ]

    def owner(self) -> Owner:
        return self.world.owner()

    def charter(self, owner: Owner) -> bytes:
        operators = {owner.operator["id"]: owner.operator["key"]}
        trust = {"operators": operators, "log": owner.log, "beacons": [self.pinned.public], "data": []}
        return owner.charter(trust=trust)

    def showing(self, transcripts: list[bytes]) -> Lie:
        """The node is stated to be in Toronto, and the page is shown these."""

        def stated(d: Documents) -> Documents:
            node = self.world.node
            statement = self.world.stated(node, country="CA", lat=TORONTO[0], lon=TORONTO[1])
            return {"statement": statement, "route": self.world.routed(d["route"], statement, node, node)}

        lie = self.world.serving(stated)
        said = {"transcripts": [b64(transcript) for transcript in transcripts]}
        vouched = lie.rewrites["hello"]

        def hello(session: Session, message: Message) -> Message:
            return vouched(session, message) | said

        return Lie(meeting=lambda message: lie.meeting(message) | said, hello=hello)


@pytest.fixture
def beacons(world: World) -> Beacons:
    return Beacons(world)


SHOWN = {
    Beacons.edited: "transcript-wrong",
    Beacons.signed_by_another_beacon: "transcript-wrong",
    Beacons.answered_by_another_node: "transcript-wrong",
    Beacons.answered_at_another_address: "transcript-wrong",
    Beacons.answered_to_another_beacon: "transcript-wrong",
    Beacons.under_another_label: "transcript-wrong",
    Beacons.no_document: "transcript-wrong",
    Beacons.too_many: "transcript-wrong",
    Beacons.pinned_in_beijing: "round-trip-contradicts",
    Beacons.stranger_in_beijing: "round-trip-in-doubt",
}


@pytest.mark.parametrize(("lie", "name"), SHOWN.items(), ids=lambda v: getattr(v, "__name__", ""))
def test_what_beacons_did_not_sign_or_what_contradicts_the_node_is_refused_by_name(
    beacons: Beacons, victim, lie: Callable[[Beacons], list[bytes]], name: str
):
    owner = beacons.owner()
    link = beacons.world.hold(owner, beacons.charter(owner))
    beacons.world.server.lie = beacons.showing(lie(beacons))
    victim.open(link).try_to_join()
    victim.refuses(name)
    victim.never_sent()


@pytest.mark.parametrize("shown", [Beacons.true, Beacons.about_something_else], ids=lambda v: v.__name__)
def test_what_is_true_or_about_something_else_does_no_harm(beacons: Beacons, victim, shown):
    owner = beacons.owner()
    link = beacons.world.hold(owner, beacons.charter(owner))
    beacons.world.server.lie = beacons.showing(shown(beacons))
    victim.open(link)
    join = victim.page.get_by_role("button", name="Join", exact=True)
    victim.page.get_by_role("textbox", name="Your name").fill("Vera")
    expect(join.and_(victim.page.locator(":enabled"))).to_be_visible()
    assert victim.alert().count() == 0


BROUGHT = {
    Beacons.edited: "transcript-wrong",
    Beacons.no_document: "transcript-wrong",
}


@pytest.mark.parametrize(("lie", "name"), BROUGHT.items(), ids=lambda v: getattr(v, "__name__", ""))
def test_a_lie_that_is_brought_in_the_call_stops_it(
    call, beacons: Beacons, lie: Callable[[Beacons], list[bytes]], name: str
):
    meeting = call()
    transcripts = [b64(transcript) for transcript in lie(beacons)]
    meeting.session.tell({"t": "transcripts", "transcripts": transcripts})
    meeting.refused(name)
