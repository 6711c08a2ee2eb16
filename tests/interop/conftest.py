"""A server, a native member of ours and members by ts-mls for the tests of interoperation."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from browser.native import Native
from browser.server import Server
from lying import cbor
from lying.accomplice import Accomplice
from lying.documents import Key, Link, Owner, b64, unb64
from machine import free_port
from ringfence import _core

from .wire import TsMls, Wire

ONLY = 'name = "Only this server"\nversion = 1\n[allow]\nnodes = ["{}"]\n'


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("interop") / "data", free_port())
    yield server
    server.stop()


@pytest.fixture(scope="module")
def wire(server: Server) -> Iterator[Wire]:
    with Wire(server.url) as wire:
        yield wire


@pytest.fixture(scope="module")
def ts_mls() -> Iterator[TsMls]:
    process = TsMls()
    yield process
    process.close()


@pytest.fixture
def owner(wire: Wire) -> Owner:
    """Somebody who had the server hold a meeting."""
    node = wire.get("/api/v1/node")
    policy = cbor.decode(_core.fence.parse_policy(ONLY.format(node["node"])))
    operator = {"id": node["operator"]["id"], "key": unb64(node["operator"]["key"])}
    owner = Owner(policy, operator)
    wire.post("/api/v1/meetings", {"charter": b64(owner.charter())})
    return owner


@pytest.fixture
def theirs(wire: Wire, ts_mls: TsMls) -> Iterator[Callable[..., Accomplice]]:
    """Members by ts-mls, connected."""
    with ExitStack() as leaving:

        def made(link: Link, host: Key | None = None) -> Accomplice:
            member = Accomplice(wire, ts_mls, link, host)
            member.connect()
            leaving.callback(member.close)
            return member

        yield made


@pytest.fixture
def ours() -> Iterator[Callable[..., Native]]:
    """Native members of ours."""
    with ExitStack() as leaving:

        def made(link: Link, origin: str, name: str) -> Any:
            member = Native(link.url(origin), name)
            leaving.callback(member.close)
            return member

        yield made
