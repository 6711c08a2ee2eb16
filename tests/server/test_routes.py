"""The server's log of routes: over HTTP, in greetings, and after its disk failed or it was killed.
Not here: the command that checks it (test_log_command.py), or the tree (core/routelog)."""

import asyncio
import contextlib
import hashlib
import json
import os
import random
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path

import httpx
import pytest

from conftest import Serving
from lying.documents import b64, unb64
from machine import PATIENT
from ringfence._core import routelog
from ringfence.errors import Refusal
from ringfence.store.routes import Entry, RouteLog

from .meeting import Line, Organiser, Writing

Serve = Callable[..., Serving]
ENTRY = 35  # two bytes of length, a version, a hash


def get(server: Serving, path: str) -> httpx.Response:
    return httpx.get(f"{server.url}{path}", timeout=PATIENT)


def asked(server: Serving, path: str) -> tuple[int, str | None, bytes]:
    """As it is written: clients for people tidy paths first."""
    with contextlib.closing(HTTPConnection(server.url.removeprefix("http://"), timeout=PATIENT)) as connection:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.getheader("content-type"), answer.read()


def entries(server: Serving) -> list[bytes]:
    """Of a log that has not one full tile."""
    size = int(get(server, "/log/checkpoint").text.split("\n")[1])
    bundle = get(server, f"/log/tile/entries/000.p/{size}").content if size else b""
    assert len(bundle) == ENTRY * size
    return [bundle[at + 2 : at + ENTRY] for at in range(0, len(bundle), ENTRY)]


def root(leaves: list[bytes]) -> bytes:
    """RFC 9162 section 2.1.1."""
    if len(leaves) < 2:
        return hashlib.sha256(b"\0" + leaves[0] if leaves else b"").digest()
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\1" + root(leaves[:split]) + root(leaves[split:])).digest()


def verified(data: Path) -> tuple[int, bytes]:
    """Size and root of the log in a data folder; every file of it is read."""
    folder = data / "log"

    def read(path: str) -> bytes | None:
        return (folder / path).read_bytes() if (folder / path).exists() else None

    _, size, head = routelog.verify((folder / "verifier").read_text().strip(), read, lambda done, of: None)
    return size, head


def test_anybody_may_read_it_and_nothing_else_of_its_folder(serve: Serve) -> None:
    server = serve()
    Writing(server.url).held()
    checkpoint = get(server, "/log/checkpoint")
    assert checkpoint.headers["content-type"] == "text/plain; charset=utf-8"
    assert checkpoint.headers["cache-control"] == "no-cache"
    name, size, _ = checkpoint.text.split("\n")[:3]
    log = get(server, "/api/v1/node").json()["log"]
    assert (name, size) == (log["origin"], "1")
    for path in ("/log/tile/0/000.p/1", "/log/tile/entries/000.p/1"):
        part = get(server, path)
        assert (part.status_code, part.headers["content-type"]) == (200, "application/octet-stream")
        assert "immutable" in part.headers["cache-control"]
    assert get(server, "/log/tile/0/000.p/1").content == hashlib.sha256(b"\0" + entries(server)[0]).digest()
    none = ["lock", "verifier", "checkpoint.next", "tile/0/000", "tile/0/000.p/2", "tile", "", "../log.key"]
    none += [
        "/etc/passwd",
        "%2e%2e/log.key",
        "..%2flog.key",
        "tile/0/../../../log.key",
        "tile/0/0",
        "checkpoint/",
        "./checkpoint",
    ]
    for path in none:
        status, kind, content = asked(server, f"/log/{path}")
        assert (status, kind) == (404, "application/problem+json"), path
        assert json.loads(content)["code"] == "RF1004"


def test_it_tells_nothing_of_meetings(serve: Serve) -> None:
    server = serve()
    organiser = Writing(server.url).held()
    route = unb64(httpx.get(f"{server.url}/api/v1/meetings/{organiser.meeting}").json()["route"])
    (leaf,) = entries(server)
    assert leaf[0] == 1
    # Who has the route, and not the salt, cannot tell that it is there.
    assert leaf[1:] not in (hashlib.sha256(route).digest(), hashlib.sha256(bytes(32) + route).digest())
    for path in (server.data / "log").rglob("*"):
        if path.is_file():
            assert organiser.owner.meeting not in path.read_bytes()


async def test_a_greeting_shows_where_the_route_is(serve: Serve) -> None:
    server = serve()
    organiser = Writing(server.url).held()
    async with Line(organiser.session, organiser.url) as line:
        said = await line.hello()
        logged = said["logged"]
        leaf = b"\1" + hashlib.sha256(unb64(logged["salt"]) + unb64(said["route"])).digest()
        assert leaf == entries(server)[logged["index"]]
        assert logged["continues"] == []
        log = get(server, "/api/v1/node").json()["log"]
        for _ in range(4):
            Organiser(server.url).held()
        known = [{"log": log["verifier"], "size": 3}, {"log": "another", "size": 1}]
        again = (await line.ask(t="hello", v=1, nonce=b64(bytes(16)), logs=known))["logged"]
        assert (again["index"], again["salt"]) == (logged["index"], logged["salt"])
        assert again["checkpoint"].split("\n")[1] == "5"
        assert again["continues"] != []
        for size in (6, 10**15):
            more = await line.ask(t="hello", v=1, nonce=b64(bytes(16)), logs=[{"log": log["verifier"], "size": size}])
            assert more["logged"]["continues"] == []
        # Only members may ask for more.
        assert (await line.ask(t="log", old=1, new=5))["code"] == "RF1203"


def test_a_charter_that_names_another_log_is_refused(serve: Serve) -> None:
    server = serve()
    log = get(server, "/api/v1/node").json()["log"]
    for origin, key in ((f"{log['origin']}2", unb64(log["key"])), (log["origin"], bytes(31) + b"\1")):
        organiser = Writing(server.url)
        operators = {organiser.owner.operator["id"]: organiser.owner.operator["key"]}
        trust = {"operators": operators, "log": {"origin": origin, "key": key}, "beacons": [], "data": []}
        answer = organiser.post(organiser.charter(trust=trust))
        assert (answer.status_code, answer.json()["code"]) == (422, "RF1106")
    assert entries(server) == []


def test_who_has_lost_the_log_holds_meetings_of_which_it_is_not_asked(serve: Serve) -> None:
    server = serve()
    free, bound = Organiser(server.url).held(), Writing(server.url).held()
    server.stop()
    shutil.rmtree(server.data / "log")
    (server.data / "log.key").unlink()
    again = serve("--port", server.url.rsplit(":", 1)[1])

    async def logged(organiser: Organiser) -> object:
        async with Line(organiser.session, organiser.url) as line:
            return (await line.hello())["logged"]

    assert asyncio.run(logged(free)) is None
    assert asyncio.run(logged(bound)) is None
    assert bound.post().json()["code"] == "RF1102"
    assert Writing(again.url).post().status_code == 201


def test_a_server_does_not_begin_another_log_where_there_is_one(serve: Serve) -> None:
    """Without its key, or with what is left of it."""
    server = serve()
    Writing(server.url).held()
    server.stop()
    log, key = server.data / "log", server.data / "log.key"
    seed = key.read_bytes()
    key.unlink()
    with pytest.raises(RuntimeError, match="RF2305"):
        serve()
    key.write_bytes(seed)
    kept = (log / "checkpoint").read_bytes()
    (log / "checkpoint").unlink()
    with pytest.raises(RuntimeError, match="RF2322"):
        serve()
    (log / "checkpoint").write_bytes(kept)
    (log / "tile/0/000.p/1").unlink()
    with pytest.raises(RuntimeError, match="RF2320"):
        serve()


async def test_a_log_that_could_not_be_written_is_written_again_once_it_can(tmp_path: Path) -> None:
    log = RouteLog(tmp_path, "here/log")
    first = await log.write(b"one")
    folder, away = tmp_path / "log", tmp_path / "away"
    folder.rename(away)
    folder.touch()  # nothing can be opened below it
    for _ in range(3):
        with pytest.raises(Refusal) as refused:
            await log.write(b"two")
        assert refused.value.code == "RF1009"
        with pytest.raises(Refusal) as refused:
            await log.file("checkpoint")
        assert refused.value.code == "RF1009"
    folder.unlink()
    away.rename(folder)
    shown = await log.show(first, None)
    assert shown is not None and shown.checkpoint.split("\n")[1] == "1"
    assert (await log.write(b"two")).index == 1
    assert await log.show(Entry(2, bytes(32)), None) is None
    assert verified(tmp_path)[0] == 2


def test_a_server_that_is_killed_while_meetings_are_made_goes_on_with_its_log(serve: Serve) -> None:
    """What anybody was answered, or has read, is there afterwards."""
    seed = int(os.environ.get("SEED", "6"))
    chance, before, answered = random.Random(seed), [], 0
    for turn in range(4):
        server = serve()
        assert entries(server)[: len(before)] == before
        killed = answered + chance.randrange(1, 8)

        def post(server: Serving = server) -> bool:
            with contextlib.suppress(httpx.TransportError):
                return Organiser(server.url).post().status_code == 201
            return False

        with ThreadPoolExecutor(3) as posting:
            for made in posting.map(lambda _: post(), range(12)):
                answered += made
                if answered == killed:
                    before = entries(server)
                    server.process.kill()
                    killed = -1
        server.process.wait(PATIENT)
        size, _ = verified(server.data)
        assert size >= max(answered, len(before)), (seed, turn)
        server = serve()
        now = entries(server)
        assert now[: len(before)] == before, (seed, turn)
        assert (len(now), root(now)) == verified(server.data)
        assert len(now) >= size
        Organiser(server.url).held()
        answered = len(now) + 1
        before = entries(server)
        server.stop()
