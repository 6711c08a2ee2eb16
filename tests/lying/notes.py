"""A log of routes that its operator makes up: small trees and signed notes (RFC 6962, C2SP signed-note), written anew.
Checks nothing: checking is what the client under attack has to do."""

import base64
from dataclasses import dataclass

from .documents import Fields, Key, b64, sha256

EMPTY = 32


def leaf_hash(salt: bytes, route: bytes) -> bytes:
    return sha256(b"\0", b"\1" + sha256(salt, route))


def _cut(count: int) -> int:
    """The largest power of two that is smaller."""
    return 1 << (count - 1).bit_length() - 1


def root(leaves: list[bytes]) -> bytes:
    if len(leaves) == 1:
        return leaves[0]
    cut = _cut(len(leaves))
    return sha256(b"\1", root(leaves[:cut]), root(leaves[cut:]))


def inclusion(index: int, leaves: list[bytes]) -> list[bytes]:
    if len(leaves) == 1:
        return []
    cut = _cut(len(leaves))
    if index < cut:
        return [*inclusion(index, leaves[:cut]), root(leaves[cut:])]
    return [*inclusion(index - cut, leaves[cut:]), root(leaves[:cut])]


@dataclass
class MadeUp:
    """A log of this name and key with a route as its last entry and whatever it takes before."""

    origin: str
    key: Key
    size: int

    def shown(self, route: bytes, signer: Key | None = None) -> Fields:
        """What a hello says of the route in it."""
        salt = bytes(EMPTY)
        others = [sha256(number.to_bytes(4, "big")) for number in range(self.size - 1)]
        leaves = [*others, leaf_hash(salt, route)]
        proof = inclusion(self.size - 1, leaves)
        note = self.note(root(leaves), signer or self.key)
        logged: Fields = {"salt": b64(salt), "index": self.size - 1, "proof": [b64(hash_) for hash_ in proof]}
        return logged | {"checkpoint": note, "continues": []}

    def note(self, top: bytes, signer: Key) -> str:
        text = f"{self.origin}\n{self.size}\n{base64.b64encode(top).decode()}\n"
        # The hint names the key that clients expect, whoever signs.
        hint = sha256(self.origin.encode() + b"\n\1" + self.key.public)[:4]
        signature = base64.b64encode(hint + signer.sign_raw(text.encode())).decode()
        return f"{text}\n\N{EM DASH} {self.origin} {signature}\n"
