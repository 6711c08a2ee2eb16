"""A real `ringfence serve` for whichever tests ask for one.
Not here: what is asked of it."""

import os
import select
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from machine import PATIENT, give_up_priority

give_up_priority()
RINGFENCE = Path(sys.executable).with_name("ringfence")
# The same, with faults that a test turns on.
STAGED = (sys.executable, str(Path(__file__).with_name("staged.py")))
READY = "Ringfence is ready at "


class Serving:
    """One server process on free ports; `url` is what it says it is."""

    def __init__(self, data: Path, *options: str, program: Sequence[str] = (str(RINGFENCE),), **variables: str) -> None:
        """`program`: another than the one that is installed. `variables`: of its environment."""
        self.data = data
        command = [*program, "serve", "--data", str(data)]
        if "--port" not in options:
            command += ["--port", "0"]
        self.log = data.with_name(f"{data.name}.log")
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [*command, *options],
                stdout=subprocess.PIPE,
                stderr=log,
                env=os.environ | {"RINGFENCE_LOG_LEVEL": "debug"} | variables,
                text=True,
            )
        self.url = self._ready(PATIENT)

    def _ready(self, seconds: float) -> str:
        until = time.monotonic() + seconds
        while select.select([self.process.stdout], [], [], max(0, until - time.monotonic()))[0]:
            line = self.process.stdout.readline()
            if line.startswith(READY):
                return line.removeprefix(READY).strip()
            if not line:
                break
        self.stop()
        raise RuntimeError(f"the server did not start: {self.log.read_text()}")

    def stop(self) -> int:
        self.process.terminate()
        return self.process.wait(PATIENT)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """One for all tests that do not break it."""
    serving = Serving(tmp_path_factory.mktemp("server") / "data")
    yield serving
    serving.stop()


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Serving]]:
    """One's own, with options; the same data folder unless told otherwise."""
    started: list[Serving] = []

    def start(*options: str, data: Path = tmp_path / "data", **kind: Any) -> Serving:
        serving = Serving(data, *options, **kind)
        started.append(serving)
        return serving

    yield start
    for serving in started:
        serving.stop()
