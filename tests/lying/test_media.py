"""Lies about where media goes: the answer's fingerprint, candidates and the node's binding of both.
Lies about which node it should be are in test_entry.py."""

import os
import re
from collections.abc import Callable

import pytest

from .documents import b64, payload, unb64
from .proxy import Lie, Message, Session
from .world import World

FALSE = bytes(range(32))
ELSEWHERE = "127.0.0.2"  # this machine, and not in the statement


def fingerprint_line(digest: bytes) -> str:
    return "a=fingerprint:sha-256 " + ":".join(f"{byte:02X}" for byte in digest)


def with_fingerprint(sdp: str) -> str:
    return re.sub(r"a=fingerprint:\S+ [0-9A-Fa-f:]+", fingerprint_line(FALSE), sdp)


def with_address(sdp: str, address: str) -> str:
    return re.sub(r"(a=candidate:\S+ \d \S+ \d+) \S+", rf"\1 {address}", sdp)


def fingerprint_in_the_sdp(world: World, session: Session, answer: Message) -> Message:
    return answer | {"sdp": with_fingerprint(answer["sdp"])}


def fingerprint_bound_by_another_key(world: World, session: Session, answer: Message) -> Message:
    binding = world.bind(unb64(answer["binding"]), world.other_node, fingerprint=FALSE)
    return answer | {"sdp": with_fingerprint(answer["sdp"]), "binding": b64(binding)}


def second_fingerprint_beside(world: World, session: Session, answer: Message) -> Message:
    """The genuine one stays first in each section; which one a parser takes must not matter."""
    line = r"(a=fingerprint:\S+ [0-9A-Fa-f:]+)"
    return answer | {"sdp": re.sub(line, rf"\1\r\n{fingerprint_line(FALSE)}", answer["sdp"])}


def fingerprint_of_one_section(world: World, session: Session, answer: Message) -> Message:
    """Overrides the session's fingerprint in the last media section alone (RFC 8122 section 5)."""
    return answer | {"sdp": answer["sdp"].rstrip() + "\r\n" + fingerprint_line(FALSE) + "\r\n"}


def fingerprint_behind_a_bare_newline(world: World, session: Session, answer: Message) -> Message:
    """Browsers end a line at the newline alone; a checker that waits for both would not see this one."""
    hidden = rf"\1\n{fingerprint_line(FALSE)}"
    return answer | {"sdp": re.sub(r"(a=setup:\w+)", hidden, answer["sdp"])}


def no_fingerprint(world: World, session: Session, answer: Message) -> Message:
    return answer | {"sdp": re.sub(r"a=fingerprint:[^\r\n]+\r?\n", "", answer["sdp"])}


def address_unlisted_but_bound(world: World, session: Session, answer: Message) -> Message:
    binding = world.bind(unb64(answer["binding"]), address=ELSEWHERE)
    return answer | {"sdp": with_address(answer["sdp"], ELSEWHERE), "binding": b64(binding)}


def address_not_the_bound_one(world: World, session: Session, answer: Message) -> Message:
    return answer | {"sdp": with_address(answer["sdp"], ELSEWHERE)}


def candidate_line(answer: Message) -> str:
    return re.search(r"a=candidate:[^\r\n]+", answer["sdp"]).group()


def beside(answer: Message, candidate: str, end: str = "\r\n") -> Message:
    line = candidate_line(answer)
    return answer | {"sdp": answer["sdp"].replace(line, f"{line}{end}{candidate}")}


def another_candidate_beside(world: World, session: Session, answer: Message) -> Message:
    return beside(answer, with_address(candidate_line(answer), ELSEWHERE))


def candidate_behind_a_bare_newline(world: World, session: Session, answer: Message) -> Message:
    return beside(answer, with_address(candidate_line(answer), ELSEWHERE), end="\n")


def relayed_candidate_beside(world: World, session: Session, answer: Message) -> Message:
    relayed = f"a=candidate:7 1 udp 41885439 {ELSEWHERE} 3478 typ relay raddr 127.0.0.1 rport 9"
    return beside(answer, relayed)


def candidate_over_tcp(world: World, session: Session, answer: Message) -> Message:
    return beside(answer, re.sub(r" udp ", " tcp ", candidate_line(answer), flags=re.I) + " tcptype passive")


def port_not_the_bound_one(world: World, session: Session, answer: Message) -> Message:
    changed = re.sub(r"(a=candidate:\S+ \d \S+ \d+ \S+) \d+", r"\1 9", answer["sdp"])
    return answer | {"sdp": changed}


def binding_of_another_nonce(world: World, session: Session, answer: Message) -> Message:
    return answer | {"binding": b64(world.bind(unb64(answer["binding"]), nonce=os.urandom(16)))}


def binding_of_another_group(world: World, session: Session, answer: Message) -> Message:
    return answer | {"binding": b64(world.bind(unb64(answer["binding"]), group=os.urandom(32)))}


def binding_with_an_unknown_field(world: World, session: Session, answer: Message) -> Message:
    return answer | {"binding": b64(world.bind(unb64(answer["binding"]), relay="anywhere"))}


def a_route_record_for_a_binding(world: World, session: Session, answer: Message) -> Message:
    """The node signed it, for something else: labels keep signatures apart."""
    fields = payload(unb64(answer["binding"]))
    return answer | {"binding": b64(world.node.sign("route", fields))}


ANSWERS = {
    fingerprint_in_the_sdp: "certificate-substituted",
    fingerprint_bound_by_another_key: "signature-wrong",
    second_fingerprint_beside: "certificate-substituted",
    fingerprint_of_one_section: "certificate-substituted",
    fingerprint_behind_a_bare_newline: "certificate-substituted",
    no_fingerprint: "certificate-substituted",
    address_unlisted_but_bound: "address-substituted | address-not-stated",
    address_not_the_bound_one: "address-substituted",
    another_candidate_beside: "address-substituted",
    candidate_behind_a_bare_newline: "address-substituted",
    relayed_candidate_beside: "transport-unexpected",
    candidate_over_tcp: "transport-unexpected",
    port_not_the_bound_one: "address-substituted",
    binding_of_another_nonce: "channel-elsewhere",
    binding_of_another_group: "channel-elsewhere",
    binding_with_an_unknown_field: "field-unknown",
    a_route_record_for_a_binding: "signature-wrong",
}


@pytest.mark.parametrize(("lie", "name"), ANSWERS.items(), ids=lambda v: getattr(v, "__name__", ""))
def test_a_false_answer_is_refused_by_name_and_gets_no_media(
    call, world: World, lie: Callable[[World, Session, Message], Message], name: str
):
    meeting = call(Lie(answer=lambda session, answer: lie(world, session, answer)), flows=False)
    meeting.victim.refuses(name)
    meeting.victim.never_sent()


def test_an_answer_without_a_binding_is_refused_by_name(call):
    def unbound(session: Session, answer: Message) -> Message:
        return {k: v for k, v in answer.items() if k != "binding"}

    meeting = call(Lie(answer=unbound), flows=False)
    meeting.victim.refuses("server-message-unreadable")
    meeting.victim.never_sent()


def test_media_stops_when_the_route_leaves_the_fence_in_the_middle_of_a_call(call, world: World):
    meeting = call()
    other = world.other_node
    statement = world.stated(other)
    world.server.lie = world.serving(
        lambda d: {
            "route": world.routed(d["route"], statement, other, other),
            "statement": statement,
        }
    )
    meeting.session.cut()
    meeting.refused("country-outside | probe-refused")


def test_media_stops_when_the_charter_changes_in_the_middle_of_a_call(call, world: World):
    meeting = call()
    forged = meeting.owner.charter(title=b"another title, sealed by nobody..")
    world.server.lie = world.serving(lambda d: {"charter": forged})
    meeting.session.cut()
    meeting.refused("charter-forked")
