"""What servers are called: by the names that DNS gave, and by those that connections asked for. Anybody who runs a DNS
server, or opens a connection, can write any name: they are words of the capture.
Not here: whether two names are of one company (nobody can see that)."""

from collections import defaultdict
from collections.abc import Iterable
from ipaddress import ip_address

from ringfence.audit.flows import Flow, Peer

# Two-letter countries put one of these before the name that somebody has registered (co.uk, com.au, ac.jp).
SECOND = {"ac", "co", "com", "edu", "gob", "gov", "gouv", "ltd", "mil", "ne", "net", "nhs", "or", "org", "plc"}


def site(name: str) -> str:
    """The last labels of a name, which somebody registered: meet.example.org and media.example.org are one site."""
    labels = name.rstrip(".").lower().split(".")
    several = len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in SECOND
    return ".".join(labels[-3 if several else -2 :])


def asked_for(flow: Flow) -> str | None:
    """The name that a connection itself says: SNI (RFC 6066), or the host of HTTP or a WebSocket."""
    for seen in flow.all("client_hello", "http_request", "web_socket"):
        said = seen.get("server_name") if seen.kind == "client_hello" else seen.get("host")
        name = _plain(str(said or ""))
        if name:
            return name
    return None


def _plain(host: str) -> str:
    """Without a port, and nothing for an address, which is no name."""
    name, colon, port = host.rpartition(":")
    name = (name if colon and port.isdigit() else host).strip("[]").rstrip(".")
    try:
        ip_address(name)
    except ValueError:
        return name
    return ""


class Names:
    """Of all addresses in a capture."""

    def __init__(self, flows: Iterable[Flow]) -> None:
        self._of: dict[str, dict[str, None]] = defaultdict(dict)
        self._asked: dict[int, str] = {}
        for flow in flows:
            name = asked_for(flow)
            if name:
                self._asked[flow.id] = name
                # Who listens has the name.
                self._of[flow.b.address][name] = None
            for answer in flow.all("dns_answer"):
                for address in answer.get("addresses", ()):
                    self._of[str(address)][str(answer.get("name")).rstrip(".")] = None

    def of(self, address: str) -> list[str]:
        return list(self._of.get(address, ()))

    def of_flow(self, flow: Flow, far: Peer) -> str | None:
        """What the connection says, else the first that DNS gave."""
        return self._asked.get(flow.id) or next(iter(self.of(far.address)), None)
