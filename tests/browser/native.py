"""A member without a browser, in a process of its own: our native participant, and all that it holds.
Run as a program it is that process; imported it is the test's hand on it. It has no camera."""

import asyncio
import base64
import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

Event = dict[str, Any]


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Native:
    """The test's side."""

    def __init__(self, link: str, name: str) -> None:
        self.name = name
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__)), link, name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.events: list[Event] = []
        self._changed = threading.Condition()
        threading.Thread(target=self._listen, daemon=True).start()

    @property
    def pid(self) -> int:
        return self._process.pid

    def _listen(self) -> None:
        for line in self._process.stdout:
            with self._changed:
                self.events.append(json.loads(line))
                self._changed.notify_all()

    def wait(self, wanted: Callable[[Event], Any], seconds: float = 30) -> Event:
        def found() -> Event | None:
            return next((e for e in self.events if wanted(e)), None)

        with self._changed:
            if event := self._changed.wait_for(found, seconds):
                return event
        raise TimeoutError(f"{self.name} waited in vain, after {self.events[-8:]}")

    def phase(self, phase: str, seconds: float = 30) -> "Native":
        self.wait(lambda e: e["t"] == "phase" and e["phase"] == phase, seconds)
        return self

    def tell(self, **command: Any) -> None:
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()

    @property
    def keys(self) -> dict[tuple[int, int], bytes]:
        """Every base key that it ever held, by epoch and leaf."""
        held = (e for e in list(self.events) if e["t"] == "held")
        return {(e["epoch"], e["leaf"]): unb64(e["key"]) for e in held}

    @property
    def epoch(self) -> int:
        self.wait(lambda e: e["t"] == "held")
        return max(epoch for epoch, _ in self.keys)

    def close(self) -> None:
        self._process.kill()
        self._process.wait()


class Participant:
    """The process's side: moves messages between the server, the signer and the core."""

    def __init__(self, link: str, name: str) -> None:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        from ringfence._core import member

        address, self.fragment = link.split("#")
        self.origin, _, self.meeting = address.rpartition("/m/")
        self.name = name
        self.key = Ed25519PrivateKey.generate()
        config = {
            "meeting": self.meeting,
            "key": self.fragment,
            "member_key": b64(self.key.public_key().public_bytes_raw()),
            "host_key": None,
            "host_hpke": None,
            "name": name,
            "seen": None,
        }
        self.core = member.Participant(json.dumps(config), self.now())

    @staticmethod
    def now() -> int:
        return int(time.time() * 1000)

    async def run(self) -> None:
        import aiohttp

        # By IPv4 alone, a system that knows `localhost` from a file asks no name server for it.
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(family=socket.AF_INET)) as session:
            address = f"{self.origin}/api/v1/meetings/{self.meeting}/session"
            self.socket = await session.ws_connect(address, headers={"Origin": self.origin})
            await self.handle({"t": "online"})
            await asyncio.gather(self.hear(), self.obey(), self.tick())

    async def hear(self) -> None:
        async for frame in self.socket:
            await self.handle({"t": "server", "message": json.loads(frame.data)})
        say({"t": "closed"})

    async def obey(self) -> None:
        lines = asyncio.StreamReader()
        loop = asyncio.get_running_loop()
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
        async for line in lines:
            await self.handle(json.loads(line))

    async def tick(self) -> None:
        while True:
            due = self.core.next_timeout()
            wait = 0.1 if due is None else max(0.0, due - self.now()) / 1000
            await asyncio.sleep(min(wait, 0.1))
            if due is not None and due <= self.now():
                await self.handle({"t": "tick"})

    async def handle(self, given: Event) -> None:
        self.core.handle(json.dumps(given), self.now())
        for output in json.loads(self.core.take()):
            await self.do(output)

    async def do(self, output: Event) -> None:
        match output["t"]:
            case "send":
                if not self.socket.closed:
                    await self.socket.send_str(json.dumps(output["message"]))
            case "sign":
                signature = b64(self.key.sign(unb64(output["tbs"])))
                await self.handle({"t": "signed", "id": output["id"], "signature": signature})
            case "keys":
                self.hold(output["epoch"], [each["leaf"] for each in output["leaves"]])
            case "event":
                say(output["event"])
                if output["event"] == {"t": "phase", "phase": "ready"}:
                    await self.handle({"t": "join", "name": self.name})

    def hold(self, epoch: int, leaves: list[int]) -> None:
        for leaf in leaves:
            key = b64(bytes(self.core.media_key(epoch, leaf)))
            say({"t": "held", "epoch": epoch, "leaf": leaf, "key": key})


def say(event: Event) -> None:
    print(json.dumps(event), flush=True)


if __name__ == "__main__":
    asyncio.run(Participant(*sys.argv[1:]).run())
