"""What all messages have in common: strict, closed, immutable; bytes as base64url text.
Not here: the messages themselves."""

from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    WithJsonSchema,
)

from ringfence.types import from_text, to_text

# One text frame, and one HTTP request.
MAX_MESSAGE = 1 << 20


class Message(BaseModel):
    """A message: unknown fields are refused, types are not converted into each other, and errors never repeat it."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)


def wrong(kind: str, place: Sequence[int | str]) -> str:
    """What pydantic found wrong, and in which of our fields: the name of a field that is not ours is what was said."""
    ours = place[:-1] if kind == "extra_forbidden" else place
    return ": ".join([*filter(None, [".".join(str(part) for part in ours)]), kind])


def _read(value: Any) -> Any:
    return from_text(value) if isinstance(value, str) else value


def _bytes(least: int, most: int) -> Any:
    """Bytes of `least` to `most`, as base64url text on the wire."""
    length = {"minLength": -(-least * 4 // 3), "maxLength": -(-most * 4 // 3)}
    schema = {"type": "string", "contentEncoding": "base64url", **length}
    return (
        Field(min_length=least, max_length=most),
        BeforeValidator(_read),
        PlainSerializer(to_text, return_type=str, when_used="json"),
        WithJsonSchema(schema),
    )


B16 = Annotated[bytes, *_bytes(16, 16)]
B32 = Annotated[bytes, *_bytes(32, 32)]
# A signed document (COSE_Sign1): a charter is the largest.
Document = Annotated[bytes, *_bytes(1, 64 << 10)]
# A key package of one member.
KeyPackage = Annotated[bytes, *_bytes(1, 4 << 10)]
# A name, sealed to one host.
SealedName = Annotated[bytes, *_bytes(1, 1 << 10)]
# MLS messages, trees and ledgers; the frame's own limit holds as well.
Blob = Annotated[bytes, *_bytes(1, 768 << 10)]
# What data sets say about a statement's addresses (docs/protocol/documents.md).
Located = Annotated[
    list[Annotated[bytes, *_bytes(1, 8 << 10)]],
    Field(max_length=512, description="what data sets say about the addresses of the statement, with proofs"),
]
# What beacons measured of the way to the node (docs/protocol/documents.md).
Transcripts = Annotated[
    list[Annotated[bytes, *_bytes(1, 1 << 10)]],
    Field(max_length=16, description="what beacons measured of the way to the node, each signed by its beacon"),
]
Uint = Annotated[int, Field(ge=0, le=2**53 - 1)]
Code = Annotated[str, Field(pattern=r"^RF\d{4}$")]
