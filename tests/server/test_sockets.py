"""What one TCP connection may take below requests and messages: time, frames, places. Over real sockets, by uvicorn."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
import websockets
from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.uri import parse_uri

from machine import PATIENT
from ringfence.server import sockets

from .listening import listening

Scope = dict[str, Any]
Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]
REQUEST = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n"


async def app(scope: Scope, receive: Callable[[], Awaitable[Scope]], send: Callable[[Scope], Awaitable[None]]) -> None:
    """Takes what comes; a request is answered, a WebSocket's messages are counted aloud."""
    if scope["type"] == "http":
        while (await receive()).get("more_body"):
            pass
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body"})
        return
    await receive()
    await send({"type": "websocket.accept"})
    while (message := await receive())["type"] == "websocket.receive":
        await send({"type": "websocket.send", "text": str(len(message["text"]))})


async def ends(reader: asyncio.StreamReader) -> None:
    """The server ends the connection."""
    async with asyncio.timeout(PATIENT):
        try:
            while await reader.read(1 << 16):
                pass
        except ConnectionResetError:
            pass


@asynccontextmanager
async def upgraded(port: int) -> AsyncIterator[tuple[ClientProtocol, asyncio.StreamReader, asyncio.StreamWriter]]:
    """A WebSocket whose frames the test makes itself."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    protocol = ClientProtocol(parse_uri(f"ws://127.0.0.1:{port}/"))
    protocol.send_request(protocol.connect())
    writer.write(b"".join(protocol.data_to_send()))
    protocol.receive_data(await reader.readuntil(b"\r\n\r\n"))
    yield protocol, reader, writer
    writer.close()


@pytest.mark.parametrize("sent", [b"", b"GET / HT", REQUEST, REQUEST + b"12345"])
async def test_a_request_that_does_not_arrive_ends_its_connection(sent: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sockets, "READ_SECONDS", 0.2)
    async with listening(app) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(sent)
        await ends(reader)


async def test_dripping_bytes_win_no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sockets, "READ_SECONDS", 0.3)
    async with listening(app) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)

        async def drip() -> None:
            while True:
                writer.write(b"G")
                await asyncio.sleep(0.05)  # this is the attack

        dripping = asyncio.create_task(drip())
        await ends(reader)
        dripping.cancel()


async def test_whole_requests_are_answered_one_after_the_other() -> None:
    async with listening(app) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(3):
            writer.write(REQUEST + b"0123456789")
            assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 204")
        writer.close()


async def test_a_websocket_outlives_the_time_that_a_request_has(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sockets, "READ_SECONDS", 1)
    async with listening(app) as port, websockets.connect(f"ws://127.0.0.1:{port}/", ping_interval=None) as socket:
        await asyncio.sleep(1.5)  # longer than that
        await socket.send("four")
        assert await socket.recv() == "4"


async def test_a_message_of_endless_fragments_ends_the_connection() -> None:
    async with listening(app) as port, upgraded(port) as (protocol, reader, writer):
        protocol.send_text(b"", fin=False)
        for _ in range(sockets.MOST_FRAGMENTS + 1):
            protocol.send_continuation(b"", fin=False)
        writer.write(b"".join(protocol.data_to_send()))
        await ends(reader)


async def test_a_message_in_some_fragments_is_one() -> None:
    async with listening(app) as port, websockets.connect(f"ws://127.0.0.1:{port}/") as socket:
        await socket.send(["ab"] * 40)
        assert await socket.recv() == "80"


@pytest.mark.parametrize("opcode", [Opcode.PING, Opcode.PONG])
async def test_a_flood_of_control_frames_ends_the_connection(opcode: Opcode) -> None:
    async with listening(app) as port, upgraded(port) as (_, reader, writer):
        frame = Frame(opcode, bytes(125)).serialize(mask=True, extensions=[])
        writer.write(frame * int(sockets.CONTROLS.burst + 5))
        await ends(reader)


async def test_one_address_has_no_more_places_than_its_share(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sockets, "MOST_OPEN", 3)
    monkeypatch.setattr(sockets, "_is_loopback", lambda _: False)
    async with listening(app) as port:
        held = [await asyncio.open_connection("127.0.0.1", port) for _ in range(4)]
        await ends(held[3][0])
        held[0][1].close()
        await held[0][1].wait_closed()
        async with asyncio.timeout(PATIENT):
            while not await admitted(port):
                pass
        for _, writer in held:
            writer.close()


async def admitted(port: int) -> bool:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(REQUEST + b"0123456789")
        return (await reader.read(100)).startswith(b"HTTP/1.1 204")
    except ConnectionResetError:
        return False
    finally:
        writer.close()
