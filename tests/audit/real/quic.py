"""HTTP/3 over aioquic: a server that answers everything with a word, and as a program, a client that asks for it.
Not here: Chromium, which asks too (tests)."""

import asyncio
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from aioquic.asyncio import QuicConnectionProtocol, connect, serve
from aioquic.h3.connection import H3_ALPN, H3Connection
from aioquic.h3.events import HeadersReceived
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.events import ProtocolNegotiated, QuicEvent
from aioquic.quic.packet import QuicProtocolVersion

VERSIONS = {"v1": QuicProtocolVersion.VERSION_1, "v2": QuicProtocolVersion.VERSION_2}
ANSWER = b"<title>A page over QUIC</title>"


class Answering(QuicConnectionProtocol):
    _http: H3Connection | None = None

    def quic_event_received(self, event: QuicEvent) -> None:
        if isinstance(event, ProtocolNegotiated):
            self._http = H3Connection(self._quic)
        for one in self._http.handle_event(event) if self._http else ():
            if isinstance(one, HeadersReceived):
                self._http.send_headers(one.stream_id, [(b":status", b"200"), (b"content-type", b"text/html")])
                self._http.send_data(one.stream_id, ANSWER, end_stream=True)
                self.transmit()


@contextmanager
def answering(address: str, port: int, certificate: str, key: str) -> Iterator[None]:
    """A thread that serves, from entry to exit."""
    configuration = QuicConfiguration(is_client=False, alpn_protocols=H3_ALPN)
    configuration.load_cert_chain(certificate, key)
    loop, ready = asyncio.new_event_loop(), threading.Event()

    async def run() -> None:
        await serve(address, port, configuration=configuration, create_protocol=Answering)
        ready.set()

    def forever() -> None:
        asyncio.set_event_loop(loop)
        task = loop.create_task(run())
        loop.run_forever()
        assert task.done()

    thread = threading.Thread(target=forever, daemon=True)
    thread.start()
    assert ready.wait(10), "no server of QUIC"
    yield
    loop.call_soon_threadsafe(loop.stop)
    thread.join()


async def ask(address: str, port: int, name: str, version: str) -> None:
    """One handshake in this version, for a server of this name, and a ping."""
    chosen = VERSIONS[version]
    configuration = QuicConfiguration(
        alpn_protocols=H3_ALPN, server_name=name, original_version=chosen, supported_versions=[chosen], verify_mode=0
    )
    async with connect(address, port, configuration=configuration) as client:
        await client.ping()


if __name__ == "__main__":
    asyncio.run(ask(sys.argv[1], int(sys.argv[2]), *sys.argv[3:]))
