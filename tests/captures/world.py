"""The hosts that captures are of, where they are, and the fence that they are held against.
Addresses are of documentation and private use (RFC 5737, RFC 3849, RFC 1918, RFC 4193), no real machine's."""

from dataclasses import dataclass

from .labels import Endpoint

# ns since 1970: 2026-11-24T10:00:00Z.
START = 1795514400 * 1_000_000_000
DOMAIN = "meet.example"


@dataclass(frozen=True, slots=True)
class Host:
    v4: str
    v6: str
    # None: a participant's machine or their own network, which no fence is about.
    country: str | None = None
    name: str = ""


ME = Host("192.168.1.23", "fd00:1::23")
RESOLVER = Host("192.168.1.1", "fd00:1::1")
# Other participants, whom one talks to directly.
ANNA = Host("192.168.1.40", "fd00:1::40")
BORIS = Host("10.20.0.9", "fd00:2::9")
WEB = Host("203.0.113.5", "2001:db8:ca::5", "CA", f"www.{DOMAIN}")
SIGNALLING = Host("203.0.113.6", "2001:db8:ca::6", "CA", f"signal.{DOMAIN}")
SFU = Host("203.0.113.10", "2001:db8:ca::10", "CA", f"sfu1.{DOMAIN}")
SFU_2 = Host("203.0.113.11", "2001:db8:ca::11", "CA", f"sfu2.{DOMAIN}")
TURN = Host("203.0.113.20", "2001:db8:ca::20", "CA", f"turn.{DOMAIN}")
KEYS = Host("203.0.113.30", "2001:db8:ca::30", "CA", f"keys.{DOMAIN}")
BEIJING = Host("198.51.100.66", "2001:db8:c::66", "CN", f"bj2.{DOMAIN}")
BEIJING_KEYS = Host("198.51.100.67", "2001:db8:c::67", "CN", f"bjkeys.{DOMAIN}")
# Others', inside the fence, so that who they are and where they are are told apart.
FACEBOOK = Host("203.0.113.135", "2001:db8:cab::35", "CA", "graph.facebook.com")
TRACKER = Host("203.0.113.180", "2001:db8:cab::80", "CA", "www.google-analytics.com")
ELSEWHERE = Host("203.0.113.190", "2001:db8:cab::90", "CA", "collect.adsandmetrics.example")
BACKUP = Host("203.0.113.191", "2001:db8:cab::91", "CA", "upload.keepsafe.example")
TRACKER_ABROAD = Host("192.0.2.80", "2001:db8:5::80", "US", "stats.g.doubleclick.net")
STRANGERS = tuple(Host(f"203.0.113.{at}", f"2001:db8:cab::{at}", "CA") for at in range(200, 220))
_SERVERS = (
    WEB,
    SIGNALLING,
    SFU,
    SFU_2,
    TURN,
    KEYS,
    BEIJING,
    BEIJING_KEYS,
    FACEBOOK,
    TRACKER,
    ELSEWHERE,
    BACKUP,
    TRACKER_ABROAD,
)

FENCE = """name = "Canada"
version = 1
[allow]
countries = ["CA"]
law = ["*"]
[evidence]
minimum = "stated"
"""
# In the form in which registries publish what they delegated (RIR statistics exchange format).
REGISTRY = """2|arin|1764370799|8|19830705|20261101|-0500
arin|*|ipv4|*|4|summary
arin|*|ipv6|*|4|summary
arin|CA|ipv4|203.0.113.0|128|20100712|allocated|a
arin|CA|ipv4|203.0.113.128|128|20100712|allocated|d
arin|CN|ipv4|198.51.100.0|256|20100712|allocated|b
arin|US|ipv4|192.0.2.0|256|20100712|allocated|c
arin|CA|ipv6|2001:db8:ca::|48|20100712|allocated|a
arin|CA|ipv6|2001:db8:cab::|48|20100712|allocated|d
arin|CN|ipv6|2001:db8:c::|48|20100712|allocated|b
arin|US|ipv6|2001:db8:5::|48|20100712|allocated|c
"""


@dataclass(frozen=True, slots=True)
class Network:
    """Which of their two addresses hosts use, how long the segments of TCP are at most, in bytes, and whether the
    numbers of TCP and RTP begin just before they wrap around."""

    v6: bool = False
    segment: int = 1440
    wraps: bool = False

    def address(self, host: Host) -> str:
        return host.v6 if self.v6 else host.v4

    def at(self, host: Host, port: int) -> Endpoint:
        return Endpoint(self.address(host), port)


PEOPLE = frozenset(address for host in (ANNA, BORIS) for address in (host.v4, host.v6))
REFUSED = frozenset(address for host in _SERVERS if host.country != "CA" for address in (host.v4, host.v6))
IPV4, IPV6 = Network(), Network(v6=True)
