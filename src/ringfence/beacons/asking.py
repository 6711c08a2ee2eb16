"""Asks the beacons that the operator named, again and again, and keeps what they said as long as it counts.
Not here: the request itself (exchange), or what of an answer is used (transcripts)."""

import asyncio
import contextlib
import logging
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from ringfence._core import documents
from ringfence.beacons import transcripts
from ringfence.beacons.exchange import exchange
from ringfence.beacons.transcripts import Answer, Asker, Transcript
from ringfence.errors import Refusal
from ringfence.wire.http import RoundTripsAsked

log = logging.getLogger(__name__)

PATH = "/api/v1/round-trips"
# So often each is asked: what it says counts for an hour, so that it may be away for most of one.
EVERY = 600.0
# News is told no oftener: receipts of meetings keep all that was shown.
APART = 300.0
# After a failure, twice as long each time.
AGAIN = 30.0
# Of the time until the next question, more or less: beacons of many nodes are not asked by all at once.
JITTER = 0.1
# Measuring two addresses takes a beacon 6 s at most.
SECONDS = 30.0
LONGEST = 1 << 17
# In one greeting.
MOST = 16

Ask = Callable[[str, Asker], Awaitable[Answer]]


@dataclass
class Source:
    """One beacon, and how it went."""

    url: str
    due: float
    failures: int = 0
    # The last answer that could be used; it stays when the beacon is away.
    answer: Answer | None = None
    refused: Refusal | None = None

    @property
    def host(self) -> str:
        return urlsplit(self.url).netloc


async def ask(url: str, asker: Asker, now: Callable[[], float]) -> Answer:
    """Raises RF1311, RF1312, RF1313."""
    body = RoundTripsAsked(statement=asker.statement, port=asker.port).model_dump_json().encode()
    status, answer = await exchange(f"{url}{PATH}", body, longest=LONGEST, seconds=SECONDS)
    if status != 200:
        raise transcripts.refused(answer, status)
    return transcripts.check(answer, asker, now())


class Beacons:
    """Time is counted by `clock`; transcripts are dated, and so held against `now` (unix seconds)."""

    def __init__(
        self,
        urls: Sequence[str],
        asker: Callable[[], Asker],
        ask: Ask,
        *,
        clock: Callable[[], float],
        now: Callable[[], float],
        spread: Callable[[], float] = random.random,
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        """`changed` is called when there is something that was not shown before; `spread` says 0 to 1."""
        self.sources = [Source(url, clock()) for url in urls]
        self._asker, self._ask = asker, ask
        self._clock, self._now, self._spread = clock, now, spread
        self.changed = changed
        self._news, self._told = False, float("-inf")

    @property
    def bodies(self) -> dict[str, str]:
        """The last answer of each, by its address, for a server that starts again."""
        return {source.url: source.answer.body.decode() for source in self.sources if source.answer}

    def restore(self, bodies: Mapping[str, str]) -> None:
        """What was said before the server started again, as far as it counts still: a beacon may be away just now."""
        for source in self.sources:
            with contextlib.suppress(Refusal):
                body = bodies.get(source.url, "").encode()
                source.answer = transcripts.check(body, self._asker(), self._now(), documents.TRANSCRIPT_SECONDS)

    def transcripts(self, pinned: Sequence[bytes] = ()) -> list[Transcript]:
        """What is shown to whoever decides about this server."""
        said = [one for source in self.sources if source.answer for one in source.answer.transcripts]
        return transcripts.shown(said, pinned, self._now(), MOST)

    def offered(self) -> list[tuple[Source, Answer, Transcript]]:
        """Beacons that an owner may name: whose word counts now, each once."""
        counting = {one.beacon: one for one in reversed(self.transcripts())}
        # Two addresses may lead to one beacon.
        by_key = {source.answer.beacon: (source, source.answer) for source in self.sources if source.answer}
        return [(*found, counting[key]) for key, found in by_key.items() if key in counting]

    async def round(self) -> float:
        """Asks who is due, tells what is new, and says in how many seconds there is something to do again."""
        begun = self._clock()
        due = [self._one(source) for source in self.sources if source.due <= begun]
        self._news |= any(await asyncio.gather(*due))
        now = self._clock()
        if self._news and now >= self._told + APART:
            self._news, self._told = False, now
            self.changed()
        further = [source.due for source in self.sources] + ([self._told + APART] if self._news else [])
        return max(0.0, min(further) - now)

    async def run(self, sleep: Callable[[float], Awaitable[Any]] = asyncio.sleep) -> None:
        """Until it is cancelled."""
        while self.sources:
            await sleep(await self.round())

    async def _one(self, source: Source) -> bool:
        """Whether there is news."""
        try:
            answer = await self._ask(source.url, self._asker())
        except Refusal as refusal:
            self._failed(source, refusal)
            return False
        except Exception:  # whatever a stranger's answer brings about, the others are asked all the same
            log.exception("asking a beacon failed")
            self._failed(source, Refusal("RF1312", source.host))
            return False
        if source.refused is not None or source.answer is None:
            log.info("the beacon %s has measured this server", source.host)
        source.answer, source.refused, source.failures = answer, None, 0
        source.due = self._clock() + self._spread_out(EVERY)
        return True

    def _failed(self, source: Source, refusal: Refusal) -> None:
        # Said when it is new, and not again with each try.
        if source.refused is None or source.refused.code != refusal.code:
            log.warning("the beacon %s: %s %s", source.host, refusal.code, refusal.detail)
        source.refused = refusal
        source.due = self._clock() + self._spread_out(min(EVERY, AGAIN * 2.0**source.failures))
        source.failures += 1

    def _spread_out(self, seconds: float) -> float:
        return seconds * (1 + JITTER * (2 * self._spread() - 1))
