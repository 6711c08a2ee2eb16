"""Key files written and opened as docs/protocol/keyfile.md says, with another library than the product's.
`WRITE_VECTORS=1` writes the published examples anew. Not here: the browser's code (web/src/e2ee/keyfile.test.ts)."""

import base64
import hashlib
import json
import os
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

VECTORS = Path(__file__).resolve().parent.parent / "docs" / "protocol" / "vectors" / "keyfile.json"
PASSPHRASE = "correct horse battery staple"
SALT, IV = bytes(range(16)), bytes(range(0x40, 0x4C))
HEADER = {
    "typ": "ringfence-key-file",
    "version": 1,
    "alg": "dir",
    "enc": "A256GCM",
    "kdf": "argon2id",
}
Json = dict[str, Any]


def to_text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def from_text(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def prepared(passphrase: str) -> str:
    spaced = "".join(" " if unicodedata.category(letter) == "Zs" else letter for letter in passphrase)
    return unicodedata.normalize("NFC", spaced)


def key_of(passphrase: str, salt: bytes) -> bytes:
    kdf = Argon2id(salt=salt, length=32, iterations=3, lanes=4, memory_cost=64 * 1024)
    return kdf.derive(prepared(passphrase).encode())


def jwk(seed: int, public: int | None = None) -> Json:
    def half(of: int) -> bytes:
        key = Ed25519PrivateKey.from_private_bytes(bytes([of]) * 32).public_key()
        return key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)

    x = to_text(half(seed if public is None else public))
    return {"kty": "OKP", "crv": "Ed25519", "d": to_text(bytes([seed]) * 32), "x": x}


def secrets(**change: Any) -> Json:
    """Of the meeting, link and owner in documents.json."""
    owner = jwk(1)
    fragment = to_text(b"\x44" * 16 + hashlib.sha256(from_text(owner["x"])).digest()[:16])
    whole = {
        "owner": owner,
        "host": jwk(6),
        "host_hpke": to_text(b"\x55" * 32),
        "fragment": fragment,
        "title": "Budget",
    }
    return whole | change


def header(**change: Any) -> Json:
    place = {"server": "https://meet.example.org", "meeting": to_text(b"\x11" * 16)}
    return HEADER | {"salt": to_text(SALT)} | place | change


def sealed(head: Json, content: Json) -> Json:
    """RFC 7516 §5.1 with a key that is given (`dir`)."""
    protected = to_text(json.dumps(head, separators=(",", ":")).encode())
    plain = json.dumps(content, separators=(",", ":"), ensure_ascii=False).encode()
    out = AESGCM(key_of(PASSPHRASE, SALT)).encrypt(IV, plain, protected.encode())
    ciphertext, tag = out[:-16], out[-16:]
    return {"protected": protected, "iv": to_text(IV), "ciphertext": to_text(ciphertext), "tag": to_text(tag)}


def opened(text: str, passphrase: str) -> tuple[Json, Json]:
    file = json.loads(text)
    head = json.loads(from_text(file["protected"]))
    data = from_text(file["ciphertext"]) + from_text(file["tag"])
    key = key_of(passphrase, from_text(head["salt"]))
    plain = AESGCM(key).decrypt(from_text(file["iv"]), data, file["protected"].encode())
    return head, json.loads(plain)


def refused() -> list[tuple[str, str, Json | str]]:
    good = sealed(header(), secrets())
    other = to_text(json.dumps(header(server="https://elsewhere.example.org"), separators=(",", ":")).encode())
    cut = {name: value for name, value in good.items() if name != "tag"}
    return [
        ("another kind of JSON", "RF6111", {"type": "FeatureCollection"}),
        ("no JSON", "RF6111", "-----BEGIN PRIVATE KEY-----"),
        ("cut in the middle", "RF6111", json.dumps(good)[:200]),
        ("another type", "RF6111", sealed(header(typ="JWT"), secrets())),
        ("a newer version", "RF6112", sealed(header(version=2, kdf="argon2id-2"), {})),
        ("another way from passphrase to key", "RF6111", sealed(header(kdf="pbkdf2"), secrets())),
        ("a salt of another length", "RF6111", sealed(header(salt="AAAA"), secrets())),
        ("a server that is more than an origin", "RF6111", sealed(header(server="https://a.example/b"), secrets())),
        ("a server that is no web address", "RF6111", sealed(header(server="javascript:alert(1)"), secrets())),
        ("no tag", "RF6111", cut),
        ("a header that was changed", "RF6113", good | {"protected": other}),
        ("a tag that was changed", "RF6113", good | {"tag": to_text(bytes(16))}),
        ("a public half of another key", "RF6113", sealed(header(), secrets(host=jwk(6, public=7)))),
        ("an owner whom the link does not name", "RF6113", sealed(header(), secrets(owner=jwk(7)))),
        ("a link that is cut", "RF6113", sealed(header(), secrets(fragment="RERE"))),
        ("no title", "RF6113", sealed(header(), secrets(title=None))),
    ]


def vectors() -> Json:
    # The second is typed on a keyboard that writes accents apart and spaces that do not break.
    typed = [PASSPHRASE, "Ame\u0301lie trinkt\u00a0nie Tee"]
    keys = [
        {"passphrase": p, "prepared": prepared(p), "salt": to_text(SALT), "key": to_text(key_of(p, SALT))}
        for p in typed
    ]
    file = sealed(header(), secrets())
    return {
        "note": "Bytes are base64url without padding. Made and checked by tests/test_keyfile.py.",
        "keys": keys,
        "passphrase": PASSPHRASE,
        "header": header(),
        "secrets": secrets(),
        "file": json.dumps(file, indent=2) + "\n",
        "refused": [
            {"name": name, "code": code, "file": text if isinstance(text, str) else json.dumps(text)}
            for name, code, text in refused()
        ],
    }


def test_the_published_examples_are_what_the_page_says() -> None:
    made = json.dumps(vectors(), indent=2) + "\n"
    if os.environ.get("WRITE_VECTORS"):
        VECTORS.write_text(made)
    assert VECTORS.read_text() == made


def test_the_published_file_opens_with_its_passphrase_and_no_other() -> None:
    published = json.loads(VECTORS.read_text())
    head, content = opened(published["file"], PASSPHRASE)
    assert (head, content) == (published["header"], published["secrets"])
    with pytest.raises(InvalidTag):
        opened(published["file"], PASSPHRASE.title())
