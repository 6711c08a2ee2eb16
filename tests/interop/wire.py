"""What a member by ts-mls needs to take part: its process, and connections to a real server.
The protocol around it is the accomplice of tests/lying, who asks this process instead of the attacker."""

import asyncio
import socket
import subprocess
import threading
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import aiohttp

from lying.mls import Attacker
from machine import PATIENT

MEMBER = Path(__file__).with_name("member.mjs")


class TsMls(Attacker):
    """The pipe to member.mjs."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            ["node", str(MEMBER)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._turn = threading.Lock()

    @property
    def pid(self) -> int:
        return self._process.pid


class Wire:
    """Speaks to a server that does not lie."""

    def __init__(self, url: str) -> None:
        self.url = self.real = url
        self._loop = asyncio.new_event_loop()

    def __enter__(self) -> "Wire":
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.client = self.run(self._open())
        return self

    def __exit__(self, *_: object) -> None:
        self.run(self.client.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    async def _open(self) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(connector=aiohttp.TCPConnector(family=socket.AF_INET))

    def run(self, work: Coroutine[Any, Any, Any], seconds: float = PATIENT) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(seconds)

    def get(self, path: str) -> Any:
        async def asked() -> Any:
            async with self.client.get(self.url + path) as answer:
                answer.raise_for_status()
                return await answer.json()

        return self.run(asked())

    def post(self, path: str, body: Any) -> Any:
        async def told() -> Any:
            headers = {"Origin": self.url}
            async with self.client.post(self.url + path, json=body, headers=headers) as answer:
                answer.raise_for_status()
                return await answer.json()

        return self.run(told())
