"""The forwarder's handle in asyncio: offers become answers, events find their rooms.
Not here: forwarding (Rust threads), or whether a node is inside the fence (only what is may be used)."""

import asyncio
from dataclasses import dataclass
from typing import Protocol

from ringfence._core.fence import Inside
from ringfence._core.sfu import Sfu
from ringfence.errors import Refusal
from ringfence.types import Codec

ANSWER_SECONDS = 5.0


@dataclass(frozen=True)
class Answered:
    sdp: str
    fingerprint: bytes
    address: str
    port: int


class Listener(Protocol):
    """Who hears what happens in rooms. A slot is (mid, leaf or None, context)."""

    def slots(
        self, room: bytes, leaf: int, slots: list[tuple[str, int | None, int]], need: int, codec: Codec
    ) -> None: ...
    def speaking(self, room: bytes, leaves: list[int]) -> None: ...
    def gone(self, room: bytes, leaf: int) -> None: ...


class Handle:
    """What the forwarders of meetings and of load generators have in common. `listen` has to be called before anything
    is offered."""

    def __init__(
        self, address: str, port: int, node_seed: bytes | None = None, *, reference: bool = False, plain: bool = False
    ) -> None:
        """With its node's key, it answers beacons; `reference`: media leaves through the library; `plain`: its rooms
        are of load generators (media/ingest.py). Raises RF5007 when media cannot be received there."""
        try:
            self._sfu = Sfu(address, port, node_seed=node_seed, reference=reference, plain=plain)
        except Refusal as refusal:
            raise Refusal("RF5007", f"{address} port {port}: {refusal.detail}") from None
        self._requests: dict[int, asyncio.Future[Answered]] = {}
        self._next = 0
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def address(self) -> str:
        return self._sfu.addresses()[0][0]

    @property
    def port(self) -> int:
        return self._sfu.addresses()[0][1]

    def listen(self, listener: Listener) -> None:
        self._listener = listener
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._sfu.fileno(), self._drain)

    def _drain(self) -> None:
        for event in self._sfu.drain():
            match event:
                case ("answer", request, sdp, fingerprint, address, port):
                    certificate = bytes.fromhex(fingerprint.replace(":", ""))
                    self._settle(request, Answered(sdp, certificate, address, port))
                case ("failed", request, code, detail):
                    self._settle(request, Refusal(code, detail))
                case ("slots", room, leaf, slots, need, codec):
                    self._listener.slots(room, leaf, slots, need, codec)
                case ("speaking", room, leaves):
                    self._listener.speaking(room, leaves)
                case ("gone", room, leaf):
                    self._listener.gone(room, leaf)

    def _settle(self, request: int, result: Answered | Refusal) -> None:
        future = self._requests.pop(request, None)
        if future is None or future.done():
            return
        if isinstance(result, Refusal):
            future.set_exception(result)
        else:
            future.set_result(result)

    async def _answer(self, room: bytes, leaf: int, sdp: str) -> Answered:
        self._next += 1
        request = self._next
        future: asyncio.Future[Answered] = asyncio.get_running_loop().create_future()
        self._requests[request] = future
        self._sfu.open_room(room)
        self._sfu.offer(room, leaf, request, sdp)
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                return await future
        except TimeoutError:
            raise Refusal("RF1008", "the forwarder did not answer") from None
        finally:
            self._requests.pop(request, None)

    def close_peer(self, room: bytes, leaf: int) -> None:
        self._sfu.close_peer(room, leaf)

    def close_room(self, room: bytes) -> None:
        self._sfu.close_room(room)

    def view(self, room: bytes, leaf: int, wants: list[tuple[str, int]]) -> None:
        self._sfu.view(room, leaf, wants)

    def close(self) -> None:
        if self._loop is not None:
            self._loop.remove_reader(self._sfu.fileno())
        self._sfu.close()


class Forwarder(Handle):
    """Of meetings: one for each process."""

    async def answer(self, inside: Inside, room: bytes, leaf: int, sdp: str) -> Answered:
        """What the forwarder answers to an offer.

        `inside` is the proof that the meeting's fence allows this node at its address: without it there is
        no media. Raises the forwarder's RF4xxx, RF2107, RF1008.
        """
        if inside.address != self.address:
            raise Refusal("RF2107", "the forwarder has another address than the fence allows")
        return await self._answer(room, leaf, sdp)
