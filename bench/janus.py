"""Debian's Janus with rooms of video, on this machine: a forwarder beside which ours is measured. It takes no loopback
address for media, so it uses another one of the machine's, which packets reach over loopback all the same.
Not here: the load (load.py)."""

import itertools
import json
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect

from machine import PATIENT, free_port

LIBRARIES = Path("/usr/lib/x86_64-linux-gnu/janus")
ROOM = 1234
MAIN = """
general: {{
  configs_folder = "{folder}"
  plugins_folder = "{folder}/plugins"
  transports_folder = "{folder}/transports"
  events_folder = "{folder}/none"
  loggers_folder = "{folder}/none"
}}
media: {{ rtp_port_range = "20000-40000" }}
nat: {{ ice_lite = true }}
"""
SOCKETS = """
general: {{
  json = "compact"
  ws = true
  ws_ip = "127.0.0.1"
  ws_port = {port}
}}
"""


def there() -> bool:
    return (LIBRARIES / "plugins" / "libjanus_videoroom.so").exists()


@contextmanager
def janus(folder: Path) -> Iterator[tuple[int, "Janus"]]:
    """Its process, and who asks it for connections."""
    port = free_port()
    for kind, name in (("plugins", "videoroom"), ("transports", "websockets")):
        (folder / kind).mkdir(parents=True)
        library = f"libjanus_{name}.so"
        (folder / kind / library).symlink_to(LIBRARIES / kind / library)
    (folder / "none").mkdir()
    (folder / "janus.jcfg").write_text(MAIN.format(folder=folder))
    (folder / "janus.transport.websockets.jcfg").write_text(SOCKETS.format(port=port))
    log = folder / "log"
    command = ["janus", "--disable-colors", "--configs-folder", str(folder), "--config", str(folder / "janus.jcfg")]
    with log.open("w") as out, subprocess.Popen(command, stdout=out, stderr=out) as process:
        try:
            until = time.monotonic() + PATIENT
            while "Websockets server started" not in log.read_text():
                if process.poll() is not None or time.monotonic() > until:
                    raise RuntimeError(f"Janus did not start: {log.read_text()[-2000:]}")
                time.sleep(0.05)
            with connect(f"ws://127.0.0.1:{port}", subprotocols=["janus-protocol"]) as asked:
                yield process.pid, Janus(asked)
        finally:
            process.terminate()
            process.wait(PATIENT)


class Refused(Exception):
    pass


class Janus:
    """Offers in, answers out: publishers offer, and to subscribers Janus does."""

    offers = False

    @property
    def address(self) -> str:
        """Ours on the way out (an address of the documentation, RFC 5737); nothing is sent."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.connect(("192.0.2.1", 9))
            return str(probe.getsockname()[0])

    def __init__(self, asked: ClientConnection) -> None:
        self._asked = asked
        self._numbers = itertools.count(1)
        self._session = self._ask(janus="create")["data"]["id"]
        self._handles: dict[int, int] = {}
        self._feeds: list[int] = []
        handle = self._attach()
        room = {"request": "create", "room": ROOM, "publishers": 1000, "audiocodec": "opus", "videocodec": "vp8"}
        self._ask(janus="message", handle_id=handle, body=room)

    def publish(self, number: int, offer: str) -> str:
        handle = self._handles[number] = self._attach()
        body = {"request": "joinandconfigure", "room": ROOM, "ptype": "publisher", "id": number + 1}
        self._feeds.append(number + 1)
        return self._settle(handle, body, {"type": "offer", "sdp": offer})["jsep"]["sdp"]

    def subscribe(self, number: int) -> str:
        handle = self._handles[number] = self._attach()
        streams = [{"feed": feed} for feed in self._feeds]
        body = {"request": "join", "room": ROOM, "ptype": "subscriber", "streams": streams}
        until = time.monotonic() + PATIENT
        while True:
            try:
                return self._settle(handle, body)["jsep"]["sdp"]
            except Refused:
                # A publisher is known a moment after the connection is there.
                if time.monotonic() > until:
                    raise
                time.sleep(0.05)

    def answer(self, number: int, answer: str) -> None:
        self._settle(self._handles[number], {"request": "start"}, {"type": "answer", "sdp": answer})

    def _attach(self) -> int:
        return self._ask(janus="attach", plugin="janus.plugin.videoroom")["data"]["id"]

    def _ask(self, **message: Any) -> dict[str, Any]:
        """What it says at once."""
        transaction = self._send(message)
        return self._heard(lambda said: said.get("transaction") == transaction)

    def _settle(self, handle: int, body: dict[str, Any], jsep: dict[str, str] | None = None) -> dict[str, Any]:
        """What it says when it has done it."""
        message = {"janus": "message", "handle_id": handle, "body": body} | ({"jsep": jsep} if jsep else {})
        transaction = self._send(message)
        return self._heard(lambda said: said.get("transaction") == transaction and said["janus"] == "event")

    def _send(self, message: dict[str, Any]) -> str:
        transaction = str(next(self._numbers))
        session = {"session_id": self._session} if hasattr(self, "_session") else {}
        self._asked.send(json.dumps(message | session | {"transaction": transaction}))
        return transaction

    def _heard(self, wanted: Any) -> dict[str, Any]:
        while True:
            said = json.loads(self._asked.recv(PATIENT))
            refused = said.get("error") or said.get("plugindata", {}).get("data", {}).get("error")
            if refused:
                raise Refused(f"Janus refuses: {refused}")
            if wanted(said):
                return said
