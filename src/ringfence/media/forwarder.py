"""The forwarder's handle in asyncio: offers become answers, events find their rooms.
Not responsible for: forwarding (Rust threads), or whether a node is inside the fence (only what is may be used)."""

import asyncio
from collections.abc import Callable

from ringfence._core.fence import Inside
from ringfence._core.sfu import Sfu
from ringfence.errors import Refusal

ANSWER_SECONDS = 5.0


class Forwarder:
    """`on_event(name, room, rest)` hears of slots, speaking, connected and gone."""

    def __init__(self, address: str, port: int, on_event: Callable[[str, bytes, tuple[object, ...]], None]) -> None:
        self._sfu = Sfu(address, port, 1)
        self._on_event = on_event
        self._requests: dict[int, asyncio.Future[tuple[str, str, str, int]]] = {}
        self._next = 0
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._sfu.fileno(), self._drain)

    def _drain(self) -> None:
        for event in self._sfu.drain():
            match event:
                case ("answer", int(request), sdp, fingerprint, address, port):
                    self._settle(request, (sdp, fingerprint, address, port))
                case ("failed", int(request), code, detail):
                    self._settle(request, Refusal(code, detail))
                case (str(name), bytes(room), *rest):
                    self._on_event(name, room, tuple(rest))

    def _settle(self, request: int, result: tuple[str, str, str, int] | Refusal) -> None:
        future = self._requests.pop(request, None)
        if future is None or future.done():
            return
        if isinstance(result, Refusal):
            future.set_exception(result)
        else:
            future.set_result(result)

    async def answer(self, inside: Inside, room: bytes, leaf: int, sdp: str) -> tuple[str, bytes, str, int]:
        """The SDP answer, certificate fingerprint, address and port for an offer.

        `inside` is the proof that the meeting's fence allows this node. Raises `Refusal` RF4xxx, RF1206.
        """
        self._next += 1
        request, future = self._next, self._loop.create_future()
        self._requests[request] = future
        self._sfu.offer(room, leaf, request, sdp)
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                answer, fingerprint, address, port = await future
        except TimeoutError:
            raise Refusal("RF1206", "the forwarder did not answer") from None
        finally:
            self._requests.pop(request, None)
        if address != inside.address:
            raise Refusal("RF2107", "the forwarder answers at another address")
        return answer, bytes.fromhex(fingerprint.replace(":", "")), address, port

    def open_room(self, room: bytes) -> None:
        self._sfu.open_room(room)

    def close_room(self, room: bytes) -> None:
        self._sfu.close_room(room)

    def close_peer(self, room: bytes, leaf: int) -> None:
        self._sfu.close_peer(room, leaf)

    def view(self, room: bytes, leaf: int, wants: list[tuple[str, int]]) -> None:
        self._sfu.view(room, leaf, wants)

    def close(self) -> None:
        self._loop.remove_reader(self._sfu.fileno())
        self._sfu.close()
