"""Who waits in a lobby is told nothing and sent nothing; a host lets in or turns away."""

import json
import re
import zlib
from collections import defaultdict
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from .network import TCP, UDP, Capture, Packet, may_have_own_network
from .person import Person
from .server import Server

MAY_HEAR = {"hello", "waiting", "error", "denied", "amended"}
# What a call needs and a lobby must not have: in signalling, in JSON, in SDP.
FORBIDDEN = re.compile(
    r"a=ice-|ice-ufrag|ice-pwd|a=fingerprint|a=candidate|candidate:|\bsdp\b|\"answer\"|\"slots\"|\"present\""
    r"|\"welcome\"|\"commit\"|\"sealed\"|\"tree\"|\"ledger\"",
)


@pytest.fixture(scope="module")
def call(resident: Callable[..., Person]) -> tuple[Person, Person, str]:
    """A host and an admitted member whose media flow, and the link."""
    ada, ben = resident("Adelheid"), resident("Benedikt")
    link = ada.new_meeting("Surgery hours", who="People I admit")
    ada.ask_to_join().is_in()
    ben.open(link).ask_to_join()
    ben.is_waiting()
    ada.admit("Benedikt")
    ben.is_in()
    ada.sees("Benedikt")
    ben.sees("Adelheid")
    return ada, ben, link


def test_the_transcript_of_who_waits_holds_nothing_of_the_meeting(
    call: tuple[Person, Person, str], somebody: Callable[..., Person]
) -> None:
    ada, _, link = call
    walt = somebody("Walt")
    walt.open(link).ask_to_join()
    walt.is_waiting()
    expect(ada.button(re.compile("^Admit.*Walt"))).to_be_visible()
    ada.chat("Nobody outside should read this")  # something happens in the meeting meanwhile
    ada.press("Stop camera")
    ada.press("Start camera")
    messages = [json.loads(frame) for frame in walt.heard]
    assert {m["t"] for m in messages} <= MAY_HEAR
    assert "waiting" in {m["t"] for m in messages}
    assert not FORBIDDEN.search("\n".join(walt.heard))
    assert walt.page.evaluate("window.connections.length") == 0
    walt.picture("lobby")
    ada.picture("lobby-host")
    in_call = "\n".join(ada.heard)
    assert FORBIDDEN.search(in_call), "the same search finds it in the transcript of a member"
    ada.deny("Walt")


def test_packets_to_who_waits_hold_nothing_of_the_meeting(
    call: tuple[Person, Person, str], somebody: Callable[..., Person], server: Server
) -> None:
    if not may_have_own_network():
        pytest.skip("packets can be captured by root only")
    ada, ben, link = call
    before = ada.own_ports() | ben.own_ports()
    # Of who was here before Wanda, in any meeting of this server.
    former = set(Person.ports)
    with Capture(lambda packet: packet.protocol in (TCP, UDP)) as capture:
        wanda = somebody("Wanda")
        wanda.open(link).ask_to_join()
        wanda.is_waiting()
        expect(ada.button(re.compile("^Admit.*Wanda"))).to_be_visible()
        told = wanda.until(lambda: words(capture.packets, server), "the words to Wanda must be in the capture")
        packets = capture.packets
    known = before | ada.own_ports() | ben.own_ports()
    # What asks a name server, and its answer, is no media: another test counts that.
    sent = [p for p in packets if p.protocol == UDP and 53 not in (p.source_port, p.target_port)]
    servers = {p.target_port for p in sent if p.source_port in known}
    assert known & {p.source_port for p in sent}, "the media of the members must be in the capture"
    assert known.isdisjoint(servers), "members send to the server, not to each other"
    strange = [p for p in sent if not {p.source_port, p.target_port} <= known | servers | former]
    assert strange == [], "UDP of or to somebody who is not in the call"
    for text in told:
        assert not FORBIDDEN.search(text)
        for secret in ("Adelheid", "Benedikt", link.split("#")[1], "Surgery hours"):
            assert secret not in text
    ada.deny("Wanda")


def words(packets: list[Packet], server: Server) -> list[str]:
    """What it said to whom it told to wait."""
    return [text for text in streams(packets, server) if "waiting" in text]


def streams(packets: list[Packet], server: Server) -> list[str]:
    """What the server said on each connection, WebSocket messages inflated."""
    port = int(server.url.rsplit(":", 1)[1])
    parts: dict[int, dict[int, bytes]] = defaultdict(dict)
    for packet in packets:
        if packet.protocol == TCP and packet.source_port == port and packet.payload:
            parts[packet.target_port][packet.sequence] = packet.payload
    whole = (b"".join(data for _, data in sorted(one.items())) for one in parts.values())
    return [websocket_text(data) for data in whole]


def websocket_text(data: bytes) -> str:
    """RFC 6455 section 5.2, with RFC 7692 where the first reserved bit says so."""
    head, upgraded, rest = data.partition(b"\r\n\r\n")
    if not upgraded or b"101 Switching" not in head:
        return data.decode("latin-1")
    inflate, said = zlib.decompressobj(-15), ""
    while len(rest) >= 2:
        size, at = rest[1] & 0x7F, 2
        if size >= 126:
            wide = 2 if size == 126 else 8
            size, at = int.from_bytes(rest[2 : 2 + wide], "big"), 2 + wide
        payload = rest[at : at + size]
        if len(payload) < size:
            break  # the rest of it is still to come
        if rest[0] & 0x40:
            payload = inflate.decompress(payload + b"\x00\x00\xff\xff")
        said, rest = said + payload.decode("latin-1"), rest[at + size :]
    return said


def test_who_is_denied_is_told(call: tuple[Person, Person, str], somebody: Callable[..., Person]) -> None:
    ada, _, link = call
    xena = somebody("Xena")
    xena.open(link).ask_to_join()
    xena.is_waiting()
    ada.deny("Xena")
    expect(xena.page.get_by_text(re.compile("not let in|denied|declined", re.IGNORECASE)).first).to_be_visible()
    expect(ada.tile("Xena")).to_have_count(0)


def test_who_is_admitted_is_in_and_seen(call: tuple[Person, Person, str], somebody: Callable[..., Person]) -> None:
    ada, ben, link = call
    yann = somebody("Yann")
    yann.open(link).ask_to_join()
    yann.is_waiting()
    ada.admit("Yann")
    yann.is_in()
    for person in (ada, ben):
        person.sees("Yann")
    yann.sees("Adelheid")
    yann.sees("Benedikt")
