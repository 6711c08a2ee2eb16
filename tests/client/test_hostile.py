"""Whatever answers in a server's place: a headless participant neither fails nor goes elsewhere.
Not here: what is believed of a server (core/e2ee, tests/lying)."""

import asyncio
import json
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any

import pytest
from websockets.asyncio.server import Request, Response, ServerConnection, serve
from websockets.datastructures import Headers

from conftest import Serving
from machine import PATIENT
from ringfence.client import Ended, Meeting
from server.meeting import Organiser

from .people import Reader, link

WORDS: list[Any] = [
    "slots",
    "speaking",
    "resumed",
    "error",
    "hello",
    "answer",
    "welcome",
    "commit",
    "sealed",
    "x",
    1,
    None,
]
VALUES: list[Any] = [
    None,
    True,
    -1,
    1 << 70,
    1e308,
    "",
    "\ud800",
    "A" * 300,
    [],
    [[]],
    {},
    {"t": "slots"},
    ["x", 3],
    "offer",
]


def garbage(seed: int) -> str | bytes:
    chance = random.Random(seed)
    if chance.random() < 0.1:
        return chance.choice([b"\0binary", "no JSON", "[1]", "{", '{"t":NaN}', "[" * 100_000])
    fields = ("slots", "leaves", "need", "codec", "re", "media", "code", "detail", "message", "sdp", "mid")
    return json.dumps({"t": chance.choice(WORDS)} | {name: chance.choice(VALUES) for name in chance.sample(fields, 4)})


@asynccontextmanager
async def answering(handle: Callable[[ServerConnection], Any], process: Any = None) -> AsyncIterator[str]:
    async with serve(handle, "127.0.0.1", 0, process_request=process) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        yield f"http://127.0.0.1:{port}"


@asynccontextmanager
async def ended_at(server: Serving, url: str) -> AsyncIterator[Ended]:
    """How it ends for who looks for a meeting there."""
    async with asyncio.timeout(PATIENT), Meeting(link(Organiser(server.url), url), "Ada", patience=0.1) as meeting:
        yield await Reader(meeting).until(Ended)


async def test_a_server_that_talks_nonsense_is_given_up_and_does_no_harm(server: Serving):
    said = 0

    async def handle(socket: ServerConnection) -> None:
        nonlocal said
        for _ in range(50):
            said += 1
            await socket.send(garbage(said))

    organiser = Organiser(server.url)
    async with answering(handle) as url, asyncio.timeout(PATIENT):
        meeting = Meeting(link(organiser, url), "Ada", send=["test"], receive=True, patience=4)
        async with meeting:
            ended = await Reader(meeting).until(Ended)
            assert ended.code in ("RF7002", "RF3241"), "no answer, or none that can be read"
    assert said > 50, "it was tried again"


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b'{"code":["RF1101"]}', b'{"code":"RF0000"}', b'{"code":"RF1101","detail":"\\ud800"}']
)
async def test_a_refusal_in_any_words_is_told_by_a_code_that_is_known(server: Serving, body: bytes):
    def refuse(_: ServerConnection, __: Request) -> Response:
        return Response(404, "Not Found", Headers({"Content-Length": str(len(body))}), body)

    async with answering(lambda _: asyncio.sleep(0), refuse) as url, ended_at(server, url) as ended:
        assert ended.code in ("RF7002", "RF1101")
        ended.detail.encode()


async def test_nobody_is_followed_to_another_server(server: Serving):
    came = 0

    async def elsewhere(_: ServerConnection) -> None:
        nonlocal came
        came += 1

    async with answering(elsewhere) as other, asyncio.timeout(PATIENT):

        def send_away(_: ServerConnection, request: Request) -> Response:
            headers = Headers({"Location": other.replace("http", "ws") + request.path, "Content-Length": "0"})
            return Response(HTTPStatus.FOUND, "Found", headers, b"")

        async with answering(lambda _: asyncio.sleep(0), send_away) as url, ended_at(server, url) as ended:
            assert ended.code == "RF7002"
    assert came == 0
