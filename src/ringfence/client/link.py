"""The link of a meeting, taken apart.
Not here: what its key is made of (core/charter)."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from ringfence.errors import Refusal
from ringfence.types import from_text


@dataclass(frozen=True)
class Link:
    """`origin`: scheme, host and port of the server. The key is in no representation, so that no log gets it."""

    origin: str
    meeting: str
    key: str = field(repr=False)

    @classmethod
    def parse(cls, text: str) -> "Link":
        """Raises RF7001; whether the key is one, the core says (RF3110)."""
        try:
            parts = urlsplit(text.strip())
            host, port = parts.hostname, parts.port
        except ValueError:
            raise Refusal("RF7001", "its address cannot be read") from None
        before, _, meeting = parts.path.rpartition("/m/")
        if parts.scheme not in ("http", "https") or not host:
            raise Refusal("RF7001", "it has to begin with https://")
        if before or parts.query or not _is_meeting(meeting):
            raise Refusal("RF7001", "after the server it has to go on with /m/ and the meeting")
        if not parts.fragment:
            raise Refusal("RF7001", "the part after # is missing")
        # As browsers write it (RFC 6454 section 6.2), since the server compares it.
        name = f"[{host}]" if ":" in host else host
        usual = {"http": 80, "https": 443}[parts.scheme]
        at = "" if port in (None, usual) else f":{port}"
        return cls(f"{parts.scheme}://{name}{at}", meeting, parts.fragment)

    @property
    def session(self) -> str:
        """The address of the WebSocket (docs/protocol/websocket.md)."""
        return f"{self.origin.replace('http', 'ws', 1)}/api/v1/meetings/{self.meeting}/session"


def _is_meeting(text: str) -> bool:
    try:
        return len(from_text(text)) == 16
    except ValueError:
        return False
