"""Lies about the nodes that could have carried the meeting: a list that is not the one that the route was signed with.
Lies about the route are in test_entry.py."""

from collections.abc import Callable
from typing import Any

import pytest

from . import cbor
from .documents import Key, b64, sha256, unb64
from .proxy import Lie, Message, Session
from .world import Documents, World

Listed = list[dict[str, Any]]


def other(refused: str | None, node: Key | None = None, statement: bytes | None = None) -> dict[str, Any]:
    public = (node or Key()).public
    return {"node": b64(public), "refused": refused, "statement": statement and b64(statement)}


def listing(world: World, signed: Listed, shown: Listed) -> Lie:
    """The node signs its route with one list of others beside itself, and shows another."""
    here = {"node": b64(world.node.public), "refused": None, "statement": None}
    hashed = sha256(cbor.encode([{"node": unb64(one["node"]), "refused": one["refused"]} for one in [here, *signed]]))

    def signs(documents: Documents) -> Documents:
        route, statement = documents["route"], documents["statement"]
        signed_so = world.routed(route, statement, world.node, world.node, candidates=hashed)
        return documents | {"route": signed_so}

    lie = world.serving(signs)
    vouched = lie.rewrites["hello"]

    def hello(session: Session, message: Message) -> Message:
        return vouched(session, message) | {"candidates": [here, *shown]}

    return Lie(meeting=lie.meeting, hello=hello)


LIES: dict[str, Callable[[Listed], Listed]] = {
    "nothing_listed": lambda listed: [],
    "one_more": lambda listed: [*listed, other("RF2104")],
    "another_node": lambda listed: [other(None)],
    "the_node_in_use_twice": lambda listed: listed * 2,
    "the_node_in_use_is_refused": lambda listed: [listed[0] | {"refused": "RF2104"}],
}


@pytest.mark.parametrize("change", LIES.values(), ids=LIES)
def test_a_list_that_was_not_signed_gets_no_media(world: World, victim, change: Callable[[Listed], Listed]):
    def hello(_: Session, message: Message) -> Message:
        return message | {"candidates": change(message["candidates"])}

    link = world.hold(world.owner())
    world.server.lie = Lie(hello=hello)
    victim.open(link).try_to_join()
    victim.refuses("candidates-elsewhere")
    victim.never_sent()


HIDDEN: dict[str, Callable[[Listed], Listed]] = {
    "a_refused_one_is_left_out": lambda listed: listed[:1],
    "for_another_reason": lambda listed: [listed[0], listed[1] | {"refused": "RF2108"}],
    "as_if_nothing_was_against_it": lambda listed: [listed[0], listed[1] | {"refused": None}],
    "in_another_order": lambda listed: listed[::-1],
}


@pytest.mark.parametrize("change", HIDDEN.values(), ids=HIDDEN)
def test_what_was_against_another_node_cannot_be_hidden(world: World, victim, change: Callable[[Listed], Listed]):
    signed = [other("RF2110"), other("RF2104")]
    link = world.hold(world.owner())
    world.server.lie = listing(world, signed, change(signed))
    victim.open(link).try_to_join()
    victim.refuses("candidates-elsewhere")
    victim.never_sent()
