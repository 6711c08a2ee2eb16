"""Capture files: pcap and pcapng, in both byte orders, with link layers and what else a reader meets in them.
Not here: what the packets say."""

import gzip
import struct
from dataclasses import dataclass, replace
from enum import IntEnum
from itertools import accumulate


class Link(IntEnum):
    """Link types by the numbers of tcpdump.org/linktypes."""

    NULL = 0
    ETHERNET = 1
    RAW = 101
    LOOP = 108
    COOKED = 113
    IPV4 = 228
    IPV6 = 229
    COOKED_2 = 276


HERE, THERE = bytes.fromhex("024200000001"), bytes.fromhex("024200000002")


@dataclass(frozen=True, slots=True)
class Record:
    """A packet as it goes into a file. `at`: ns since 1970. `ethertype`: 0x0800, 0x86DD, or 0x0806 (ARP)."""

    at: int
    packet: bytes
    outgoing: bool
    ethertype: int


@dataclass(frozen=True, slots=True)
class Form:
    """In which form a capture is written."""

    link: Link = Link.ETHERNET
    # Outermost first.
    vlans: tuple[int, ...] = ()
    order: str = "<"
    nanoseconds: bool = False
    snaplen: int = 262144
    ng: bool = False
    # With ng: further link types; packets take turns between interfaces.
    others: tuple[Link, ...] = ()
    # With ng: a new section, in the other byte order, in the middle of the file.
    sections: bool = False
    compressed: bool = False

    def carries(self, ethertype: int) -> bool:
        return ethertype != 0x0806 or all(
            link in (Link.ETHERNET, Link.COOKED, Link.COOKED_2) for link in (self.link, *self.others)
        )


def framed(record: Record, link: Link, order: str, vlans: tuple[int, ...] = ()) -> bytes:
    """With the header of its link layer."""
    kind, packet = record.ethertype, record.packet
    if link is Link.ETHERNET:
        ends = THERE + HERE if record.outgoing else HERE + THERE
        for at, vlan in enumerate(vlans):
            # The outer one of two is a service tag (IEEE 802.1ad).
            ends += struct.pack("!HH", 0x88A8 if at < len(vlans) - 1 else 0x8100, vlan)
        frame = ends + struct.pack("!H", kind) + packet
        # What comes in was padded by the sender's card; what goes out is seen before it is.
        return frame if record.outgoing else frame.ljust(60, b"\0")
    if link in (Link.NULL, Link.LOOP):
        family = 2 if kind == 0x0800 else 30
        return struct.pack("!I" if link is Link.LOOP else f"{order}I", family) + packet
    way = 4 if record.outgoing else 0
    if link is Link.COOKED:
        return struct.pack("!HHH6sxxH", way, 1, 6, HERE if way else THERE, kind) + packet
    if link is Link.COOKED_2:
        return struct.pack("!HxxIHBB6sxx", kind, 2, 1, way, 6, HERE if way else THERE) + packet
    return packet


# What stands before the packets, each packet's part, what stands behind them.
Parts = tuple[bytes, list[bytes], bytes]


def _pcap(records: list[Record], form: Form) -> Parts:
    order = form.order
    magic = 0xA1B23C4D if form.nanoseconds else 0xA1B2C3D4
    head = struct.pack(f"{order}IHHiIII", magic, 2, 4, 0, 0, form.snaplen, form.link)
    parts = []
    for record in records:
        frame = framed(record, form.link, order, form.vlans)
        seconds, rest = divmod(record.at, 1_000_000_000)
        kept = frame[: form.snaplen]
        fraction = rest if form.nanoseconds else rest // 1000
        parts.append(struct.pack(f"{order}IIII", seconds, fraction, len(kept), len(frame)) + kept)
    return head, parts, b""


def _block(order: str, kind: int, body: bytes) -> bytes:
    body += bytes(-len(body) % 4)
    size = 12 + len(body)
    return struct.pack(f"{order}II", kind, size) + body + struct.pack(f"{order}I", size)


def _option(order: str, code: int, value: bytes) -> bytes:
    return struct.pack(f"{order}HH", code, len(value)) + value + bytes(-len(value) % 4)


def _interface(order: str, form: Form, link: Link, number: int) -> bytes:
    options = _option(order, 2, b"eth%d" % number)
    # if_tsresol (draft-ietf-opsawg-pcapng section 4.2): 10^-9, 10^-6, or 2^-20 for every third interface.
    resolution = 9 if form.nanoseconds else (6, 6, 0x80 | 20)[number % 3]
    options += _option(order, 9, bytes([resolution])) + _option(order, 0, b"")
    return _block(order, 1, struct.pack(f"{order}HHI", link, 0, form.snaplen) + options)


def _ticks(at: int, form: Form, number: int) -> int:
    if form.nanoseconds:
        return at
    return -(-(at << 20) // 1_000_000_000) if number % 3 == 2 else at // 1000


def _pcapng(records: list[Record], form: Form) -> Parts:
    if form.sections:
        half = len(records) // 2
        head, parts, tail = _pcapng(records[:half], replace(form, sections=False))
        other = replace(form, sections=False, order="<" if form.order == ">" else ">")
        again, more, end = _pcapng(records[half:], other)
        return head, [*parts, tail + again + more[0], *more[1:]], end
    order = form.order
    options = _option(order, 4, b"captures") + _option(order, 0, b"")
    head = _block(order, 0x0A0D0D0A, struct.pack(f"{order}IHHq", 0x1A2B3C4D, 1, 0, -1) + options)
    links = (form.link, *form.others)
    head += b"".join(_interface(order, form, link, number) for number, link in enumerate(links))
    # Blocks that have to be passed over: names (4), and a custom one (0xBAD) of an enterprise nobody has.
    head += _block(order, 4, struct.pack(f"{order}HH4s8sHH", 1, 12, bytes([192, 0, 2, 1]), b"example\0", 0, 0))
    head += _block(order, 0xBAD, struct.pack(f"{order}I", 0xFFFFFFFF) + b"not for you")
    parts = []
    for at, record in enumerate(records):
        number = at % len(links)
        frame = framed(record, links[number], order, form.vlans)
        kept = frame[: form.snaplen]
        ticks = _ticks(record.at, form, number)
        body = struct.pack(f"{order}IIIII", number, ticks >> 32, ticks & 0xFFFFFFFF, len(kept), len(frame))
        body += kept + bytes(-len(kept) % 4)
        if at % 5 == 0:
            body += _option(order, 2, struct.pack(f"{order}I", 2 if record.outgoing else 1)) + _option(order, 0, b"")
        parts.append(_block(order, 6, body))
    return head, parts, _block(order, 5, struct.pack(f"{order}III", 0, 0, 0))


def written(records: list[Record], form: Form) -> tuple[bytes, list[int]]:
    """The bytes of the file, and where in it, before it is compressed, each packet's part ends."""
    head, parts, tail = (_pcapng if form.ng else _pcap)(records, form)
    ends = list(accumulate((len(part) for part in parts), initial=len(head)))[1:]
    data = head + b"".join(parts) + tail
    return gzip.compress(data, mtime=0) if form.compressed else data, ends
