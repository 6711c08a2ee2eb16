"""The call of the sample report (docs/audit/sample.txt, sample.html): made up, as of the story of April 2020.
Not here: the report."""

from audit.made import certificate, flow, media, scan, seen, stream, web
from ringfence._core import fence
from ringfence._core.geo import Addresses, published
from ringfence.audit import Question, Report
from ringfence.audit.fencing import Fence
from ringfence.audit.places import Places

REGISTRY = """2|arin|1764370799|4|19830705|20251101|-0500
arin|*|ipv4|*|4|summary
arin|CA|ipv4|203.0.113.0|8|20100712|allocated|a
arin|CN|ipv4|203.0.113.8|8|20100712|allocated|b
arin|DE|ipv4|203.0.113.16|16|20100712|allocated|c
arin|US|ipv4|198.51.100.0|256|20100712|allocated|d
"""
NETWORKS = """203.0.113.0	203.0.113.7	64500	CA	EXAMPLE-HOSTING Example Hosting Inc.
203.0.113.8	203.0.113.15	64501	CN	EXAMPLE-CARRIER Example Carrier Ltd.
198.51.100.0	198.51.100.255	64502	US	EXAMPLE-CLOUD Example Cloud LLC
"""
# The day of the list, in unix seconds.
LISTED = 1_763_942_400
POLICY = """name = "Canada, Germany and the United States"
version = 1
[allow]
countries = ["CA", "DE", "US"]
law = ["*"]
[evidence]
minimum = "stated"
"""


def report() -> Report:
    asked = seen("dns_answer", 2, name="media7.calls.example", addresses=["203.0.113.7"])
    relay = [seen("relayed", 30, address="203.0.113.18:50000"), seen("relay_peer", 31, address="203.0.113.20:40000")]
    blocks = seen("repeated_blocks", 810, 956, 1021, ssrc=0x5555, forth=False, header=24, blocks=81_200, repeated=912)
    wrapped = [seen("encapsulation", 701, name="zoom sfu"), stream(702, ssrc=0x5555, forth=False), blocks]
    flows = [
        flow(["dns"], asked, b=("192.168.1.1", 53), packets=1, end=0),
        web("meet.calls.example", certificate(12), begin=-2),
        media(stream(20), stream(21, ssrc=0x99, forth=False, sent=3100, payload_types=[96]), begin=1, end=61),
        flow(["zoom", "srtp"], *wrapped, b=("203.0.113.9", 8801), begin=3, end=40, packets=900),
        flow(["turn", "stun"], *relay, b=("203.0.113.18", 443), begin=4, end=30, packets=200),
        web("stats.tracker.example", b=("198.51.100.9", 443), begin=8, end=9),
    ]
    _, networks = published(NETWORKS.encode(), name="ip2asn-combined", date=LISTED)
    places = Places([Addresses.read(REGISTRY.encode())], [networks] if networks else [])
    return scan(*flows, truncated=3).report(Question(places=places, fence=Fence(fence.parse_policy(POLICY), places)))
