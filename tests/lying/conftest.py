"""One real server, one lie in front of it, one browser and one attacker for all the tests here.
Which lies are told is in the tests; how they are told in proxy.py, documents.py and accomplice.py."""

import json
import os
import select
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from machine import PATIENT, free_port

from .accomplice import Accomplice
from .call import Call
from .documents import Key, Link, only, unb64
from .mls import Attacker
from .page import FLAGS, Victim
from .proxy import Lie, LyingServer
from .world import World

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
expect.set_options(timeout=1000 * PATIENT)


@pytest.fixture(scope="package")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    data = tmp_path_factory.mktemp("lying-server")
    port, in_front = free_port(), free_port()
    server = LyingServer(f"http://127.0.0.1:{port}", in_front)
    command = [str(Path(sys.executable).with_name("ringfence")), "serve"]
    command += ["--host", "127.0.0.1", "--port", str(port), "--data", str(data)]
    command += ["--public-url", server.url]
    log = (data / "stderr").open("w")
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True) as process:
        try:
            wait_until_ready(process)
            server.start()
            yield look_around(server, data)
            server.stop()
        finally:
            process.terminate()


def wait_until_ready(process: subprocess.Popen[str]) -> None:
    said = ""
    while select.select([process.stdout], [], [], PATIENT)[0]:
        line = process.stdout.readline()
        if "Ringfence is ready at" in line:
            return
        if not line:
            break
        said += line
    raise RuntimeError(f"the server did not start: {said}")


def look_around(server: LyingServer, data: Path) -> World:
    with urllib.request.urlopen(f"{server.real}/api/v1/node") as answer:
        node = json.load(answer)
    return World(
        server=server,
        node=Key((data / "node.key").read_bytes()),
        operator=Key((data / "operator.key").read_bytes()),
        statement=unb64(node["statement"]),
        operator_id=node["operator"]["id"],
        policy=only(unb64(node["node"])),
        other_node=Key(),
        log=Key((data / "log.key").read_bytes()),
        log_origin=node["log"]["origin"],
    )


@pytest.fixture(scope="package")
def attacker() -> Iterator[Attacker]:
    attacker = Attacker()
    yield attacker
    attacker.close()


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def victim(browser: Browser, world: World) -> Iterator[Victim]:
    with Victim(browser, world.server.url) as victim:
        yield victim


@pytest.fixture(autouse=True)
def truth(world: World) -> None:
    """Every test begins with a server that does not lie."""
    world.server.lie = Lie()


@pytest.fixture
def accomplices(world: World, attacker: Attacker) -> Iterator[Callable[..., Accomplice]]:
    made: list[Accomplice] = []

    def accomplice(link: Link, host: Key | None = None) -> Accomplice:
        one = Accomplice(world.server, attacker, link, host)
        made.append(one)
        one.connect()
        return one

    yield accomplice
    for one in made:
        one.close()


@pytest.fixture
def call(world: World, victim: Victim, accomplices: Callable[..., Accomplice]) -> Callable[..., Call]:
    """A running call: a host by the book, and the victim in it with media flowing."""

    def started(lie: Lie | None = None, flows: bool = True, **owner: object) -> Call:
        return Call.start(world, victim, accomplices, lie or Lie(), flows, **owner)

    return started
