"""Hosts of their own on one network that leads nowhere: each is a namespace behind a link, and what it sends and gets
is recorded as anybody would, with tcpdump.
Not here: what runs on them (the tests)."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from audit import recorded
from browser.away import CHROMIUM, names
from browser.network import own_network, within
from captures.world import ME, SFU, TURN, WEB
from machine import PATIENT

from .waiting import wait

# The device that is recorded, somebody in another country, and one machine for all servers.
DEVICE, OTHER, SERVERS = (ME.v4,), ("192.0.2.9",), (WEB.v4, SFU.v4, TURN.v4)


def ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True)


def _gateway(address: str) -> str:
    return f"{address.rpartition('.')[0]}.1"


class Host:
    """One with these IPv4 addresses, in a network of 256 whose first is on this side."""

    def __init__(self, *addresses: str) -> None:
        number = next(names)
        self.name = f"ringfence-{os.getpid()}-{number}"
        here, gateway = f"to{number}", _gateway(addresses[0])
        ip("netns", "add", self.name)
        ip("link", "add", here, "type", "veth", "peer", "name", "eth0", "netns", self.name)
        ip("addr", "add", f"{gateway}/24", "dev", here)
        ip("link", "set", here, "up")
        for words in (
            *(("addr", "add", f"{address}/24", "dev", "eth0") for address in addresses),
            ("link", "set", "lo", "up"),
            ("link", "set", "eth0", "up"),
            ("route", "add", "default", "via", gateway),
        ):
            ip("-n", self.name, *words)

    def command(self, *words: str) -> list[str]:
        """The same, run there."""
        return ["ip", "netns", "exec", self.name, *words]

    def inside(self) -> AbstractContextManager[None]:
        """What this thread opens and starts is there."""
        return within(self.name)

    def run(self, *words: str, seconds: float = PATIENT) -> str:
        """What it wrote to standard output. Fails with what it wrote to standard error."""
        done = subprocess.run(self.command(*words), capture_output=True, text=True, check=False, timeout=seconds)
        assert done.returncode == 0, f"{' '.join(words)}: {done.stdout} {done.stderr}"
        return done.stdout

    def chromium(self, folder: Path) -> Path:
        """A program that is Chromium there."""
        script = folder / f"chromium-{self.name}"
        script.write_text(f'#!/bin/sh\nexec {" ".join(self.command(CHROMIUM))} "$@"\n')
        script.chmod(0o755)
        return script

    def reaches(self, address: str, port: int) -> None:
        """Waits until somebody listens there, by TCP."""
        words = self.command("bash", "-c", f"</dev/tcp/{address}/{port}")
        wait(lambda: not subprocess.run(words, check=False, capture_output=True).returncode, lambda: "nobody listens")

    @contextmanager
    def recorded(self, file: Path, interface: str = "eth0", *, kept: bool = True) -> Iterator[Path]:
        """All that goes through its link, from entry to exit; `kept` in small, where that is wanted (recorded.py)."""
        words = ["tcpdump", "-i", interface, "-n", "-U", "--immediate-mode", "-B", "32768", "-Z", "root"]
        words += ["-w", str(file)]
        with subprocess.Popen(self.command(*words), stderr=subprocess.PIPE, text=True) as process:
            assert process.stderr is not None
            try:
                begins = next((line for line in process.stderr if "listening on" in line), None)
                assert begins, "tcpdump did not begin"
                yield file
            finally:
                process.terminate()
                told = process.stderr.read()
        assert "\n0 packets dropped by kernel" in told, told
        if kept and recorded.IS_WANTED:
            recorded.keep(file)

    def close(self) -> None:
        ip("netns", "del", self.name)


@contextmanager
def network() -> Iterator[None]:
    """All here are alone, and pass on what hosts send each other."""
    with own_network():
        Path("/proc/sys/net/ipv4/ip_forward").write_text("1")
        yield
