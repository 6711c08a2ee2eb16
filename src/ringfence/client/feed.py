"""Events from who makes them to who reads them, and waiting for something to hold.
Not here: what the events mean (events), or making them (meeting)."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable

from ringfence.client.events import Ended, Event, How
from ringfence.errors import Refusal

# Who does not read their events loses the oldest.
KEPT = 4096
# An end without a code of its own.
ENDS: dict[How, str] = {"left": "RF7006", "removed": "RF7009", "denied": "RF7008", "stopped": "RF6103"}


class Feed:
    """`ended` is the last event, once it has come."""

    def __init__(self) -> None:
        self._events: deque[Event] = deque(maxlen=KEPT)
        self._waiting: set[asyncio.Future[None]] = set()
        self.ended: Ended | None = None

    def tell(self, event: Event) -> None:
        """Nothing follows an end."""
        if self.ended is not None:
            return
        if isinstance(event, Ended):
            self.ended = event
        self._events.append(event)
        self.changed()

    def changed(self) -> None:
        """Whoever waits looks again."""
        for waiting in self._waiting:
            if not waiting.done():
                waiting.set_result(None)
        self._waiting.clear()

    async def read(self) -> AsyncIterator[Event]:
        """Each once, in order, until `Ended`."""
        while True:
            while self._events:
                event = self._events.popleft()
                yield event
                if isinstance(event, Ended):
                    return
            if self.ended is not None:
                return
            await self._change()

    async def until(self, holds: Callable[[], bool]) -> None:
        """Raises a Refusal with the code of the end that came before."""
        while not holds():
            if self.ended is not None:
                raise Refusal(self.ended.code or ENDS[self.ended.how], self.ended.detail)
            await self._change()

    async def _change(self) -> None:
        waiting: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.add(waiting)
        await waiting
