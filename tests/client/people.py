"""Meetings that an owner made, and headless participants who are told its link.
Not here: what is tested with them."""

from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lying.documents import Key, b64
from machine import PATIENT
from ringfence.client import Event, Keys, Meeting
from server.meeting import Organiser


def link(organiser: Organiser, url: str | None = None) -> str:
    secret = organiser.owner.link
    return f"{url or organiser.url}/m/{organiser.meeting}#{b64(secret.secret + secret.owner_half)}"


def headless(organiser: Organiser, name: str, **options: Any) -> Meeting:
    return Meeting(link(organiser), name, **({"patience": PATIENT} | options))


def host_keys(organiser: Organiser) -> Keys:
    """Of the owner, who is host."""
    return Keys(
        host=_private(organiser.owner.host),
        owner=_private(organiser.owner.key),
        host_hpke=organiser.hpke.private_bytes_raw(),
    )


def _private(key: Key) -> Ed25519PrivateKey:
    return key._key


class Reader:
    """Reads somebody's events, each once: what was waited for is behind, with all before it."""

    def __init__(self, meeting: Meeting) -> None:
        self._events = meeting.events()
        self.seen: list[Event] = []

    async def until(self, kind: type[Any], **fields: Any) -> Any:
        async for event in self._events:
            self.seen.append(event)
            if isinstance(event, kind) and all(getattr(event, name) == value for name, value in fields.items()):
                return event
        raise AssertionError(f"it never came; the last were {self.seen[-8:]}")
