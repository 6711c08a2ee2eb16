"""What one TCP connection may take of the server, below HTTP and WebSocket messages: time to ask, frames, places.
Not here: what is asked for (api, signalling)."""

import asyncio
import contextlib
import ipaddress
import resource
from collections import Counter
from typing import Any

from h11 import IDLE, SEND_BODY, Request
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame

from ringfence.signalling.limits import Bucket, PerAddress, Rate, subscriber

# How long a request may take to arrive, from the connection's first moment to the last byte of its body.
READ_SECONDS = 20.0
# Open at once from one address, and for each /64 of IPv6. A proxy on this machine has as many as it needs.
MOST_OPEN = 1000
# Pings and pongs are few: ours come every 20 s.
CONTROLS = Rate(20, 1)
# A message is one frame, or some: a browser sends one.
MOST_FRAGMENTS = 64


class Places:
    """How many connections each address has."""

    def __init__(self) -> None:
        self._open: Counter[str] = Counter()
        self._refusals = PerAddress("open connections", Rate(0, 0), lambda: asyncio.get_running_loop().time())

    def take(self, address: str) -> bool:
        name = subscriber(address)
        if self._open[name] >= MOST_OPEN and not _is_loopback(name):
            self._refusals.take(address)
            return False
        self._open[name] += 1
        return True

    def give(self, address: str) -> None:
        name = subscriber(address)
        self._open[name] -= 1
        if self._open[name] <= 0:
            del self._open[name]


def _is_loopback(name: str) -> bool:
    try:
        return ipaddress.ip_network(name).is_loopback
    except ValueError:
        return False


PLACES = Places()


def allow_many() -> None:
    """As many files as this process may open at all, instead of the usual 1024."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


class Http(H11Protocol):
    """A request arrives in time, or its connection ends."""

    _deadline: asyncio.TimerHandle | None = None
    _place: str | None = None

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        address = self.client[0] if self.client else ""
        if not PLACES.take(address):
            transport.abort()
            return
        self._place = address
        self._watch()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._watch()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._watch()

    def handle_websocket_upgrade(self, event: Request) -> None:
        self._end_watch()
        self._place = None  # the place goes with the connection to `Socket`
        super().handle_websocket_upgrade(event)

    def connection_lost(self, exc: Exception | None) -> None:
        self._end_watch()
        if self._place is not None:
            PLACES.give(self._place)
            self._place = None
        super().connection_lost(exc)

    def _watch(self) -> None:
        if self._place is None or self.conn.their_state not in (IDLE, SEND_BODY):
            self._end_watch()
        elif self._deadline is None:
            self._deadline = self.loop.call_later(READ_SECONDS, self._late)

    def _end_watch(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _late(self) -> None:
        self.transport.abort()


class Socket(WebSocketsSansIOProtocol):
    """The library bounds messages; this bounds the frames that make none."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._controls = Bucket(CONTROLS, self.loop.time())

    def connection_lost(self, exc: Exception | None) -> None:
        PLACES.give(self.client[0] if self.client else "")
        super().connection_lost(exc)

    def handle_cont(self, event: Frame) -> None:
        if len(self.frames) >= MOST_FRAGMENTS:
            self.transport.abort()
        else:
            super().handle_cont(event)

    def handle_ping(self) -> None:
        # Who does not read the answers is not answered for ever.
        if self.writable.is_set() and self._controls.take(self.loop.time()):
            super().handle_ping()
        else:
            self.transport.abort()

    def handle_pong(self, event: Frame) -> None:
        if self._controls.take(self.loop.time()):
            super().handle_pong(event)
        else:
            self.transport.abort()
