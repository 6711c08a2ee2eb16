"""The lying server: a man in the middle of one real `ringfence serve`, for pages, API and WebSocket.
Passes everything on unless a lie says otherwise; which lies there are is in the tests."""

import asyncio
import json
import threading
from collections.abc import Callable, Coroutine
from typing import Any

import aiohttp
from aiohttp import web

from machine import PATIENT

Message = dict[str, Any]
Rewrite = Callable[["Session", Message], "Message | list[Message] | None"]
HOP_BY_HOP = {"connection", "transfer-encoding", "content-encoding", "content-length", "keep-alive"}


class Lie:
    """What is rewritten, by the type of the message; and the sessions that were lied to."""

    def __init__(
        self,
        meeting: Callable[[Message], Message] | None = None,
        **rewrites: Rewrite,
    ) -> None:
        self.meeting = meeting
        self.rewrites = rewrites
        self.sessions: list[Session] = []
        self.changed = threading.Condition()

    def tell(self, session: "Session", message: Message) -> list[Message]:
        rewrite = self.rewrites.get(message["t"])
        told = rewrite(session, message) if rewrite else message
        if told is None:
            return []
        return told if isinstance(told, list) else [told]

    def session(self, seconds: float = PATIENT) -> "Session":
        """The newest session under this lie, as soon as there is one."""
        with self.changed:
            if not self.changed.wait_for(lambda: self.sessions, seconds):
                raise TimeoutError("the page opened no session")
            return self.sessions[-1]


class Session:
    """One page's WebSocket: what it said and was told, and a way to say more."""

    def __init__(self, lie: Lie, loop: asyncio.AbstractEventLoop) -> None:
        self.lie, self._loop = lie, loop
        self.said: list[Message] = []
        self.told: list[Message] = []
        self.heard: list[Message] = []  # from the real server, before the lie
        self.page: web.WebSocketResponse | None = None
        self.real: aiohttp.ClientWebSocketResponse | None = None

    def _note(self, where: list[Message], message: Message) -> None:
        with self.lie.changed:
            where.append(message)
            self.lie.changed.notify_all()

    async def to_page(self, message: Message) -> None:
        self._note(self.told, message)
        if self.page is not None and not self.page.closed:
            await self.page.send_str(json.dumps(message))

    async def from_real(self, message: Message) -> None:
        self._note(self.heard, message)
        for told in self.lie.tell(self, message):
            await self.to_page(told)

    async def from_page(self, message: Message) -> None:
        self._note(self.said, message)
        if self.real is not None:
            await self.real.send_str(json.dumps(message))

    def tell(self, *messages: Message) -> None:
        """Says something to the page that the real server never said (from the test's thread)."""

        async def all_of_them() -> None:
            for message in messages:
                await self.to_page(message)

        asyncio.run_coroutine_threadsafe(all_of_them(), self._loop).result(PATIENT)

    def cut(self) -> None:
        """Closes the page's connection."""

        async def both() -> None:
            for end in (self.page, self.real):
                if end is not None:
                    await end.close()

        asyncio.run_coroutine_threadsafe(both(), self._loop).result(PATIENT)

    def last(self, where: str, t: str) -> Message:
        return next(m for m in reversed(getattr(self, where)) if m["t"] == t)

    def wait(self, where: str, t: str, seconds: float = PATIENT, after: int = 0) -> Message:
        """The first message of type `t` in `said`, `told` or `heard`, from the given place on."""

        def found() -> Message | None:
            return next((m for m in getattr(self, where)[after:] if m["t"] == t), None)

        with self.lie.changed:
            if not self.lie.changed.wait_for(found, seconds):
                kinds = [m["t"] for m in getattr(self, where)]
                raise TimeoutError(f"no {t} in what was {where}: {kinds}")
            return found()


class LyingServer:
    """Runs in a thread of its own; `lie` holds for what begins after it is set."""

    def __init__(self, real: str, port: int) -> None:
        self.real, self.port = real, port
        self.url = f"http://localhost:{port}"
        self.lie = Lie()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def run(self, work: Coroutine[Any, Any, Any], seconds: float = PATIENT) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(seconds)

    def start(self) -> None:
        self._thread.start()
        self.run(self._serve())

    def stop(self) -> None:
        self.run(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(PATIENT)

    async def _serve(self) -> None:
        self.client = aiohttp.ClientSession(auto_decompress=True)
        app = web.Application(client_max_size=1 << 22)
        app.router.add_get("/api/v1/meetings/{meeting}/session", self._session)
        app.router.add_route("*", "/{path:.*}", self._http)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "localhost", self.port).start()

    async def _close(self) -> None:
        await self.client.close()
        await self._runner.cleanup()

    async def _http(self, request: web.Request) -> web.Response:
        lie = self.lie
        headers = {k: v for k, v in request.headers.items() if k.lower() not in HOP_BY_HOP}
        headers["Accept-Encoding"] = "gzip"  # what this proxy can read
        async with self.client.request(
            request.method,
            self.real + request.raw_path,
            headers=headers,
            data=await request.read(),
            allow_redirects=False,
        ) as answer:
            body = await answer.read()
            parts = request.path.strip("/").split("/")
            about_meeting = parts[:3] == ["api", "v1", "meetings"] and len(parts) == 4
            if lie.meeting and about_meeting and answer.status == 200:
                body = json.dumps(lie.meeting(json.loads(body))).encode()
            kept = [(k, v) for k, v in answer.headers.items() if k.lower() not in HOP_BY_HOP]
            return web.Response(status=answer.status, headers=kept, body=body)

    async def _session(self, request: web.Request) -> web.WebSocketResponse:
        session = Session(self.lie, self._loop)
        session.page = web.WebSocketResponse(max_msg_size=1 << 21)
        await session.page.prepare(request)
        kept = {k: request.headers[k] for k in ("Origin", "Host", "Cookie") if k in request.headers}
        async with self.client.ws_connect(
            self.real + request.raw_path, headers=kept, max_msg_size=1 << 21
        ) as session.real:
            with session.lie.changed:
                session.lie.sessions.append(session)
                session.lie.changed.notify_all()
            ways = [
                asyncio.ensure_future(_pass(session.page, session.from_page)),
                asyncio.ensure_future(_pass(session.real, session.from_real)),
            ]
            _, unfinished = await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            for way in unfinished:
                way.cancel()
            await session.page.close()
        return session.page


async def _pass(
    source: web.WebSocketResponse | aiohttp.ClientWebSocketResponse,
    sink: Callable[[Message], Coroutine[Any, Any, None]],
) -> None:
    async for frame in source:
        if frame.type is aiohttp.WSMsgType.TEXT:
            await sink(json.loads(frame.data))
