"""IPv4 (RFC 791), IPv6 (RFC 8200), UDP (RFC 768) and TCP (RFC 9293) packets with right checksums, and fragments.
Not here: link layers, files."""

import ipaddress
import struct

UDP, TCP, ICMP, ICMP_V6 = 17, 6, 1, 58
FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16


def checksum(data: bytes) -> int:
    """RFC 1071."""
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def is_v6(address: str) -> bool:
    return ":" in address


def packed(address: str) -> bytes:
    return ipaddress.ip_address(address).packed


def _checked(source: str, target: str, protocol: int, segment: bytes, at: int) -> bytes:
    """With the checksum over pseudo-header and segment, which is at offset `at`."""
    ends = packed(source) + packed(target)
    if is_v6(source):
        pseudo = ends + struct.pack("!IxxxB", len(segment), protocol)
    else:
        pseudo = ends + struct.pack("!xBH", protocol, len(segment))
    # 0 means that there is none (RFC 768).
    value = checksum(pseudo + segment) or 0xFFFF
    return segment[:at] + struct.pack("!H", value) + segment[at + 2 :]


def udp(source: str, from_port: int, target: str, to_port: int, payload: bytes) -> bytes:
    return _checked(source, target, UDP, struct.pack("!HHHH", from_port, to_port, 8 + len(payload), 0) + payload, 6)


def tcp(
    source: str, from_port: int, target: str, to_port: int, sequence: int, acknowledged: int, flags: int, payload: bytes
) -> bytes:
    options = b"\x02\x04\x05\xa0\x01\x03\x03\x07" if flags & SYN else b""
    header = struct.pack(
        "!HHIIBBHHH",
        from_port,
        to_port,
        sequence & 0xFFFFFFFF,
        acknowledged & 0xFFFFFFFF,
        (5 + len(options) // 4) << 4,
        flags,
        64240,
        0,
        0,
    )
    return _checked(source, target, TCP, header + options + payload, 16)


def icmp(source: str, target: str, kind: int, rest: bytes) -> tuple[int, bytes]:
    """Protocol and message (RFC 792, RFC 4443). `kind`: type and code."""
    head = struct.pack("!HH", kind, 0)
    if is_v6(source):
        return ICMP_V6, _checked(source, target, ICMP_V6, head + rest, 2)
    return ICMP, head[:2] + struct.pack("!H", checksum(head + rest)) + rest


def _v4(source: str, target: str, protocol: int, payload: bytes, ident: int, where: int) -> bytes:
    """`where`: flags and fragment offset as they stand in the header."""
    header = struct.pack(
        "!BBHHHBBH4s4s",
        0x45,
        0,
        20 + len(payload),
        ident & 0xFFFF,
        where,
        64,
        protocol,
        0,
        packed(source),
        packed(target),
    )
    return header[:10] + struct.pack("!H", checksum(header)) + header[12:] + payload


def _v6(source: str, target: str, following: int, payload: bytes) -> bytes:
    return struct.pack("!IHBB", 6 << 28, len(payload), following, 64) + packed(source) + packed(target) + payload


def ip(source: str, target: str, protocol: int, payload: bytes, ident: int = 0) -> bytes:
    if is_v6(source):
        return _v6(source, target, protocol, payload)
    return _v4(source, target, protocol, payload, ident, 0x4000)


def later_part(packet: bytes, size: int) -> bytes:
    """A TCP packet without options with only the last `size` bytes of what it carries."""
    source, target, start = ends(packet)
    segment = packet[start:]
    from_port, to_port, sequence, acknowledged = struct.unpack("!HHII", segment[:12])
    before = len(segment) - 20 - size
    again = tcp(source, from_port, target, to_port, sequence + before, acknowledged, segment[13], segment[-size:])
    return ip(source, target, TCP, again)


def ends(packet: bytes) -> tuple[str, str, int]:
    """Addresses of an IP packet as this module makes them, and where its header ends."""
    v4 = packet[0] >> 4 == 4
    size, first = (4, 12) if v4 else (16, 8)
    source, target = (str(ipaddress.ip_address(packet[at : at + size])) for at in (first, first + size))
    return source, target, 20 if v4 else 40


def with_options(packet: bytes) -> bytes:
    """The packet with IPv4 options (no operation, end of list) or an IPv6 hop-by-hop header of padding (RFC 8200)."""
    if packet[0] >> 4 == 6:
        size = int.from_bytes(packet[4:6]) + 8
        more = bytes([packet[6], 0, 1, 4, 0, 0, 0, 0])
        return packet[:4] + struct.pack("!HBB", size, 0, packet[7]) + packet[8:40] + more + packet[40:]
    size = int.from_bytes(packet[2:4]) + 8
    header = b"\x47" + packet[1:2] + struct.pack("!H", size) + packet[4:10] + bytes(2) + packet[12:20]
    header += b"\1\1\1\1\1\1\1\0"
    return header[:10] + struct.pack("!H", checksum(header)) + header[12:] + packet[20:]


def fragments(packet: bytes, size: int, ident: int) -> list[bytes]:
    """The packet in fragments of at most `size` bytes of payload, a multiple of 8."""
    source, target, start = ends(packet)
    protocol, payload = packet[9 if start == 20 else 6], packet[start:]
    if len(payload) <= size:
        return [packet]
    made = []
    for at in range(0, len(payload), size):
        piece = payload[at : at + size]
        more = at + size < len(payload)
        if packet[0] >> 4 == 4:
            made.append(_v4(source, target, protocol, piece, ident, (0x2000 if more else 0) | at // 8))
        else:
            # RFC 8200 section 4.5: next header, reserved, offset with M, identification.
            made.append(_v6(source, target, 44, struct.pack("!BBHI", protocol, 0, at | more, ident) + piece))
    return made
