"""What a client says on a WebSocket, as bytes: read, or refused with RF1201 and without repeating what was said.
Run as a program it is a fuzzer (atheris) with libFuzzer's options; tools/fuzz.py does that.
Not here: what a message does in a meeting (tests/server)."""

import contextlib
import json
import os
import random
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

try:
    import atheris
except ImportError:  # it has no build for every machine; the corpus is replayed without it
    atheris = None

with atheris.instrument_imports(include=["ringfence"]) if atheris else contextlib.nullcontext():
    from ringfence.errors import Refusal
    from ringfence.signalling.connection import kind, read
    from ringfence.wire.session import FROM_CLIENT, Hello

# A refusal may name a field of ours, and nothing else that the sender wrote.
SHORTEST_SECRET = 24


def harness(data: bytes, planted: bool = False) -> None:
    # A text frame is UTF-8 when it comes here (RFC 6455 section 5.6); lone surrogates can only come from escapes in it.
    text = data.decode("utf-8", "ignore")
    named = kind(text)
    assert named is None or (named.isalpha() and len(named) <= 16)
    try:
        message = read(text)
    except Refusal as said:
        refusal = said
    else:
        refusal = None
    if refusal is not None:
        assert refusal.code == "RF1201", refusal.code
        repeats(refusal.detail or "", text)
        return
    assert read(FROM_CLIENT.dump_json(message).decode()) == message, "what was read is not what would be written"
    assert not (planted and isinstance(message, Hello) and message.v == 7), "the planted bug"


def repeats(detail: str, text: str) -> None:
    for start in range(len(text) - SHORTEST_SECRET + 1):
        assert text[start : start + SHORTEST_SECRET] not in detail, "a refusal repeats what was said"


KEPT = [path.read_bytes() for path in sorted((Path(__file__).parent / "corpus").iterdir())]
# What a field is changed into: numbers at limits, and every kind of value where another is expected.
STRANGE = [
    None,
    True,
    -1,
    0,
    1,
    1023,
    1024,
    2**53,
    2**64,
    0.5,
    1e300,
    "",
    "A",
    "RF1201",
    "\ud800",
    "\x00",
    [],
    {},
    [[]],
]


def places(tree: Any) -> Iterator[tuple[Any, Any]]:
    """Every container in it, with each key or index."""
    keys = list(tree) if isinstance(tree, dict) else range(len(tree)) if isinstance(tree, list) else ()
    for key in keys:
        yield tree, key
        yield from places(tree[key])


def change(data: bytes, longest: int, seed: int) -> bytes:
    """Messages are read by compiled code, which tells a fuzzer nothing of how far one got: so most changes keep them
    JSON, and every other begins from a kept message again."""
    chance = random.Random(seed)
    if chance.randrange(2):
        data = chance.choice(KEPT)
    try:
        tree = json.loads(data)
        container, key = chance.choice(list(places(tree)))
    except (ValueError, IndexError, RecursionError):
        return atheris.Mutate(data, longest)
    value = container[key]
    match chance.randrange(7):
        case 0:
            container[key] = chance.choice(STRANGE)
        case 1:
            container[key] = chance.randrange(10)
        case 2 if isinstance(value, str):
            changed = atheris.Mutate(value.encode("utf-8", "replace"), 2 * len(value) + 8)
            container[key] = changed.decode("utf-8", "replace")
        case 3 if isinstance(container, dict):
            container[chance.choice(["t", "to", "welcome", "epoch", "knock", "x" * 40])] = value
        case 4:
            container[key] = [value] * chance.randrange(130)
        case 5:
            del container[key]
        case _:
            return atheris.Mutate(data, longest)
    return json.dumps(tree).encode()[:longest]


def main() -> None:
    planted = "RINGFENCE_PLANTED" in os.environ
    atheris.Setup(sys.argv, lambda data: harness(data, planted), custom_mutator=change)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
