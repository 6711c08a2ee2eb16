"""The data folder: the server's own keys and its statement, made at first start, readable by nobody else.
Not responsible for: meetings (`database`), or what a statement means."""

import json
import os
import secrets
import stat
import time
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from ringfence._core import documents
from ringfence.config import Settings
from ringfence.errors import Refusal

# The legs that this one process takes.
ROLES = ["web", "signalling", "keys", "media", "storage"]
VALID = 90 * 86_400
RENEW = 30 * 86_400


@dataclass(frozen=True)
class Identity:
    """The keys of this node. It cannot be printed."""

    node_seed: bytes
    operator_seed: bytes
    statement: bytes

    def __repr__(self) -> str:
        return "Identity(…)"

    @property
    def node(self) -> bytes:
        return documents.public_key(self.node_seed)

    @property
    def operator(self) -> bytes:
        return documents.public_key(self.operator_seed)


def prepare(folder: Path) -> None:
    """Makes the data folder. Raises `Refusal` RF5003 when it cannot be used."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
            raise PermissionError(f"{folder} cannot be written")
    except OSError as error:
        raise Refusal("RF5003", str(error)) from None


def _write(path: Path, data: bytes) -> None:
    """Whole or not at all, and for the owner alone from the first moment."""
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    fresh.rename(path)


def _seed(path: Path) -> bytes:
    if not path.exists():
        _write(path, secrets.token_bytes(32))
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise Refusal("RF5004", f"{path} can be read by others; run: chmod 600 {path}")
    seed = path.read_bytes()
    if len(seed) != 32:
        raise Refusal("RF5005", f"{path} does not hold a key")
    return seed


def identity(settings: Settings) -> Identity:
    """The keys and the current statement; made, or made anew when what it says has changed or it ends soon.

    Raises `Refusal` RF5003, RF5004, RF5005.
    """
    prepare(settings.data)
    node, operator = _seed(settings.data / "node.key"), _seed(settings.data / "operator.key")
    says = {
        "name": settings.name,
        "operator": settings.operator.id,
        "operator_name": settings.operator.name,
        "law": settings.operator.law,
        "parents": [parent.model_dump() for parent in settings.operator.parents],
        "country": settings.country,
        "place": settings.place,
        "roles": ROLES,
        "addresses": [settings.media_address],
    }
    digest = sha256(json.dumps(says, sort_keys=True).encode()).hexdigest()
    record, document = settings.data / "statement.json", settings.data / "statement.cose"
    before = json.loads(record.read_text()) if record.exists() else {"serial": 0, "digest": "", "until": 0}
    now = int(time.time())
    if before["digest"] != digest or before["until"] - now < RENEW or not document.exists():
        before = {"serial": before["serial"] + 1, "digest": digest, "until": now + VALID}
        draft = says | {"serial": before["serial"], "from": now - 300, "until": before["until"]}
        # The serial is kept first: a crash in between may skip a number and never reuses one.
        _write(record, json.dumps(before).encode())
        _write(document, documents.make_statement(json.dumps(draft), node, operator))
    return Identity(node, operator, document.read_bytes())
