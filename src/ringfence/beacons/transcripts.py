"""What a beacon answers, read and checked: transcripts of round trips, and what it states of itself.
Not here: asking (asking), or what a transcript proves (core/fence)."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from ringfence._core import documents
from ringfence.errors import Refusal
from ringfence.types import from_text
from ringfence.wire.http import RoundTrips
from ringfence.wire.model import wrong

# Clocks may differ by so much. What is dated in the future proves nothing until then.
CLOCKS = 60
# What comes in an answer was measured just now, or is what a beacon keeps for who asks again.
FRESH = 600


@dataclass(frozen=True)
class Transcript:
    """One beacon's signed word about one address of a node."""

    document: bytes
    beacon: bytes
    name: str
    lat: float
    lon: float
    node: bytes
    address: str
    port: int
    samples: int
    least_us: int
    km: float
    """As far away as light gets in half of that time, by the core's own reckoning."""
    at: int
    """Unix seconds."""


@dataclass(frozen=True)
class Asker:
    """The node that asks to be measured."""

    node: bytes
    statement: bytes
    addresses: tuple[str, ...]
    port: int


@dataclass(frozen=True)
class Answer:
    """What one beacon said: of itself, signed with its key, and of who asked."""

    beacon: bytes
    operator: str
    country: str | None
    place: str | None
    transcripts: tuple[Transcript, ...]
    # As it came.
    body: bytes


def read(document: bytes) -> Transcript:
    """Raises RF2205."""
    says: dict[str, Any] = json.loads(documents.read_transcript(document))
    says |= {name: from_text(says[name]) for name in ("beacon", "node")}
    return Transcript(document=document, **says)


def asker(statement: bytes, port: int) -> Asker:
    says = json.loads(documents.stated(statement))
    return Asker(from_text(says["node"]), statement, tuple(says["addresses"]), port)


def check(body: bytes, asked: Asker, now: float, oldest: float = FRESH) -> Answer:
    """What is used of an answer. Raises RF1312, and then nothing of it is."""
    try:
        answer = RoundTrips.model_validate_json(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        raise Refusal("RF1312", wrong(first["type"], first["loc"])) from None
    try:
        says = json.loads(documents.stated(answer.statement))
        transcripts = tuple(read(document) for document in answer.transcripts)
    except Refusal as refusal:
        raise Refusal("RF1312", f"{refusal.code}: {refusal.detail}") from None
    beacon = from_text(says["node"])
    if not datetime.fromisoformat(says["from"]).timestamp() <= now < datetime.fromisoformat(says["until"]).timestamp():
        raise Refusal("RF1312", "what the beacon states of itself does not hold now")
    if beacon == asked.node:
        raise Refusal("RF1312", "it is this very server: nobody is a beacon for themselves")
    for transcript in transcripts:
        _check(transcript, beacon, asked, now, oldest)
    return Answer(beacon, says["operator"]["name"], says["country"], says["place"], transcripts, body)


def _check(transcript: Transcript, beacon: bytes, asked: Asker, now: float, oldest: float) -> None:
    if transcript.beacon != beacon:
        raise Refusal("RF1312", "another has signed the transcript than has stated where it stands")
    if (transcript.node, transcript.port) != (asked.node, asked.port) or transcript.address not in asked.addresses:
        raise Refusal("RF1312", "the transcript is of another node, address or port")
    if not now - oldest <= transcript.at <= now + CLOCKS:
        seconds = round(transcript.at - now)
        late = f"{abs(seconds)} s {'ahead of' if seconds > 0 else 'behind'} this server's clock"
        raise Refusal("RF1312", f"the transcript is dated {late}")


def refused(body: bytes, status: int) -> Refusal:
    """Why a beacon did not answer, as far as it said so (RFC 9457)."""
    try:
        said = json.loads(body)
        code, detail = str(said["code"]), str(said["detail"])
    except (ValueError, TypeError, KeyError, RecursionError):
        return Refusal("RF1312", f"HTTP status {status}")
    if status < 400 or not re.fullmatch(r"RF\d{4}", code):
        return Refusal("RF1312", f"HTTP status {status}")
    words = "".join(letter for letter in detail[:200] if letter.isprintable())
    return Refusal("RF1313", f"{code}: {words}")


def shown(transcripts: Sequence[Transcript], pinned: Sequence[bytes], now: float, most: int) -> list[Transcript]:
    """Those that count now, at most so many: of beacons that the owner named before others, and new before old."""
    counting = [one for one in transcripts if now - one.at < documents.TRANSCRIPT_SECONDS]
    return sorted(counting, key=lambda one: (one.beacon not in pinned, -one.at))[:most]
