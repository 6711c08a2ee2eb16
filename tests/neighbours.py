"""Two servers on hosts of their own, with a link between: one measures the other, over TLS and over UDP.
Not here: what is asked of them (tests)."""

import itertools
import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from conftest import RINGFENCE, Serving
from machine import free_port
from ringfence.cli.main import main

# In the networks of the documentation (RFC 5737): public to whoever decides, and ours in a network of our own.
NODE, BEACON = "203.0.113.7", "203.0.113.9"
# Far from any border: what is answered over a link on a busy machine is in Canada all the same.
SAYS = """[operator]
id = "{id}"
name = "{name}"
law = ["CA"]
parents = []
[node]
name = "{node}"
country = "CA"
place = "Edmonton"
lat = 53.55
lon = -113.49
"""
names = itertools.count()


class Neighbours:
    """The node is where the test is, and the beacon at the other end of the link."""

    def __init__(self, folder: Path) -> None:
        self.network = f"ringfence-beacon-{os.getpid()}-{next(names)}"
        self.node_data, self.beacon_data = folder / "data", folder / "beacon"
        self.node_key, self.beacon_key = (self._init(self.node_data), self._init(self.beacon_data))
        self.port, self.node_port = free_port(), free_port()
        node = f'port = {self.node_port}\nmedia_address = "{NODE}"\nbeacons = ["{self.url}"]\n'
        self._write(self.node_data, node, id="coop", name="Co-op", node="edm1")
        beacon = f'port = {self.port}\nmedia_address = "{BEACON}"\ntls_local = true\n'
        self._write(self.beacon_data, beacon, id="rooms", name="Public Rooms", node="edm2")
        self._serving: list[Serving] = []

    @staticmethod
    def _init(data: Path) -> str:
        made = subprocess.run(
            [RINGFENCE, "node", "init", "--data", data, "--format", "json"], check=True, capture_output=True
        )
        key: str = json.loads(made.stdout)["node"]
        return key

    @staticmethod
    def _write(data: Path, options: str, **says: str) -> None:
        (data / "ringfence.toml").write_text(options + SAYS.format(**says))

    @property
    def url(self) -> str:
        """Of the beacon."""
        return f"https://{BEACON}:{self.port}"

    def beacon(self, *, measures: str | None = None) -> Serving:
        """`measures`: whom instead of the node."""
        program = ("ip", "netns", "exec", self.network, str(RINGFENCE))
        of = self.node_key if measures is None else measures
        # A key may begin with a dash.
        options = ("--port", str(self.port), "--beacon-for", of)
        return self._start(self.beacon_data, *options, program=program)

    def node(self, *options: str) -> Serving:
        """It trusts the authority of the beacon's certificate, as if it were one of the public ones."""
        authority = str(self.beacon_data / "tls" / "ca.pem")
        return self._start(self.node_data, "--port", str(self.node_port), *options, SSL_CERT_FILE=authority)

    def _start(self, data: Path, *options: str, **more: object) -> Serving:
        serving = Serving(data, *options, **more)
        self._serving.append(serving)
        return serving

    def bring(self, *kinds: str) -> None:
        """Data sets that agree with the node's operator."""
        for kind in kinds:
            file = self.node_data.parent / f"{kind}.txt"
            file.write_text("203.0.113.0,203.0.113.255,CA\n")
            words = ["geo", "import", str(file), "--kind", kind, "--name", kind, "--data", str(self.node_data)]
            assert main([*words, "--date", datetime.now(UTC).date().isoformat()]) == 0

    def close(self) -> None:
        for serving in self._serving:
            if serving.process.poll() is None:
                serving.stop()


@contextmanager
def neighbours(folder: Path) -> Iterator[Neighbours]:
    """In the network that this process is in, which has to be its own."""
    pair = Neighbours(folder)

    def ip(*words: str) -> None:
        subprocess.run(["ip", *words], check=True)

    ip("netns", "add", pair.network)
    try:
        ip("link", "add", "town", "type", "veth", "peer", "name", "far", "netns", pair.network)
        ip("addr", "add", f"{NODE}/24", "dev", "town")
        ip("link", "set", "town", "up")
        ip("-n", pair.network, "addr", "add", f"{BEACON}/24", "dev", "far")
        ip("-n", pair.network, "link", "set", "lo", "up")
        ip("-n", pair.network, "link", "set", "far", "up")
        yield pair
    finally:
        pair.close()
        # By itself: its network may outlive us, and the next pair needs the name.
        subprocess.run(["ip", "link", "del", "town"], check=False, capture_output=True)
        ip("netns", "del", pair.network)
