"""The data folder: the server's own keys and its statement, made at first start, readable by nobody else.
Not here: meetings (`database`), or what a statement means (the core)."""

import fcntl
import hashlib
import json
import logging
import os
import secrets
import stat
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from ringfence._core import documents, fence
from ringfence.config import Config
from ringfence.errors import Refusal

log = logging.getLogger(__name__)

# The legs that this one process takes.
ROLES = ("web", "signalling", "keys", "media", "storage", "log")
STATEMENT = "statement.cose"
# The operator's public key, where they keep their own elsewhere.
ELSEWHERE = "operator.pub"
ANSWERS = "beacons.json"
# How often a server looks for a statement that is newer.
LOOKS = 6 * 3600
VALID = 90 * 86_400
RENEW = 30 * 86_400
# Clients' clocks may be behind by this much, and this server's own may be set back by an hour while it runs: it asks
# anew, of each connection, whether its statement is valid.
CLOCKS = 2 * 3600


@dataclass(frozen=True, repr=False)
class Identity:
    """The key of this node, its operator's public one, and what is stated of it. It cannot be printed."""

    node_seed: bytes
    operator: bytes
    statement: bytes

    @property
    def node(self) -> bytes:
        return documents.public_key(self.node_seed)

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
    """The keys and the current statement: made, or made anew when what it says has changed or it ends soon. Where the
    operator keeps their key elsewhere, it is the one that they signed.

    Raises RF5003, RF5004, RF5009, RF5012.
    """
    try:
        node, elsewhere = node_seed(config.data), operator_elsewhere(config.data)
        if elsewhere is not None:
            statement = _signed_elsewhere(config, media_address, documents.public_key(node), elsewhere, now)
            return Identity(node, elsewhere, statement)
        operator = operator_seed(config.data)
        statement = _statement(config, media_address, node, operator, now)
        return Identity(node, documents.public_key(operator), statement)
    except OSError as error:
        raise Refusal("RF5003", f"{error.filename}: {error.strerror}") from None


def node_seed(folder: Path) -> bytes:
    """Made if it is not there. Raises RF5004, RF5009."""
    return _seed(folder / "node.key")


def log_seed(folder: Path) -> bytes:
    """Made if it is not there. Raises RF5004, RF5009."""
    return _seed(folder / "log.key")


def operator_seed(folder: Path) -> bytes:
    """Made if it is not there. Raises RF5004, RF5009."""
    return _seed(folder / "operator.key")


def operator_elsewhere(folder: Path) -> bytes | None:
    """The public key of an operator who keeps their own key elsewhere; None where this server signs for itself.

    Raises RF5009.
    """
    path = folder / ELSEWHERE
    if not path.exists():
        return None
    key = read_key(path.read_text(errors="replace").strip())
    if key is None:
        raise Refusal("RF5009", str(path))
    return key


def read_key(text: str) -> bytes | None:
    """A public key as people write it: 43 letters of base64url, in the one spelling there is."""
    try:
        key = urlsafe_b64decode(f"{text}=")
    except ValueError:
        return None
    return key if len(key) == 32 and write_key(key) == text else None


def write_key(key: bytes) -> str:
    return urlsafe_b64encode(key).decode().rstrip("=")


def _signed_elsewhere(config: Config, address: str, node: bytes, operator: bytes, now: int) -> bytes:
    document, id_ = config.data / STATEMENT, config.operator.id
    if not document.exists():
        raise Refusal("RF5012", f"there is no {document}")
    content = document.read_bytes()
    try:
        says = json.loads(documents.stated(content, operator))
    except Refusal as refusal:
        raise Refusal("RF5012", f"{document}: {refusal.detail}") from None
    if says["node"] != write_key(node):
        raise Refusal("RF5012", f"{document}: it is of a node with another key")
    # Whether it holds is the fence's to say: clients would decide the same.
    here, trust = fence.preset_policy("only-this-server", node), json.dumps({"operators": {id_: write_key(operator)}})
    for role in ROLES:
        decided = fence.decide(here, content, evidence=None, trust=trust, role=role, address=address, at=now)
        decision = json.loads(decided)
        if not decision["allowed"]:
            raise Refusal("RF5012", f"{document}: {decision['reasons'][0]['text']}")
    ends = datetime.fromisoformat(says["until"]).timestamp()
    if ends - now < RENEW:
        log.warning("the operator's statement ends on %s: have a new one signed (ringfence node)", says["until"])
    return content


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
    said = says(config, [address])
    keys = [documents.public_key(seed).hex() for seed in (node, operator)]
    digest = hashlib.sha256(json.dumps([said, keys], sort_keys=True).encode()).hexdigest()
    record, document = config.data / "statement.json", config.data / STATEMENT
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
    draft = said | dated(documents.public_key(node), serial, now - CLOCKS, until)
    # The serial is kept first: a crash in between may skip a number and never uses one twice.
    write_private(record, json.dumps({"serial": serial, "digest": "", "until": 0}).encode())
    write_private(document, documents.sign_as_operator(documents.sign_as_node(json.dumps(draft), node), operator))
    write_private(record, json.dumps({"serial": serial, "digest": digest, "until": until}).encode())
    return document.read_bytes()


def says(config: Config, addresses: list[str]) -> dict[str, object]:
    """What ringfence.toml says of this server, as a draft has it; without its key, serial and dates."""
    operator, node = config.operator, config.node
    return {
        "name": node.name,
        "operator": {
            "id": operator.id,
            "name": operator.name,
            "law": list(operator.law),
            "parents": [{"name": parent.name, "law": list(parent.law)} for parent in operator.parents],
        },
        "country": node.country,
        "place": node.place,
        "lat": node.lat,
        "lon": node.lon,
        "roles": list(ROLES),
        "addresses": addresses,
    }


def dated(node: bytes, serial: int, begins: int, ends: int) -> dict[str, object]:
    """The rest of a draft: the node's public key, which statement of it, and from when to when (unix seconds)."""
    begin, end = (datetime.fromtimestamp(time, UTC).isoformat() for time in (begins, ends))
    return {"node": write_key(node), "serial": serial, "from": begin, "until": end}


def answers(folder: Path) -> dict[str, str]:
    """What beacons have answered, by their addresses; nothing where that is not known any more."""
    try:
        said = json.loads((folder / ANSWERS).read_text())
    except (OSError, ValueError):
        return {}
    return {url: body for url, body in said.items() if isinstance(body, str)} if isinstance(said, dict) else {}


def keep_answers(folder: Path, said: dict[str, str]) -> None:
    """For a server that starts again; one that cannot write asks anew then."""
    try:
        write_private(folder / ANSWERS, json.dumps(said).encode())
    except OSError as error:
        log.warning("what beacons have measured is not kept: %s", error.strerror)


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
