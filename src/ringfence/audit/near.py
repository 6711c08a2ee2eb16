"""Which addresses are those of the device that was captured, and which end of a flow is the far one.
Not here: what the far end does (`roles`)."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import ip_address

from ringfence.audit.flows import Flow, Peer, Way
from ringfence.audit.places import placeable
from ringfence.errors import Refusal


@dataclass(frozen=True)
class Near:
    """Addresses of the captured device; `given` by the user, or guessed."""

    addresses: frozenset[str]
    given: bool

    def ends(self, flow: Flow) -> tuple[Peer, Peer]:
        """The near and the far end. Where neither is the device's, near is who sent first."""
        if flow.b.address in self.addresses and flow.a.address not in self.addresses:
            return flow.b, flow.a
        return flow.a, flow.b

    def outwards(self, flow: Flow) -> tuple[Way, Way]:
        """What the near end sent, and what it got."""
        return (flow.forth, flow.back) if self.ends(flow)[0] == flow.a else (flow.back, flow.forth)

    def is_far(self, flow: Flow) -> bool:
        """Whether exactly one end is the device's."""
        return (flow.a.address in self.addresses) != (flow.b.address in self.addresses)


def given(words: Sequence[str]) -> Near:
    """Raises RF5001 for what is no address."""
    try:
        return Near(frozenset(str(ip_address(word)) for word in words), True)
    except ValueError as error:
        raise Refusal("RF5001", f"--me: {error}") from None


def guess(flows: Iterable[Flow]) -> Near:
    """Of each family, the address at one end of the most flows: a device talks to many, and each server to it alone. Of
    equals, one of a local network, then the one that sends first more often, then with more bytes."""
    talks: Counter[str] = Counter()
    begins: Counter[str] = Counter()
    size: Counter[str] = Counter()
    for flow in flows:
        begins[flow.a.address] += 1
        for address in {flow.a.address, flow.b.address}:
            talks[address] += 1
            size[address] += flow.bytes
    nobody = {address for address in talks if _is_group(address)}

    def weight(address: str) -> tuple[int, bool, int, int, str]:
        return talks[address], not placeable(address), begins[address], size[address], address

    found = set()
    for is_v6 in (False, True):
        family = [address for address in talks if (":" in address) == is_v6 and address not in nobody]
        # Link-local addresses are the same device's beside its others.
        if family:
            found.add(max(family, key=weight))
    return Near(frozenset(found), False)


def _is_group(address: str) -> bool:
    """Multicast and broadcast are nobody's."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return True
    return parsed.is_multicast or parsed.is_unspecified or address == "255.255.255.255" or address.endswith(".255")
