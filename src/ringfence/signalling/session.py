"""The life of one WebSocket: accepted, greeted in time, read until it ends, and cleared away.
Not here: what messages do (delivery), or who may connect at all (server)."""

import asyncio
import logging
import time

from fastapi import WebSocket, WebSocketDisconnect

from ringfence.errors import Refusal
from ringfence.signalling.attendance import Attendance
from ringfence.signalling.connection import Allowance, Connection, kind, read
from ringfence.signalling.delivery import Delivery
from ringfence.signalling.limits import Bucket, Rate
from ringfence.types import MeetingId

log = logging.getLogger(__name__)

HELLO_SECONDS = 10.0
# How long it may take to do what a client said before it went.
LAST_WORDS_SECONDS = 10.0
# So many refusals in so short a time, and it is not a client of ours: those of lost races are few.
PATIENCE = Rate(50, 0.2)
# Refusals after which nothing more is read.
FATAL = {"RF1002", "RF1003", "RF1214"}


async def attend(delivery: Delivery, meeting: MeetingId, socket: WebSocket, address: str) -> None:
    """Raises Refusal before the socket is accepted, and nothing after."""
    connection = Connection(socket, address)
    running, session = await delivery.connect(meeting, connection)
    attendance = Attendance(delivery, running, session, connection)
    try:
        await socket.accept()
        await _both_ways(attendance)
    finally:
        await attendance.leave()


async def _both_ways(attendance: Attendance) -> None:
    connection = attendance.connection
    sender = asyncio.ensure_future(connection.send_all())
    reader = asyncio.ensure_future(_listen(attendance))
    over = asyncio.ensure_future(connection.over.wait())
    try:
        await asyncio.wait({sender, reader, over}, return_when=asyncio.FIRST_COMPLETED)
        if reader.done() and not sender.done():
            connection.close()
            await asyncio.wait({sender, over}, return_when=asyncio.FIRST_COMPLETED)
        elif sender.done() and not sender.result():
            await asyncio.wait({reader}, timeout=LAST_WORDS_SECONDS)
    finally:
        for task in (sender, reader, over):
            task.cancel()
        await asyncio.gather(sender, reader, over, return_exceptions=True)


async def _listen(attendance: Attendance) -> None:
    """Reads until the client goes or is sent away."""
    connection, allowance = attendance.connection, Allowance(time.monotonic())
    greeted, patience = False, Bucket(PATIENCE, time.monotonic())
    deadline = asyncio.get_running_loop().time() + HELLO_SECONDS
    while True:
        text: str | None = None
        try:
            async with asyncio.timeout_at(None if greeted else deadline):
                text = await connection.receive()
            allowance.spend(text, time.monotonic())
            await attendance.receive(read(text))
            greeted = True
        except WebSocketDisconnect:
            return
        except TimeoutError:
            connection.close("RF1214")
            return
        except Refusal as refusal:
            log.info("session %d: %s refused", attendance.session, refusal.code)
            connection.refuse(refusal, kind(text) if text is not None else None)
            if refusal.code in FATAL:
                connection.close(refusal.code)
                return
            if not patience.take(time.monotonic()):
                connection.close("RF1201")
                return
        except Exception:
            log.exception("session %d failed", attendance.session)
            connection.close("RF1007")
            return
