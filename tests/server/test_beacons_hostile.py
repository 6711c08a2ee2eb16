"""What a beacon may send back, and that it hurts nobody: one request, one bounded answer, followed nowhere.
A bare socket plays the beacon."""

import asyncio
import json
from collections.abc import Awaitable, Callable

import pytest

from machine import PATIENT
from ringfence.beacons import transcripts
from ringfence.beacons.exchange import exchange
from ringfence.errors import Refusal

LONGEST = 1 << 17
Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def asked(talk: Talk, seconds: float = PATIENT) -> tuple[int, bytes]:
    """What `exchange` makes of somebody who talks like this."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        await talk(reader, writer)
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        return await exchange(f"http://127.0.0.1:{port}/x", b"{}", longest=LONGEST, seconds=seconds)


def says(*parts: bytes) -> Talk:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for part in parts:
            writer.write(part)
            await writer.drain()

    return talk


async def refused(talk: Talk, seconds: float = PATIENT) -> str:
    with pytest.raises(Refusal) as refusal:
        await asked(talk, seconds)
    return refusal.value.code


async def test_an_answer_is_its_status_and_its_body() -> None:
    assert await asked(says(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")) == (200, b"{}")


async def test_a_redirect_is_no_answer_and_is_not_followed() -> None:
    status, body = await asked(says(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/\r\nContent-Length: 0\r\n\r\n"))
    assert transcripts.refused(body, status).code == "RF1312"


@pytest.mark.parametrize(
    "parts",
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{}",),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n", b"x" * (LONGEST + 1)),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", *[b"4000\r\n" + b"x" * 0x4000 + b"\r\n"] * 9),
        (b"HTTP/1.1 200 OK\r\n", b"X: " + b"x" * (1 << 20)),
        (b"SSH-2.0-OpenSSH_9.2p1\r\n\r\n",),
        (b"",),
    ],
    ids=["cut off", "long", "long in chunks", "endless head", "another protocol", "nothing"],
)
async def test_what_is_longer_shorter_or_other_than_an_answer_is_refused(parts: tuple[bytes, ...]) -> None:
    assert await refused(says(*parts)) == "RF1312"


async def test_who_answers_drop_by_drop_is_not_waited_for() -> None:
    async def drops(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        while await reader.read(1):
            pass

    assert await refused(drops, seconds=0.2) == "RF1311"


async def test_where_nobody_listens_nobody_can_be_reached() -> None:
    async with await asyncio.start_server(lambda *_: None, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
    with pytest.raises(Refusal) as refusal:
        await exchange(f"http://127.0.0.1:{port}/x", b"", longest=1, seconds=PATIENT)
    assert refusal.value.code == "RF1311"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b'{"code": "RF1302", "detail": "it is not listed"}', "RF1313"),
        (b'{"code": "RF1302\\u001b[2J", "detail": ""}', "RF1312"),
        (b'{"code": 1302}', "RF1312"),
        (b"[" * 100_000, "RF1312"),
        (b"\xff", "RF1312"),
        (b"null", "RF1312"),
    ],
)
def test_why_a_beacon_refuses_is_passed_on_as_far_as_it_is_one_of_our_reasons(body: bytes, code: str) -> None:
    assert transcripts.refused(body, 403).code == code


def test_what_a_beacon_says_in_its_refusal_moves_no_cursor() -> None:
    said = transcripts.refused(json.dumps({"code": "RF1302", "detail": "\x1b[2Jgone" + "x" * 500}).encode(), 403)
    assert "\x1b" not in said.detail
    assert len(said.detail) < 250
