"""What happens to packets on their way, and to files afterwards.
Not here: what is still to be found then."""

from collections.abc import Callable
from dataclasses import replace
from random import Random

from . import packets
from .capture import Piece

Change = Callable[[list[Piece], Random], list[Piece]]


def reordered(made: list[Piece], random: Random) -> list[Piece]:
    """Neighbours change places, some packets come up to three later; times go with their packets. What opens a TCP
    connection stays first."""
    made = list(made)
    for at in range(len(made) - 1):
        if random.random() < 0.2:
            to = min(at + random.randrange(1, 4), len(made) - 1)
            if not any(_opens(piece) for piece in made[at : to + 1]):
                made.insert(to, made.pop(at))
    return made


def _opens(piece: Piece) -> bool:
    """Whether it is a SYN, or an ACK without data, by which a connection opens."""
    key = piece.frame.key
    return key is not None and key[0] == "tcp" and piece.payload == 0


def in_time(made: list[Piece], random: Random) -> list[Piece]:
    """Reordered on the way: each packet has the time at which it came."""
    times = [piece.at for piece in made]
    return [replace(piece, at=at) for piece, at in zip(reordered(made, random), times, strict=True)]


def duplicated(made: list[Piece], random: Random) -> list[Piece]:
    """Every fourth packet or so is there twice, as where two ports of a switch are watched."""
    doubled: list[Piece] = []
    for piece in made:
        doubled.append(piece)
        if random.random() < 0.25:
            doubled.append(replace(piece, at=piece.at + 7000))
    return doubled


def all_twice(made: list[Piece], random: Random) -> list[Piece]:
    return [replace(piece, at=piece.at + more) for piece in made for more in (0, 3000)]


def fragmented(size: int, shuffled: bool) -> Change:
    def change(made: list[Piece], random: Random) -> list[Piece]:
        cut: list[Piece] = []
        for number, piece in enumerate(made):
            if piece.frame.key is None:
                cut.append(piece)
                continue
            head = 8 if piece.frame.key[0] == "udp" else 0
            parts = packets.fragments(piece.packet, size, 0x4000 + number)
            total = len(parts) > 1
            some = []
            for at, part in enumerate(parts):
                header = 20 if part[0] >> 4 == 4 else 48
                inside = len(part) - header - (head if at == 0 else 0)
                counted = inside if total else piece.payload
                some.append(replace(piece, packet=part, payload=counted, at=piece.at + at, first=at == 0))
            if total and head == 0:
                # Of TCP the first fragment has the header, whose length is in it.
                some[0] = replace(some[0], payload=piece.payload - sum(one.payload for one in some[1:]))
            if shuffled:
                random.shuffle(some)
            cut += some
        return cut

    return change


def resent(made: list[Piece], random: Random) -> list[Piece]:
    """TCP sends the second half of a segment again, as after a lost acknowledgement."""
    more: list[Piece] = []
    for piece in made:
        more.append(piece)
        key = piece.frame.key
        if key and key[0] == "tcp" and piece.payload >= 40 and random.random() < 0.4:
            half = piece.payload // 2
            more.append(replace(piece, at=piece.at + 9000, packet=packets.later_part(piece.packet, half), payload=half))
    return more


def unsummed(made: list[Piece], random: Random) -> list[Piece]:
    """What goes out has no right checksum yet: the card makes it."""
    wrong = []
    for piece in made:
        if piece.frame.key and piece.frame.outgoing:
            at = (20 if piece.packet[0] >> 4 == 4 else 40) + (6 if piece.frame.key[0] == "udp" else 16)
            piece = replace(piece, packet=piece.packet[:at] + b"\x12\x34" + piece.packet[at + 2 :])
        wrong.append(piece)
    return wrong


def optioned(made: list[Piece], random: Random) -> list[Piece]:
    return [replace(piece, packet=packets.with_options(piece.packet)) if piece.frame.key else piece for piece in made]


def each(*changes: Change) -> Change:
    """One after the other."""

    def change(made: list[Piece], random: Random) -> list[Piece]:
        for one in changes:
            made = one(made, random)
        return made

    return change


def from_the_middle(made: list[Piece], random: Random) -> list[Piece]:
    """Recording began when the call had begun."""
    return made[len(made) // 3 :]


def lossy(made: list[Piece], random: Random) -> list[Piece]:
    """The recorder missed one packet in twelve."""
    return [piece for piece in made if random.random() > 1 / 12]


def media_damaged(made: list[Piece], random: Random) -> list[Piece]:
    """In every fifteenth packet of media or data some bytes of the payload are wrong."""
    return [_damaged(piece, random) if piece.frame.soft and random.random() < 1 / 15 else piece for piece in made]


def _damaged(piece: Piece, random: Random) -> Piece:
    packet, start = bytearray(piece.packet), len(piece.packet) - piece.payload
    if piece.payload < 20:
        return piece
    for _ in range(random.randrange(1, 6)):
        # Past the first bytes, so that it stays a packet of its protocol.
        packet[random.randrange(start + 16, len(packet))] ^= random.randrange(1, 256)
    return replace(piece, packet=bytes(packet), whole=False)


def slow_clock(made: list[Piece], random: Random) -> list[Piece]:
    """A clock that was set back twice while it recorded."""
    steps = (len(made) // 3, 2 * len(made) // 3)
    hour = 3_600_000_000_000
    return [replace(one, at=one.at - hour * sum(at >= step for step in steps)) for at, one in enumerate(made)]


def cut(data: bytes, random: Random) -> bytes:
    return data[: random.randrange(30, len(data))]


def flipped(data: bytes, random: Random) -> bytes:
    """Wrong bytes anywhere behind the file's own header: in records' headers, in packets'."""
    spoilt = bytearray(data)
    for _ in range(max(4, len(data) // 2000)):
        spoilt[random.randrange(24, len(data))] = random.randrange(256)
    return bytes(spoilt)


def hole(data: bytes, random: Random) -> bytes:
    """Some hundred bytes are missing in the middle, as after a full disk."""
    at = random.randrange(len(data) // 3, len(data) // 2)
    return data[:at] + data[at + random.randrange(40, 400) :]
