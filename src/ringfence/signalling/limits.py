"""How much one connection and one address may ask for. The clock is an argument.
Not here: how large a message may be (wire), or how many people a meeting holds (its charter)."""

import ipaddress
import logging
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Rate:
    """`burst` at once, then `each` a second."""

    burst: float
    each: float


# A lively meeting of a hundred says about ten messages a second at its busiest member.
MESSAGES = Rate(200, 40)
BYTES = Rate(4 << 20, 512 << 10)
# Of one address: a school class behind one router arrives together.
MEETINGS = Rate(100, 1)
KNOCKS = Rate(200, 4)
# A beacon is asked every ten minutes, and after a failure sooner.
MEASUREMENTS = Rate(10, 1 / 30)
CONNECTIONS = Rate(400, 8)
ADDRESSES_KEPT = 10_000
# A flood is not to fill the log as well.
LOG_SECONDS = 10.0


class Bucket:
    """A token bucket."""

    def __init__(self, rate: Rate, now: float) -> None:
        self._rate, self._left, self._at = rate, rate.burst, now

    def take(self, now: float, amount: float = 1) -> bool:
        """Whether it may be; takes nothing when not."""
        self._left = min(self._rate.burst, self._left + (now - self._at) * self._rate.each)
        self._at = now
        if self._left < amount:
            return False
        self._left -= amount
        return True


class PerAddress:
    """A bucket for each address, and for each /64 of IPv6: that is what one subscriber has. The log is told that there
    was too much of something, and how often, never from where."""

    def __init__(self, what: str, rate: Rate, clock: Callable[[], float]) -> None:
        self._what, self._rate, self._clock = what, rate, clock
        self._buckets: OrderedDict[str, Bucket] = OrderedDict()
        self._refused, self._logged = 0, float("-inf")

    def take(self, address: str) -> bool:
        name, now = subscriber(address), self._clock()
        bucket = self._buckets.pop(name, None) or Bucket(self._rate, now)
        self._buckets[name] = bucket
        if len(self._buckets) > ADDRESSES_KEPT:
            self._buckets.popitem(last=False)
        return bucket.take(now) or self._refuse(now)

    def _refuse(self, now: float) -> bool:
        self._refused += 1
        if now - self._logged >= LOG_SECONDS:
            log.warning("too many %s from one address: RF1003, %d times so far", self._what, self._refused)
            self._logged = now
        return False


class Sparse(logging.Filter):
    """Lets a line of a library through at most so often: strangers can cause them as fast as they can connect."""

    def __init__(self, clock: Callable[[], float]) -> None:
        super().__init__()
        self._clock = clock
        self._last: OrderedDict[str, float] = OrderedDict()

    def filter(self, record: logging.LogRecord) -> bool:
        now, text = self._clock(), str(record.msg)
        if now - self._last.get(text, float("-inf")) < LOG_SECONDS:
            return False
        self._last[text] = now
        if len(self._last) > 100:
            self._last.popitem(last=False)
        return True


def subscriber(address: str) -> str:
    """Whom an address stands for: itself, or its /64."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if parsed.version == 6:
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)
