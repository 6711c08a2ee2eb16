"""The server as a process: takes its sockets, says when it is ready, ends when it is told to.
Not here: the command line (cli), or what is served (app)."""

import asyncio
import contextlib
import dataclasses
import datetime
import errno
import logging
import os
import signal
import socket
import ssl
import time
from collections.abc import AsyncIterator, Iterator
from urllib.parse import urlsplit

import uvicorn
import uvloop

from ringfence.beacons import asking
from ringfence.beacons.asking import Beacons
from ringfence.beacons.transcripts import Answer, Asker, asker
from ringfence.config import PAGES, Config, bracketed
from ringfence.errors import Refusal
from ringfence.media.forwarder import Forwarder
from ringfence.media.ingest import Ingest, PlainForwarder
from ringfence.server import local_tls, pages, trust
from ringfence.server.api import Services
from ringfence.server.app import build
from ringfence.server.measuring import Measuring
from ringfence.server.sockets import Http, Socket, allow_many
from ringfence.signalling.delivery import Delivery
from ringfence.signalling.limits import Sparse
from ringfence.store import files
from ringfence.store.database import Database, migrate
from ringfence.store.located import Located
from ringfence.store.routes import RouteLog
from ringfence.wire.model import MAX_MESSAGE

log = logging.getLogger(__name__)

BACKLOG = 512
# How long clients may take to read that the server goes.
FAREWELL_SECONDS = 3.0


def run(config: Config) -> None:
    """Serves until SIGTERM or SIGINT. Raises RF5xxx when it cannot start."""
    allow_many()
    logging.getLogger("uvicorn.error").addFilter(Sparse(time.monotonic))
    os.umask(0o077)  # whatever is written is for the server's user alone
    with contextlib.ExitStack() as held:
        held.enter_context(files.prepare(config.data))
        listening = held.enter_context(_listen(config, config.port))
        port = listening.getsockname()[1]
        config = _certified(config)
        found = pages.load(PAGES)
        identity = files.identity(config, config.media_address, int(time.time()))
        routes = RouteLog(config.data, f"{urlsplit(config.url(port)).netloc}/log")
        database = config.data / "ringfence.db"
        migrate(database)
        media_port = config.media_port if config.media_port is not None else port
        reference = config.media_path == "reference"
        forwarder = Forwarder(config.media_address, media_port, identity.node_seed, reference=reference)
        held.callback(forwarder.close)
        ingest = Ingest(PlainForwarder(config.media_address, reference=reference)) if config.bench_ingest else None
        if ingest is not None:
            held.callback(ingest.forwarder.close)
        serving = _serve(config, listening, found, identity, Database(database), forwarder, routes, ingest)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(serving)


def _listen(config: Config, port: int) -> socket.socket:
    try:
        family, kind, proto, _, address = socket.getaddrinfo(
            config.host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
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
        raise Refusal("RF5002", f"port {port} of {config.host}") from None
    return listening


def _today() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


def _certified(config: Config) -> Config:
    """With the certificate that is to be used, which browsers can take as far as its dates and its key go."""
    if config.tls_local:
        made = local_tls.prepare(config.data / "tls", config.names(), _today())
        config = dataclasses.replace(config, tls_cert=made.chain, tls_key=made.key)
    if config.tls_cert is not None and config.tls_key is not None:
        local_tls.check(config.tls_cert, config.tls_key, _today())
    return config


async def _renewals(config: Config, delivery: Delivery, context: ssl.SSLContext | None) -> None:
    """A server that runs for months has its statement renewed, for the meetings that begin after, and its own
    certificate, for the connections that come after."""
    while True:
        await asyncio.sleep(files.LOOKS)
        try:
            delivery.identity = files.identity(config, config.media_address, int(time.time()))
            if config.tls_local and context is not None:
                made = local_tls.prepare(config.data / "tls", config.names(), _today())
                context.load_cert_chain(made.chain, made.key)
        except Refusal as refusal:  # there are weeks left to mend it in
            log.error("not renewed: %s %s", refusal.code, refusal.detail)
        except Exception:
            log.exception("not renewed")


async def _serve(
    config: Config,
    listening: socket.socket,
    found: dict[str, pages.File],
    identity: files.Identity,
    database: Database,
    forwarder: Forwarder,
    routes: RouteLog,
    ingest: Ingest | None,
) -> None:
    port = listening.getsockname()[1]
    data_sets = Located(config.data)
    await data_sets.look(identity.statement)
    beacons = Beacons(
        config.beacons,
        lambda: asker(delivery.identity.statement, forwarder.port),
        _ask,
        clock=time.monotonic,
        now=time.time,
    )
    delivery = Delivery(database, identity, forwarder, routes, data_sets, beacons)
    beacons.restore(files.answers(config.data))

    def heard() -> None:
        files.keep_answers(config.data, beacons.bodies)
        delivery.show_transcripts()

    beacons.changed = heard
    measuring = Measuring(config.beacon_for, lambda: delivery.identity)
    if ingest is not None:
        ingest.listen()
        log.warning("bench-ingest: programs on this machine send and receive media that is not sealed")
    services = Services(config, config.url(port), config.origins(port), database, delivery, measuring, ingest)
    settings = uvicorn.Config(
        build(services, found),
        lifespan="off",
        log_config=None,
        access_log=False,  # it would hold addresses and the ids of meetings
        server_header=False,
        http=Http,
        ws=Socket,
        ws_max_size=MAX_MESSAGE,
        ws_ping_interval=20,
        ws_ping_timeout=20,
        ws_per_message_deflate=False,  # what is sealed does not get smaller
        timeout_graceful_shutdown=2,
        ssl_certfile=config.tls_cert,
        ssl_keyfile=config.tls_key,
    )
    server = Server(settings, delivery, config.url(port))
    settings.load()
    context = settings.ssl if isinstance(settings.ssl, ssl.SSLContext) else None
    async with _trusted(config, port) as words:
        server.words = words
        background = [asyncio.create_task(_renewals(config, delivery, context)), asyncio.create_task(beacons.run())]
        try:
            await server.serve(sockets=[listening])
        finally:
            for task in background:
                task.cancel()
            await asyncio.gather(*background, return_exceptions=True)
            await database.close()


async def _ask(url: str, asker: Asker) -> Answer:
    return await asking.ask(url, asker, time.time)


@contextlib.asynccontextmanager
async def _trusted(config: Config, port: int) -> AsyncIterator[str]:
    """With --tls-local: the page about the authority, and what to do with it."""
    if not config.tls_local:
        yield ""
        return
    made = local_tls.Files.of(config.data / "tls")
    url = config.url(port)
    with _listen(config, port + 1 if config.port else 0) as listening:
        page = f"http://{bracketed(urlsplit(url).hostname or '')}:{listening.getsockname()[1]}"
        about = trust.app(url, made.fingerprint, made.authority.read_bytes())
        quiet = uvicorn.Config(
            about, lifespan="off", log_config=None, access_log=False, server_header=False, http=Http, ws="none"
        )
        guide = Guide(quiet)
        serving = asyncio.create_task(guide.serve(sockets=[listening]))
        try:
            yield trust.words(url, page, made.fingerprint, config.names())
        finally:
            guide.should_exit = True
            await asyncio.gather(serving, return_exceptions=True)


class Guide(uvicorn.Server):
    """Ends with the server, and hears no signals itself."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class Server(uvicorn.Server):
    """uvicorn's server, which says when it is ready and lets clients know when it goes."""

    def __init__(self, settings: uvicorn.Config, delivery: Delivery, url: str) -> None:
        super().__init__(settings)
        self._delivery = delivery
        self._url = url
        self.words = ""  # said after it

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        print(f"Ringfence is ready at {self._url}\n{self.words}".rstrip(), flush=True)

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
