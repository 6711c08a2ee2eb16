"""The server as a process: takes its sockets, says when it is ready, ends when it is told to.
Not here: the command line (cli), or what is served (app)."""

import asyncio
import contextlib
import errno
import logging
import os
import signal
import socket
import ssl
import time
from collections.abc import Iterator

import uvicorn
import uvloop

from ringfence.config import PAGES, Config
from ringfence.errors import Refusal
from ringfence.media.forwarder import Forwarder
from ringfence.server import pages
from ringfence.server.api import Services
from ringfence.server.app import build
from ringfence.signalling.delivery import Delivery
from ringfence.store import files
from ringfence.store.database import Database, migrate
from ringfence.wire.model import MAX_MESSAGE

log = logging.getLogger(__name__)

BACKLOG = 512
# How long clients may take to read that the server goes.
FAREWELL_SECONDS = 3.0


def run(config: Config) -> None:
    """Serves until SIGTERM or SIGINT. Raises RF5xxx when it cannot start."""
    os.umask(0o077)  # whatever is written is for the server's user alone
    with contextlib.ExitStack() as held:
        held.enter_context(files.prepare(config.data))
        listening = held.enter_context(_listen(config))
        port = listening.getsockname()[1]
        _check_certificate(config)
        found = pages.load(PAGES)
        identity = files.identity(config, config.media_address, int(time.time()))
        database = config.data / "ringfence.db"
        migrate(database)
        media_port = config.media_port if config.media_port is not None else port
        forwarder = Forwarder(config.media_address, media_port)
        held.callback(forwarder.close)
        serving = _serve(config, listening, found, identity, Database(database), forwarder)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(serving)


def _listen(config: Config) -> socket.socket:
    try:
        family, kind, proto, _, address = socket.getaddrinfo(
            config.host, config.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except socket.gaierror:
        raise Refusal("RF5001", f"host: `{config.host}` is not an address") from None
    listening = socket.socket(family, kind, proto)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind(address)
        listening.listen(BACKLOG)
    except OSError as error:
        listening.close()
        if error.errno == errno.EADDRNOTAVAIL:
            raise Refusal("RF5001", f"host: {config.host} is not of this machine") from None
        raise Refusal("RF5002", f"port {config.port} of {config.host}") from None
    return listening


def _check_certificate(config: Config) -> None:
    if config.tls_cert is None or config.tls_key is None:
        return
    try:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(config.tls_cert, config.tls_key)
    except OSError as error:  # SSLError is one
        raise Refusal("RF5005", str(error)) from None


async def _serve(
    config: Config,
    listening: socket.socket,
    found: dict[str, pages.File],
    identity: files.Identity,
    database: Database,
    forwarder: Forwarder,
) -> None:
    port = listening.getsockname()[1]
    delivery = Delivery(database, identity, forwarder)
    services = Services(config, config.origins(port), identity, database, delivery)
    settings = uvicorn.Config(
        build(services, found),
        lifespan="off",
        log_config=None,
        access_log=False,  # it would hold addresses and the ids of meetings
        server_header=False,
        ws="websockets-sansio",
        ws_max_size=MAX_MESSAGE,
        ws_ping_interval=20,
        ws_ping_timeout=20,
        ws_per_message_deflate=False,  # what is sealed does not get smaller
        timeout_graceful_shutdown=2,
        ssl_certfile=config.tls_cert,
        ssl_keyfile=config.tls_key,
    )
    try:
        await Server(settings, delivery, config.url(port)).serve(sockets=[listening])
    finally:
        await database.close()


class Server(uvicorn.Server):
    """uvicorn's server, which says when it is ready and lets clients know when it goes."""

    def __init__(self, settings: uvicorn.Config, delivery: Delivery, url: str) -> None:
        super().__init__(settings)
        self._delivery = delivery
        self._url = url

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        print(f"Ringfence is ready at {self._url}", flush=True)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        log.info("going down")
        for server in self.servers:
            server.close()
        self._delivery.close()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(FAREWELL_SECONDS):
                await self._delivery.emptied()
        await super().shutdown(sockets)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """uvicorn's own raises the signal again when all is done: an ending that was asked for is no error."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        try:
            yield
        finally:
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.remove_signal_handler(number)
