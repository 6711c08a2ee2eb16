"""The data folder: the server's own keys and its statement, made at first start, readable by nobody else.
Not here: meetings (`database`), or what a statement means (the core)."""

import fcntl
import hashlib
import json
import os
import secrets
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from ringfence._core import documents
from ringfence.config import Config
from ringfence.errors import Refusal

# The legs that this one process takes.
ROLES = ("web", "signalling", "keys", "media", "storage")
VALID = 90 * 86_400
RENEW = 30 * 86_400
# Clients' clocks may be behind by this much, and this server's own may be set back by an hour while it runs: it asks
# anew, of each connection, whether its statement is valid.
CLOCKS = 2 * 3600


@dataclass(frozen=True, repr=False)
class Identity:
    """The keys of this node and what it states. It cannot be printed."""

    node_seed: bytes
    operator_seed: bytes
    statement: bytes

    @property
    def node(self) -> bytes:
        return documents.public_key(self.node_seed)

    @property
    def operator(self) -> bytes:
        return documents.public_key(self.operator_seed)

    @property
    def statement_hash(self) -> bytes:
        return hashlib.sha256(self.statement).digest()


def prepare(folder: Path) -> IO[str]:
    """Makes the data folder, and keeps other servers out of it while the result is open.

    Raises RF5003, RF5004, RF5010.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if stat.S_IMODE(folder.stat().st_mode) & 0o077:
            if any(folder.iterdir()):
                raise Refusal("RF5004", f"chmod 700 {folder}")
            folder.chmod(0o700)
        lock = (folder / "lock").open("w")
    except OSError as error:
        raise Refusal("RF5003", f"{folder}: {error.strerror}") from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        raise Refusal("RF5010", str(folder)) from None
    return lock


def identity(config: Config, media_address: str, now: int) -> Identity:
    """The keys and the current statement: made, or made anew when what it says has changed or it ends soon.

    Raises RF5003, RF5004, RF5009.
    """
    try:
        node, operator = _seed(config.data / "node.key"), _seed(config.data / "operator.key")
        return Identity(node, operator, _statement(config, media_address, node, operator, now))
    except OSError as error:
        raise Refusal("RF5003", f"{error.filename}: {error.strerror}") from None


def _seed(path: Path) -> bytes:
    if not path.exists():
        write_private(path, secrets.token_bytes(32))
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise Refusal("RF5004", f"chmod 600 {path}")
    seed = path.read_bytes()
    if len(seed) != 32:
        raise Refusal("RF5009", str(path))
    return seed


def _statement(config: Config, address: str, node: bytes, operator: bytes, now: int) -> bytes:
    says = _says(config, address)
    keys = [documents.public_key(seed).hex() for seed in (node, operator)]
    digest = hashlib.sha256(json.dumps([says, keys], sort_keys=True).encode()).hexdigest()
    record, document = config.data / "statement.json", config.data / "statement.cose"
    before: dict[str, Any] = {"serial": 0, "digest": "", "until": 0}
    if record.exists():
        try:
            before |= json.loads(record.read_text())
        except ValueError:
            raise Refusal("RF5003", f"{record}: it is not what this server wrote") from None
    # One that ends later than any made now was made while the clock was wrong: it is not in force yet.
    if before["digest"] == digest and RENEW < before["until"] - now <= VALID and document.exists():
        return document.read_bytes()
    serial, until = before["serial"] + 1, now + VALID
    draft = says | {"serial": serial, "from": now - CLOCKS, "until": until}
    # The serial is kept first: a crash in between may skip a number and never uses one twice.
    write_private(record, json.dumps({"serial": serial, "digest": "", "until": 0}).encode())
    write_private(document, documents.make_statement(json.dumps(draft), node, operator))
    write_private(record, json.dumps({"serial": serial, "digest": digest, "until": until}).encode())
    return document.read_bytes()


def _says(config: Config, address: str) -> dict[str, object]:
    operator, node = config.operator, config.node
    return {
        "name": node.name,
        "operator": operator.id,
        "operator_name": operator.name,
        "law": list(operator.law),
        "parents": [{"name": parent.name, "law": list(parent.law)} for parent in operator.parents],
        "country": node.country,
        "place": node.place,
        "lat": node.lat,
        "lon": node.lon,
        "roles": list(ROLES),
        "addresses": [address],
    }


def write_private(path: Path, data: bytes) -> None:
    """Whole or not at all, and for the owner alone from the first moment."""
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    fresh.rename(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
