"""A browser on a host of its own: a network behind one link, which can be taken down, silenced and listened to.
Not here: what happens there (tests)."""

import itertools
import os
import subprocess
from pathlib import Path

from . import network

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
# The server's end of the link, and the browser's.
HERE, THERE = (str(network.AWAY[number]) for number in (1, 2))
NOBODY = "02:00:00:00:00:01"  # a hardware address that no interface here has
names = itertools.count()


class Away:
    """A network behind one link; what is started through `program` is in it."""

    def __init__(self) -> None:
        self.name = f"ringfence-{os.getpid()}-{next(names)}"
        self._run("netns", "add", self.name)
        self._run("link", "add", "near", "type", "veth", "peer", "name", "far", "netns", self.name)
        self._run("addr", "add", f"{HERE}/24", "dev", "near")
        self._run("link", "set", "near", "up")
        self.inside("addr", "add", f"{THERE}/24", "dev", "far")
        self.inside("link", "set", "lo", "up")
        self.link("up")

    def link(self, state: str) -> None:
        self.inside("link", "set", "far", state)

    def silence(self) -> None:
        """All that is sent is lost on the way, either way, and neither end is told."""
        self.inside("neigh", "replace", HERE, "lladdr", NOBODY, "dev", "far", "nud", "permanent")
        self._run("neigh", "replace", THERE, "lladdr", NOBODY, "dev", "near", "nud", "permanent")

    def speak(self) -> None:
        self.inside("neigh", "del", HERE, "dev", "far")
        self._run("neigh", "del", THERE, "dev", "near")

    def move(self, old: str, new: str) -> None:
        self.inside("addr", "del", f"{old}/24", "dev", "far")
        self.inside("addr", "add", f"{new}/24", "dev", "far")

    def inside(self, *words: str) -> None:
        self._run("-n", self.name, *words)

    def _run(self, *words: str) -> None:
        subprocess.run(["ip", *words], check=True)

    def program(self, folder: Path) -> Path:
        """Chromium, started there."""
        script = folder / "chromium"
        script.write_text(f'#!/bin/sh\nexec ip netns exec {self.name} {CHROMIUM} "$@"\n')
        script.chmod(0o755)
        return script

    def close(self) -> None:
        # A network goes when the last of its programs does, its link only then: the next one needs that name at once.
        self._run("link", "del", "near")
        self._run("netns", "del", self.name)
