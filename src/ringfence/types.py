"""The words of the product as types, and bytes as text.
Imported by all; imports nothing of ours but errors."""

import base64
import binascii
from typing import Literal, NewType

from ringfence.errors import Refusal

MeetingId = NewType("MeetingId", bytes)
GroupId = NewType("GroupId", bytes)
MemberKey = NewType("MemberKey", bytes)
Leaf = NewType("Leaf", int)
SessionId = NewType("SessionId", int)
KnockId = NewType("KnockId", str)
Codec = Literal["VP8", "VP9"]


def to_text(data: bytes) -> str:
    """base64url without padding (RFC 4648 section 5)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def from_text(text: str) -> bytes:
    """Reads what `to_text` writes and nothing else. Raises ValueError."""
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("bytes are written in base64url without padding") from None
    if to_text(data) != text:
        raise ValueError("bytes are written in base64url without padding")
    return data


def meeting_id(text: str) -> MeetingId:
    """From an address. Raises RF1101 for what cannot be a meeting's id."""
    try:
        data = from_text(text)
    except ValueError:
        data = b""
    if len(data) != 16:
        raise Refusal("RF1101", "this is not the id of a meeting")
    return MeetingId(data)
