"""The signalling WebSocket: JSON out and in, and coming back when it is lost.
Not here: what the messages mean (core/e2ee)."""

import asyncio
import contextlib
import json
import logging
import random
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus, WebSocketException
from websockets.typing import Origin

from ringfence.client.link import Link
from ringfence.errors import Refusal, catalogue

FIRST_WAIT = 0.25
LONGEST_WAIT = 8.0
LONGEST_ATTEMPT = 10.0
# docs/protocol: text frames of at most 1 MiB.
LONGEST_MESSAGE = 1 << 20
# A connection over which nothing comes for so long is looked at, and given up after the second.
QUIET, DEAD = 5.0, 10.0
# What the library would log holds the meeting's address.
SILENT = logging.Logger("ringfence.client.silent", logging.CRITICAL + 1)
# Refusals that are the same a moment later.
LASTING = (403, 404, 409)


class Direct(connect):
    """A server that sends us elsewhere is no server of ours: nobody else is ever asked."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        return exc


class Signalling:
    """`heard` gets each message; `lost` is told why, each time that an attempt or a connection ends."""

    def __init__(
        self,
        link: Link,
        authority: Path | None,
        opened: Callable[[], None],
        heard: Callable[[dict[str, Any]], None],
        lost: Callable[[Refusal, bool], None],
    ) -> None:
        """`authority`: certificates in PEM, trusted instead of the system's. Raises RF7004."""
        self._link, self._tls = link, trusting(authority) if link.session.startswith("wss:") else None
        self._opened, self._heard, self._lost = opened, heard, lost
        self._out: asyncio.Queue[str] | None = None
        self._socket: ClientConnection | None = None
        self._wait = FIRST_WAIT
        self._hurry = asyncio.Event()

    async def run(self) -> None:
        """Connects, again and again, until it is cancelled."""
        while True:
            why, lasting = await self._attempt()
            self._lost(why, lasting)
            # Half at random, so that a meeting does not come back in one blow.
            wait = self._wait * (0.5 + random.random() / 2)  # noqa: S311
            self._wait = min(self._wait * 2, LONGEST_WAIT)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._hurry.wait(), wait)
            self._hurry.clear()

    def send(self, message: dict[str, Any]) -> None:
        """What cannot be sent is lost; after the next hello everything is said anew."""
        if self._out is not None:
            self._out.put_nowait(json.dumps(message))

    def renew(self) -> None:
        """This connection leads nowhere: another, at once."""
        self._wait = FIRST_WAIT
        self._hurry.set()
        if self._socket is not None:
            self._socket.transport.abort()

    async def sent(self) -> None:
        """Until all that was said is on its way."""
        if self._out is not None:
            await self._out.join()

    async def _attempt(self) -> tuple[Refusal, bool]:
        """Why it ended, and whether another attempt would end likewise."""
        try:
            async with Direct(
                self._link.session,
                origin=Origin(self._link.origin),
                ssl=self._tls,
                compression=None,
                user_agent_header=None,
                proxy=None,
                max_size=LONGEST_MESSAGE,
                open_timeout=LONGEST_ATTEMPT,
                ping_interval=QUIET,
                ping_timeout=DEAD,
                close_timeout=1,
                logger=SILENT,
            ) as socket:
                await self._follow(socket)
            return Refusal("RF7002", "it ended the connection"), False
        except InvalidStatus as refused:
            status = refused.response.status_code
            return problem(status, bytes(refused.response.body or b"")), status in LASTING
        except ssl.SSLCertVerificationError as error:
            return Refusal("RF7003", error.verify_message), True
        except (OSError, TimeoutError, WebSocketException, EOFError, ValueError) as error:
            # Whatever an address that is none, or a server that is none, makes of the library.
            return Refusal("RF7002", error.strerror if isinstance(error, OSError) and error.strerror else ""), False

    async def _follow(self, socket: ClientConnection) -> None:
        self._socket, self._out = socket, asyncio.Queue()
        writing = asyncio.create_task(self._write(socket, self._out))
        self._wait = FIRST_WAIT
        self._hurry.clear()
        self._opened()
        try:
            async for text in socket:
                message = json.loads(text) if isinstance(text, str) else None
                if not isinstance(message, dict):
                    return
                self._heard(message)
        except (ValueError, RecursionError):
            return  # what is not JSON is of no server of ours
        finally:
            self._socket = self._out = None
            writing.cancel()
            await asyncio.gather(writing, return_exceptions=True)

    async def _write(self, socket: ClientConnection, out: asyncio.Queue[str]) -> None:
        with contextlib.suppress(WebSocketException):
            while True:
                await socket.send(await out.get())
                out.task_done()


def trusting(authority: Path | None) -> ssl.SSLContext:
    """Raises RF7004."""
    try:
        return ssl.create_default_context(cafile=None if authority is None else str(authority))
    except OSError as error:
        raise Refusal("RF7004", error.strerror or "") from None


def problem(status: int, body: bytes) -> Refusal:
    """What a server of ours says when it refuses (RFC 9457); else something else answers in its place."""
    with contextlib.suppress(ValueError, RecursionError):
        told = json.loads(body)
        code, detail = (told.get("code"), told.get("detail")) if isinstance(told, dict) else (None, None)
        if isinstance(code, str) and code in catalogue():
            return Refusal(code, _plain(detail) if isinstance(detail, str) else "")
    return Refusal("RF7002", f"something answers with status {status}")


def _plain(text: str) -> str:
    """What a server says, in so many letters, each of which can be written."""
    return text[:300].encode(errors="replace").decode()
