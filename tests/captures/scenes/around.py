"""What a device says beside a call, or without one: copies of files, tunnels, games, what a network says unasked."""

import struct
from collections.abc import Iterator

from ..capture import scene
from ..labels import Endpoint, Label, Protocol
from ..protocols import calls, dtls, media, quic, rtp, small, stun, text, tls
from ..trace import Stream, Trace
from ..world import BACKUP, BEIJING, ME, RESOLVER, SFU, STRANGERS, TRACKER, WEB
from .weak_signalling import http

P = rtp.Profile


def _call(trace: Trace) -> Iterator[None]:
    """A call done well, a fifth of a second at a time, so that something else can be said between."""
    me, sfu = trace.at(ME), trace.at(SFU, 10000)
    calls.page(trace, WEB)
    calls.agreed(trace, me, sfu, dtls.Terms())
    legs = media.both_ways(trace, me, sfu, P.GCM_128)
    for _ in range(6):
        media.play(trace, legs, 0.2)
        yield


@scene("mixed", "backup", "a backup of files by TLS 1.3 while a call goes on: more bytes than the call has")
def _(trace: Trace) -> None:
    stream = None
    for _ in _call(trace):
        if stream is None:
            calls.lookup(trace, BACKUP)
            talk = tls.Talk(BACKUP.name)
            stream = calls.secure(trace, trace.at(ME), trace.at(BACKUP, 443), talk, Label.THIRD_PARTY)
        tls.data(stream, [14000, 40, 16000, 40])


@scene("mixed", "backup-in-clear", "a disk's image put to a server by HTTP while a call goes on: its blocks repeat")
def _(trace: Trace) -> None:
    block = trace.bytes(16)
    image = b"".join(block * 30 + trace.bytes(64) for _ in range(40))
    for number, _ in enumerate(_call(trace)):
        if number == 2:
            asked = text.request("PUT", "/disk.img", BACKUP.name, image, "application/octet-stream")
            http(trace, [(asked, text.response("201 Created"))], Label.THIRD_PARTY, host=BACKUP)


@scene("mixed", "film", "a film by QUIC from somebody else while a call goes on")
def _(trace: Trace) -> None:
    for number, _ in enumerate(_call(trace)):
        if number == 1:
            calls.lookup(trace, TRACKER)
            before = len(trace.frames)
            quic.talk(trace, trace.at(ME), trace.at(TRACKER, 443), quic.Terms(TRACKER.name), 120)
            trace.shown(Label.THIRD_PARTY, before, 1)


@scene("clean", "lan-and-call", "a call on a network that talks to itself: mDNS, SSDP, LLMNR, NetBIOS names, DHCP")
def _(trace: Trace) -> None:
    v6, network = trace.network.v6, trace.network
    printer = Endpoint("fd00:1::50" if v6 else "192.168.1.50", 5353)
    groups = {
        5353: ("ff02::fb", "224.0.0.251"),
        5355: ("ff02::1:3", "224.0.0.252"),
        1900: ("ff02::c", "239.255.255.250"),
    }
    group = {port: Endpoint(six if v6 else four, port) for port, (six, four) in groups.items()}
    everybody = "ff02::1" if v6 else "192.168.1.255"
    for number, _ in enumerate(_call(trace)):
        asked = small.question(0, "_googlecast._tcp.local", 12)
        trace.udp(network.at(ME, 5353), group[5353], asked, Protocol.DNS)
        told = small.answer(0, f"8e5a{number}f1c-27d4.local", network.address(ME))
        trace.udp(printer, group[5353], told, Protocol.DNS)
        trace.udp(trace.at(ME), group[5355], small.question(number, "wpad", 1), Protocol.DNS)
        notify = b"NOTIFY * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nNT: upnp:rootdevice\r\nNTS: ssdp:alive\r\n\r\n"
        trace.udp(Endpoint(printer.address, 1900), group[1900], notify)
        # RFC 1002 section 4.2.12, and a DHCP request (RFC 2131).
        names = (
            struct.pack("!HHHHHH", number, 0x0110, 1, 0, 0, 0)
            + b"\x20"
            + b"FEEFFDFECACACACACACACACACACACAAA"
            + b"\0\0\x20\0\1"
        )
        trace.udp(Endpoint(printer.address, 137), Endpoint(everybody, 137), names, soft=True)
        dhcp = struct.pack("!BBBBIHH", 1, 1, 6, 0, 0xB00B0000 + number, 0, 0) + bytes(24) + trace.bytes(6) + bytes(194)
        dhcp += b"\x63\x82\x53\x63\x35\1\3\xff"
        trace.udp(network.at(ME, 68), Endpoint(network.address(RESOLVER), 67), dhcp, soft=True)


@scene("alike", "vpn-esp", "a tunnel of IPsec in UDP (RFC 3948), whose numbers of a key begin like RTP does")
def _(trace: Trace) -> None:
    me, other = trace.at(ME, 4500), trace.at(STRANGERS[1], 4500)
    for number, ends in enumerate([(me, other), (other, me)] * 2):
        # IKEv2 (RFC 7296) behind a marker of zeros.
        body = trace.bytes(8) + bytes(8) + struct.pack("!BBBBI", 33, 0x20, 34, 8 if number % 2 == 0 else 0x20, 0)
        trace.udp(*ends, bytes(4) + body + struct.pack("!I", 400) + trace.bytes(372), soft=True)
    keys = 0x9C6F1234, 0xB7081234
    for number in range(180):
        ends, key = ((me, other), keys[0]) if number % 2 else ((other, me), keys[1])
        sealed = trace.bytes(16 * trace.random.randrange(3, 80) + 8)
        trace.udp(*ends, struct.pack("!II", key, number // 2 + 1) + sealed, soft=True)
        trace.wait(7)
        if number % 60 == 0:
            trace.udp(me, other, b"\xff", soft=True)


@scene("alike", "vpn-openvpn", "a tunnel of OpenVPN over UDP, whose packets begin as channels of TURN do")
def _(trace: Trace) -> None:
    me, other = trace.at(ME), trace.at(STRANGERS[2], 1194)
    for number in range(6):
        # Control packets: opcode and key, a session, no acknowledgement, a number, a piece of TLS.
        head = b"\x38" if number == 0 else b"\x20"
        piece = trace.bytes(8) + b"\0" + struct.pack("!I", number // 2) + (b"" if number < 2 else trace.bytes(180))
        trace.udp(*((other, me) if number % 2 else (me, other)), head + piece, soft=True)
    for number in range(180):
        ends = (me, other) if number % 2 else (other, me)
        sealed = struct.pack("!I", number // 2 + 1) + trace.bytes(trace.random.randrange(60, 1300))
        trace.udp(*ends, b"\x48\0\0\x07" + sealed, soft=True)
        trace.wait(7)


@scene("alike", "game-ticks", "a game: datagrams of ENet, whose first bytes are flags and a clock of milliseconds")
def _(trace: Trace) -> None:
    me, other = trace.at(ME), trace.at(STRANGERS[3], 5055)
    for number in range(240):
        ends = (me, other) if number % 2 else (other, me)
        clock = (trace.now // 1_000_000) & 0xFFFF
        state = struct.pack("!ffff", number / 7, 3.5, -number / 11, 90.0) + b"\0" * 8
        command = struct.pack("!BBHHH", 7, 0, 1, number // 2, len(state))
        trace.udp(*ends, struct.pack("!HH", 0x8000 | number % 2, clock) + command + state, soft=True)
        trace.wait(16)


@scene("alike", "game-and-call", "a game's datagrams of a session in clear while a call goes on")
def _(trace: Trace) -> None:
    me, other, count = trace.at(ME), trace.at(STRANGERS[4], 27015), 0
    for _ in _call(trace):
        for _ in range(30):
            count += 1
            world = b"".join(struct.pack("<Hhh", at, at * 3, count % 200) for at in range(12))
            ends = (me, other) if count % 3 else (other, me)
            trace.udp(*ends, struct.pack("<IIB", count, count - 1, 0x5A) + world, soft=True)


@scene("weak", "stun-outside-alone", "one's address asked of a server that the fence refuses, and nothing else")
def _(trace: Trace) -> None:
    _asks(trace, trace.at(ME), trace.at(BEIJING, 3478))


@scene("clean", "stun-inside-alone", "one's address asked of a server that the fence allows, and nothing else")
def _(trace: Trace) -> None:
    _asks(trace, trace.at(ME), trace.at(SFU, 3478))


def _asks(trace: Trace, me: Endpoint, server: Endpoint) -> None:
    for _ in range(5):
        ident = trace.bytes(12)
        trace.udp(me, server, stun.message(stun.BINDING, ident, []), Protocol.STUN)
        trace.wait(25)
        seen = (stun.XOR_MAPPED, stun.xored(me, ident))
        trace.udp(server, me, stun.message(stun.BINDING | stun.SUCCESS, ident, [seen]))
        trace.wait(9000)


@scene("alike", "ssh", "a shell by SSH while a call goes on")
def _(trace: Trace) -> None:
    stream = Stream(trace, trace.at(ME), trace.at(STRANGERS[5], 22))
    stream.ask(b"SSH-2.0-OpenSSH_9.2p1\r\n")
    stream.answer(b"SSH-2.0-OpenSSH_9.6\r\n")
    for _ in _call(trace):
        for _ in range(8):
            stream.ask(struct.pack("!I", 32) + trace.bytes(44))
            stream.answer(struct.pack("!I", 32) + trace.bytes(trace.random.randrange(44, 400)))


@scene("alike", "dns-by-tls", "names looked up by TLS without a name (RFC 7858) while a call goes on")
def _(trace: Trace) -> None:
    stream = calls.secure(trace, trace.at(ME), trace.at(RESOLVER, 853), tls.Talk("", alpn=("dot",), chosen="dot"))
    for _ in _call(trace):
        tls.data(stream, [128, 468])
