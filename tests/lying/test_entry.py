"""Lies told before the call: charter, route, statement and the hello that vouches for them.
Lies told inside it are in test_commits.py, test_delivery.py and test_media.py."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from .documents import Key, Owner, altered, inner, payload, re_signed
from .proxy import Lie
from .world import Documents, World


@dataclass
class Told:
    """What a row of the table needs: the world and the meeting's owner."""

    world: World
    owner: Owner

    def other_fence(self) -> dict[str, Any]:
        fence = payload(self.owner.charter())["fence"]
        return fence | {"nodes": [self.world.other_node.public]}

    # charter

    def policy_changed(self, d: Documents) -> Documents:
        return {"charter": altered(d["charter"], fence=self.other_fence())}

    def policy_changed_and_signed_by_the_node(self, d: Documents) -> Documents:
        changed = re_signed(d["charter"], "charter", self.world.node, fence=self.other_fence())
        return {"charter": changed}

    def policy_changed_under_another_owner(self, d: Documents) -> Documents:
        thief = Key()
        return {"charter": re_signed(d["charter"], "charter", thief, owner=thief.public, fence=self.other_fence())}

    def lobby_stripped(self, d: Documents) -> Documents:
        return {"charter": altered(d["charter"], admission="link", founders="link")}

    def charter_of_another_meeting(self, d: Documents) -> Documents:
        return {"charter": self.owner.charter(meeting=bytes(16))}

    def expired_charter(self, d: Documents) -> Documents:
        limits = payload(d["charter"])["limits"] | {"until": int(time.time()) - 3600}
        return {"charter": self.owner.charter(limits=limits)}

    def charter_with_an_unknown_field(self, d: Documents) -> Documents:
        return {"charter": self.owner.charter(recording="server")}

    # route and statement

    def route(self, d: Documents, statement: bytes, by: Key, named: Key) -> Documents:
        return {
            "route": self.world.routed(d["route"], statement, by, named),
            "statement": statement,
        }

    def route_to_a_node_outside_the_fence(self, d: Documents) -> Documents:
        other = self.world.other_node
        return self.route(d, self.world.stated(other), other, other)

    def route_outside_the_fence_signed_by_the_genuine_node(self, d: Documents) -> Documents:
        other = self.world.other_node
        return self.route(d, self.world.stated(other), self.world.node, other)

    def route_signed_by_another_node(self, d: Documents) -> Documents:
        return {"route": re_signed(d["route"], "route", self.world.other_node)}

    def route_of_another_meeting(self, d: Documents) -> Documents:
        return {"route": re_signed(d["route"], "route", self.world.node, meeting=bytes(16))}

    def statement_that_the_route_does_not_name(self, d: Documents) -> Documents:
        return {"statement": self.world.stated(self.world.node, serial=77)}

    def statement_of_an_operator_nobody_trusts(self, d: Documents) -> Documents:
        statement = self.world.stated(self.world.node, operator=Key())
        return self.route(d, statement, self.world.node, self.world.node)

    def statement_not_signed_by_its_node(self, d: Documents) -> Documents:
        fields = payload(inner(self.world.statement))
        statement = self.world.operator.sign("statement", self.world.other_node.sign("node", fields))
        return self.route(d, statement, self.world.node, self.world.node)

    def expired_statement(self, d: Documents) -> Documents:
        past = int(time.time()) - 3600
        statement = self.world.stated(self.world.node, until=past, **{"from": past - 3600})
        return self.route(d, statement, self.world.node, self.world.node)

    def statement_without_media(self, d: Documents) -> Documents:
        statement = self.world.stated(self.world.node, roles=["web", "signalling", "keys"])
        return self.route(d, statement, self.world.node, self.world.node)


# lie → the name of the error that has to be in an alert
DOCUMENTS = {
    Told.policy_changed: "signature-wrong",
    Told.policy_changed_and_signed_by_the_node: "signature-wrong",
    Told.policy_changed_under_another_owner: "charter-not-by-owner",
    Told.lobby_stripped: "signature-wrong",
    Told.charter_of_another_meeting: "charter-of-another-meeting",
    Told.expired_charter: "meeting-over",
    Told.charter_with_an_unknown_field: "field-unknown",
    Told.route_to_a_node_outside_the_fence: "country-outside | probe-refused",
    Told.route_outside_the_fence_signed_by_the_genuine_node: "route-not-understood | signature-wrong",
    Told.route_signed_by_another_node: "signature-wrong",
    Told.route_of_another_meeting: "route-not-understood",
    Told.statement_that_the_route_does_not_name: "route-not-understood",
    Told.statement_of_an_operator_nobody_trusts: "operator-not-trusted | statement-invalid",
    Told.statement_not_signed_by_its_node: "statement-invalid",
    Told.expired_statement: "statement-out-of-date | probe-refused",
    Told.statement_without_media: "role-not-stated | no-media-node | route-not-understood",
}


@pytest.mark.parametrize(("change", "name"), DOCUMENTS.items(), ids=lambda v: getattr(v, "__name__", ""))
def test_false_documents_are_refused_by_name(
    world: World, victim, change: Callable[[Told, Documents], Documents], name: str
):
    owner = world.owner(admission="lobby" if change is Told.lobby_stripped else "link")
    told = Told(world, owner)
    link = world.hold(owner)
    world.server.lie = world.serving(lambda d: change(told, d))
    victim.open(link).try_to_join()
    victim.refuses(name)
    victim.never_sent()


# Only the hello lies: what the page read of the meeting before was true.
PROOFS = {
    "signed_by_another_node": (lambda w, s, m: w.vouch(s, m, w.other_node), "signature-wrong"),
    "of_another_nonce": (lambda w, s, m: w.vouch(s, m, nonce=bytes(16)), "greeting-replayed"),
    "of_another_charter": (lambda w, s, m: w.vouch(s, m, charter=bytes(32)), "greeting-mismatch"),
    "of_another_generation": (lambda w, s, m: w.vouch(s, m, generation=9), "greeting-mismatch"),
}


@pytest.mark.parametrize(("proof", "name"), PROOFS.values(), ids=PROOFS)
def test_a_hello_with_a_forged_proof_is_refused(world: World, victim, proof: Any, name: str):
    link = world.hold(world.owner())
    world.server.lie = world.serving(lambda d: d, lambda s, m: proof(world, s, m))
    victim.open(link).try_to_join()
    victim.refuses(name)
    victim.never_sent()


def test_a_route_that_leaves_the_fence_only_in_the_hello_is_refused(world: World, victim):
    owner = world.owner()
    link = world.hold(owner)
    told = Told(world, owner)
    everywhere = world.serving(told.route_to_a_node_outside_the_fence)
    world.server.lie = Lie(hello=everywhere.rewrites["hello"])
    victim.open(link).try_to_join()
    victim.refuses("country-outside | probe-refused")
    victim.never_sent()


# What the page has seen: first → then, each signed by those who may.
def lower_version(told: Told) -> tuple[Any, Any]:
    return (lambda d: {"charter": told.owner.charter(version=2, previous=bytes(32))}), (lambda d: d)


def same_version_other_content(told: Told) -> tuple[Any, Any]:
    return (lambda d: d), (lambda d: {"charter": told.owner.charter(title=b"x" * 40)})


def lower_serial(told: Told) -> tuple[Any, Any]:
    def with_serial(serial: int) -> Any:
        node = told.world.node
        statement = told.world.stated(node, serial=serial)
        return lambda d: told.route(d, statement, node, node)

    return with_serial(1001), with_serial(1000)


REMEMBERED = {
    lower_version: "charter-older",
    same_version_other_content: "charter-forked",
    lower_serial: "statement-older",
}


@pytest.mark.parametrize(("story", "name"), REMEMBERED.items(), ids=lambda v: getattr(v, "__name__", ""))
def test_what_a_page_has_seen_cannot_be_taken_back(world: World, victim, story, name):
    owner = world.owner()
    link = world.hold(owner)
    first, then = story(Told(world, owner))
    seen = world.server.lie = world.serving(first)
    victim.open(link).try_to_join()
    seen.session().wait("said", "found")
    world.server.lie = world.serving(then)
    victim.open(link).try_to_join()
    victim.refuses(name)
    victim.never_sent()
