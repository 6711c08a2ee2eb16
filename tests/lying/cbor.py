"""Canonical CBOR (RFC 8949 section 4.2.1) for the documents of docs/protocol, as an outsider would write it.
Not the product's encoder: the lying server must not depend on what it attacks."""

from typing import Any


def _head(major: int, value: int) -> bytes:
    if value < 24:
        return bytes([major << 5 | value])
    for info, size in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if value < 1 << (8 * size):
            return bytes([major << 5 | info]) + value.to_bytes(size, "big")
    raise ValueError("number too large")


def encode(value: Any) -> bytes:
    match value:
        case None:
            return b"\xf6"
        case bool():
            return b"\xf5" if value else b"\xf4"
        case int():
            return _head(0, value) if value >= 0 else _head(1, -1 - value)
        case bytes():
            return _head(2, len(value)) + value
        case str():
            text = value.encode()
            return _head(3, len(text)) + text
        case list():
            return _head(4, len(value)) + b"".join(map(encode, value))
        case dict():
            pairs = sorted((encode(k), encode(v)) for k, v in value.items())
            return _head(5, len(pairs)) + b"".join(k + v for k, v in pairs)
    raise TypeError(type(value).__name__)


def decode(data: bytes) -> Any:
    value, rest = _read(data)
    if rest:
        raise ValueError("bytes after the value")
    return value


def _read(data: bytes) -> tuple[Any, bytes]:
    major, info, data = data[0] >> 5, data[0] & 31, data[1:]
    if major == 7:
        return {20: False, 21: True, 22: None}[info], data
    number = info
    if info > 23:
        size = 1 << (info - 24)
        number, data = int.from_bytes(data[:size], "big"), data[size:]
    if major == 0:
        return number, data
    if major == 1:
        return -1 - number, data
    if major in (2, 3):
        head, rest = data[:number], data[number:]
        return (head if major == 2 else head.decode()), rest
    if major == 4:
        items = []
        for _ in range(number):
            item, data = _read(data)
            items.append(item)
        return items, data
    if major == 5:
        pairs = {}
        for _ in range(number):
            key, data = _read(data)
            pairs[key], data = _read(data)
        return pairs, data
    raise ValueError("tags and floats are in no document of ours")
