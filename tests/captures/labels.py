"""What is known of a capture because we made it: labels of weaknesses, protocols, flows.
Not here: how it is made."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum, StrEnum


class Label(StrEnum):
    """What an auditor names, each at most once a capture."""

    MEDIA_IN_CLEAR = "media in clear"
    CODEC_READABLE = "codec payload readable"
    ECB = "repeated blocks: ECB"
    ONE_KEY = "one key for all senders"
    KEYS_IN_CLEAR = "keys or a=crypto in clear signalling"
    SHORT_TAG = "AES-CM with 32-bit tags"
    DTLS_1_0 = "DTLS 1.0"
    OLD_TLS = "TLS before 1.2"
    WEAK_CERTIFICATE = "weak certificate"
    EARLY_MEDIA = "media that began before anybody was admitted"
    UNDECLARED_CONTACT = "contact that the receipt does not declare"
    THIRD_PARTY = "third party contacted"
    OUTSIDE_FENCE = "contact that the fence refuses"
    NO_SECOND_LAYER = "no second layer seen"


WITH_RECEIPT = frozenset({Label.EARLY_MEDIA, Label.UNDECLARED_CONTACT})


class Protocol(StrEnum):
    """What a flow speaks, by its content. A flow often speaks several: STUN, DTLS, SRTP and SRTCP share one."""

    STUN = "stun"
    TURN = "turn"
    DTLS = "dtls"
    RTP = "rtp"
    SRTP = "srtp"
    RTCP = "rtcp"
    SRTCP = "srtcp"
    SFRAME = "sframe"
    SIP = "sip"
    QUIC = "quic"
    TLS = "tls"
    WEBSOCKET = "websocket"
    HTTP = "http"
    DNS = "dns"
    ZOOM = "zoom"
    OTHER = "other"


class Need(Enum):
    """How much of the evidence has to be there for the label to be found."""

    ALL = "all"
    MOST = "most"
    ANY = "any"


@dataclass(frozen=True, slots=True)
class Evidence:
    """`frames`: numbers, from 0, of the frames as the scene made them. `headers`: their addresses are enough."""

    label: Label
    frames: frozenset[int]
    need: Need
    headers: bool = False

    def shown(self, whole: frozenset[int], there: frozenset[int]) -> bool:
        """`whole`: frames of which every byte is there; `there`: frames of which at least the headers are."""
        seen = len(self.frames & (there if self.headers else whole))
        if self.need is Need.ANY:
            return seen > 0
        if self.need is Need.MOST:
            return seen > 0 and seen * 10 >= len(self.frames) * 9
        return seen == len(self.frames)


@dataclass(frozen=True, slots=True, order=True)
class Endpoint:
    """An address as text, as `ipaddress` writes it, and a port."""

    address: str
    port: int

    def __str__(self) -> str:
        return f"[{self.address}]:{self.port}" if ":" in self.address else f"{self.address}:{self.port}"


@dataclass(slots=True)
class Way:
    """One direction of a flow.
    `packets`: IP packets, each fragment one; `datagrams`: once the fragments are put together.
    `ip_bytes`: of the packets, by the length that their IP header says, link layer and padding left out.
    `payload_bytes`: behind the UDP or TCP header, whole or cut by a snaplen; what TCP sends again counts again."""

    packets: int = 0
    datagrams: int = 0
    ip_bytes: int = 0
    payload_bytes: int = 0


@dataclass(slots=True)
class Flow:
    """`a` sent the first packet that is in the capture. `first`, `last`: the least and the greatest time,
    ns since 1970, as exact as the file has it.
    `partial`: packets of the flow are missing, cut or damaged, so that protocols and facts may not be visible."""

    transport: str
    a: Endpoint
    b: Endpoint
    first: int
    last: int
    there: Way = field(default_factory=Way)
    back: Way = field(default_factory=Way)
    protocols: frozenset[Protocol] = frozenset()
    facts: dict[str, str] = field(default_factory=dict)
    partial: bool = False


@dataclass(frozen=True, slots=True)
class Expected:
    """`must`: has to be found. `may`: cannot be asked for and is not wrong. Every other label is false.
    `unreadable`: packets that no reader can read, or None where that depends on the reader."""

    must: frozenset[Label]
    may: frozenset[Label]
    flows: tuple[Flow, ...] | None
    packets: int | None
    unreadable: int | None = 0

    def false(self, found: Iterable[Label]) -> set[Label]:
        return set(found) - self.must - self.may

    def missed(self, found: Iterable[Label]) -> set[Label]:
        return set(self.must) - set(found)
