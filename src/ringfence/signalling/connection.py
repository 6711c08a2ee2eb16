"""One WebSocket: frames in and out, bounded in number, size and patience.
Not here: what the messages mean (delivery)."""

import asyncio
import json
import logging
from collections import deque

from fastapi import WebSocket, WebSocketDisconnect
from pydantic import ValidationError

from ringfence.errors import Refusal, entry
from ringfence.signalling.limits import BYTES, MESSAGES, Bucket
from ringfence.wire.model import MAX_MESSAGE, wrong
from ringfence.wire.session import FROM_CLIENT, ClientMessage, Error, ServerBye, ServerMessage

log = logging.getLogger(__name__)

# What may wait to be sent to a slow client; the sum of a meeting's largest messages fits.
OUTBOX_BYTES = 8 << 20
OUTBOX_MESSAGES = 2000
# How long a client may take to read what is waiting when the connection is closed.
FAREWELL_SECONDS = 2.0
# Close codes (RFC 6455 section 7.4.1) of refusals that end a connection.
CLOSE_CODES = {"RF1003": 1008, "RF1002": 1009, "RF1201": 1008, "RF1210": 1013, "RF1211": 1001}


class Connection:
    """`tell` never waits: what cannot be sent soon enough ends the connection."""

    def __init__(self, socket: WebSocket, address: str) -> None:
        self._socket = socket
        self.address = address
        self._outbox: deque[str] = deque()
        self._waiting = 0
        self._news = asyncio.Event()
        self._closing: str | None = None
        self._closed = False
        # Set when the client had its time to read the farewell.
        self.over = asyncio.Event()

    # Out

    def tell(self, message: ServerMessage) -> None:
        if self._closed:
            return
        text = message.model_dump_json()
        self._outbox.append(text)
        self._waiting += len(text)
        if self._waiting > OUTBOX_BYTES or len(self._outbox) > OUTBOX_MESSAGES:
            # What waits would come too late anyway; the client greets anew.
            log.warning("somebody does not read what they are sent: RF1210")
            self._outbox.clear()
            self.close("RF1210")
        self._news.set()

    def refuse(self, refusal: Refusal, re: str | None) -> None:
        words = entry(refusal.code)
        detail = refusal.detail or words.why
        self.tell(Error(code=refusal.code, title=words.title, detail=detail, do=words.do, re=re))

    def close(self, code: str | None = None) -> None:
        """After what was told before. `code`: said in a farewell."""
        if self._closed:
            return
        if code is not None:
            self._outbox.append(ServerBye(code=code).model_dump_json())
        self._closed, self._closing = True, code
        self._news.set()
        asyncio.get_running_loop().call_later(FAREWELL_SECONDS, self.over.set)

    async def send_all(self) -> bool:
        """Sends what is told until the connection is closed from either side. False: the client went first."""
        try:
            while True:
                while self._outbox:
                    text = self._outbox.popleft()
                    self._waiting -= len(text)
                    await self._socket.send_text(text)
                if self._closed:
                    break
                self._news.clear()
                await self._news.wait()
            code = CLOSE_CODES.get(self._closing or "", 1000)
            await self._socket.close(code, self._closing)
            return True
        except (WebSocketDisconnect, RuntimeError, OSError):
            self._closed = True  # the reader hears of it too, after what the client said before
            return False

    # In

    async def receive(self) -> str:
        """The next text frame. Raises WebSocketDisconnect; RF1201 for a binary frame, RF1002 when too long."""
        frame = await self._socket.receive()
        if frame["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(frame.get("code", 1005))
        text = frame.get("text")
        if text is None:
            raise Refusal("RF1201", "binary frames are not used")
        if len(text) > MAX_MESSAGE:
            raise Refusal("RF1002", "a frame is longer than 1 MiB")
        return str(text)


class Allowance:
    """What one connection may say."""

    def __init__(self, now: float) -> None:
        self._messages, self._bytes = Bucket(MESSAGES, now), Bucket(BYTES, now)

    def spend(self, text: str, now: float) -> None:
        """Raises RF1003 when it is too much."""
        if not self._messages.take(now) or not self._bytes.take(now, len(text)):
            raise Refusal("RF1003", "too much was said in too short a time")


def read(text: str) -> ClientMessage:
    """Raises RF1201 with the first thing that is wrong, never with what was said."""
    try:
        return FROM_CLIENT.validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        if first["type"] == "union_tag_invalid":
            raise Refusal("RF1201", "there is no message of this `t`") from None
        raise Refusal("RF1201", wrong(first["type"], first["loc"])) from None


def kind(text: str) -> str | None:
    """The `t` of a message that could not be read, if it is one that exists."""
    try:
        t = json.loads(text)["t"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    return t if isinstance(t, str) and len(t) <= 16 and t.isalpha() else None
