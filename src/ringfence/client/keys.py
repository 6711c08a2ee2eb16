"""The keys of one participant of one meeting, and what their device remembers of it: in memory, or in a folder.
Not here: what is signed, and what is believed (core/e2ee)."""

import fcntl
import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Literal

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ringfence.errors import Refusal
from ringfence.types import from_text, to_text

Signer = Literal["member", "host", "owner"]


@dataclass
class Keys:
    """Who has the same member key again is the same member: admitted once, they come back without anybody's consent.

    `host` and `owner` are for who holds such a key; `host_hpke` (32 bytes) opens the names of those who knock.
    """

    member: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate, repr=False)
    host: Ed25519PrivateKey | None = field(default=None, repr=False)
    owner: Ed25519PrivateKey | None = field(default=None, repr=False)
    host_hpke: bytes | None = field(default=None, repr=False)
    seen: dict[str, Any] | None = field(default=None, repr=False)
    logs: dict[str, str] = field(default_factory=dict, repr=False)
    _file: Path | None = field(default=None, repr=False)
    _lock: IO[str] | None = field(default=None, repr=False)

    @classmethod
    def kept(cls, folder: Path, meeting: str) -> "Keys":
        """Those of a meeting (its id as in the link) in this folder, made where there are none.

        A file that only its owner can read: the member key, what was seen of meeting and log, no link. Raises RF7005.
        """
        file = folder / f"{meeting}.json"
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            lock = file.with_suffix(".lock").open("w")
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            keys = cls._read(file) if file.exists() else cls()
            keys._file, keys._lock = file, lock
            keys._save()
        except BlockingIOError:
            raise Refusal("RF7005", "another participant has it open for this meeting") from None
        except OSError as error:
            raise Refusal("RF7005", error.strerror or "it cannot be written") from None
        except (ValueError, KeyError, TypeError, AttributeError):
            raise Refusal("RF7005", f"{file.name} is not one of ours") from None
        return keys

    @classmethod
    def _read(cls, file: Path) -> "Keys":
        kept = json.loads(file.read_text())
        hpke = kept["host_hpke"]
        return cls(
            member=Ed25519PrivateKey.from_private_bytes(from_text(kept["member"])),
            host_hpke=None if hpke is None else from_text(hpke),
            seen=kept["seen"],
            logs=dict(kept["logs"]),
        )

    def _save(self) -> None:
        if self._file is None:
            return
        kept = {
            "member": to_text(self.member.private_bytes_raw()),
            "host_hpke": None if self.host_hpke is None else to_text(self.host_hpke),
            "seen": self.seen,
            "logs": self.logs,
        }
        part = self._file.with_suffix(".part")
        with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
            json.dump(kept, out)
            out.flush()
            os.fsync(out.fileno())
        part.replace(self._file)

    def sign(self, which: Signer, tbs: bytes) -> bytes | None:
        """A signature of 64 bytes; None where there is no such key here."""
        key = {"member": self.member, "host": self.host, "owner": self.owner}[which]
        return None if key is None else key.sign(tbs)

    def remember(self, seen: dict[str, Any]) -> None:
        """What of the meeting was seen, so that nothing older is believed later. Raises OSError, as the next two."""
        self.seen = seen
        self._save()

    def remember_log(self, log: str, checkpoint: str) -> None:
        self.logs[log] = checkpoint
        self._save()

    def keep(self, host_hpke: bytes) -> None:
        self.host_hpke = host_hpke
        self._save()

    def close(self) -> None:
        """The folder is free for another participant."""
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def config(self, meeting: str, key: str) -> str:
        """What the core has to know to be this participant: public halves, what was seen, and the link's key."""

        def public(pair: Ed25519PrivateKey | None) -> str | None:
            return None if pair is None else to_text(pair.public_key().public_bytes_raw())

        return json.dumps(
            {
                "meeting": meeting,
                "key": key,
                "member_key": public(self.member),
                "host_key": public(self.host),
                "owner_key": public(self.owner),
                "host_hpke": None if self.host_hpke is None else to_text(self.host_hpke),
                "seen": self.seen,
                "logs": self.logs,
            }
        )
