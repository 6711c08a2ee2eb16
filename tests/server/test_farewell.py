"""What a client said before it went is heard, also when the server was speaking to it in that moment."""

import asyncio
from typing import Any, cast

import pytest
import websockets
from fastapi import WebSocket

from machine import PATIENT
from ringfence.signalling import session
from ringfence.signalling.attendance import Attendance
from ringfence.signalling.connection import Connection
from ringfence.wire.session import Ping, Pong

from .listening import listening

MANY = 5


class Slow:
    """Hears the first message only when its sender has gone, and answers each."""

    def __init__(self, connection: Connection) -> None:
        self.connection, self.session, self.heard = connection, 1, 0
        self.gone = asyncio.Event()

    async def receive(self, message: Ping) -> None:
        await self.gone.wait()
        self.heard += 1
        self.connection.tell(Pong())
        for _ in range(10):  # what is stored takes a while
            await asyncio.sleep(0)


@pytest.mark.parametrize("how", ["politely", "at_once"])
async def test_what_was_said_before_leaving_is_heard(how: str) -> None:
    attendances: list[Slow] = []
    over = asyncio.Event()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        socket = WebSocket(scope, receive, send)
        attendances.append(Slow(Connection(socket, "127.0.0.1")))
        await socket.accept()
        await session._both_ways(cast(Attendance, attendances[0]))
        over.set()

    async with listening(app) as port, asyncio.timeout(PATIENT):
        client = await websockets.connect(f"ws://127.0.0.1:{port}/", ping_interval=None)
        for _ in range(MANY):
            await client.send('{"t":"ping"}')
        if how == "politely":
            await client.close()
        else:
            client.transport.close()
            await client.wait_closed()
        attendances[0].gone.set()
        await over.wait()
    assert attendances[0].heard == MANY
