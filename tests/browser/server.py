"""Starts `ringfence serve` for these tests and knows its process, its folder and its log.
Asks it nothing: people do that, with browsers."""

import os
import select
import subprocess
import sys
import time
from pathlib import Path

from conftest import STAGED
from machine import PATIENT

RINGFENCE = Path(sys.executable).with_name("ringfence")
READY = "Ringfence is ready at"


class Server:
    """One process. `log` has everything that it writes, at the highest level."""

    def __init__(self, data: Path, port: int, *options: str, staged: Path | None = None) -> None:
        """`staged`: the folder in which a test turns faults on (tests/staged.py)."""
        self.data, self.log = data, data.with_name(f"{data.name}.log")
        program = (str(RINGFENCE),) if staged is None else STAGED
        command = [*program, "serve", "--port", str(port), "--data", str(data), *options]
        loud = os.environ | {"RINGFENCE_LOG_LEVEL": "debug", "RUST_LOG": "trace", "STAGED": str(staged)}
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, env=loud)
        self.said = self._wait(PATIENT)
        self.url = self.said.split(READY, 1)[1].split()[0].rstrip("/")

    def _wait(self, seconds: float) -> str:
        said = ""
        until = time.monotonic() + seconds
        while select.select([self._process.stdout], [], [], max(0, until - time.monotonic()))[0]:
            line = self._process.stdout.readline().decode()
            said += line
            if READY in line:
                return said
            if not line:
                break
        self.stop()
        raise RuntimeError(f"the server did not start: {said} {self.log.read_text()}")

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def writings(self) -> list[Path]:
        """Every file that it wrote."""
        return [self.log, *(f for f in self.data.rglob("*") if f.is_file())]

    def kill(self) -> None:
        """No chance to write anything."""
        self._process.kill()
        self._process.wait(PATIENT)

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(PATIENT)
