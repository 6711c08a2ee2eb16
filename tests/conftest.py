"""A real `ringfence serve` for whichever tests ask for one.
Not here: what is asked of it."""

import os
import select
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

RINGFENCE = Path(sys.executable).with_name("ringfence")
READY = "Ringfence is ready at "


class Serving:
    """One server process on free ports; `url` is what it says it is."""

    def __init__(self, data: Path, *options: str) -> None:
        self.data = data
        command = [str(RINGFENCE), "serve", "--data", str(data)]
        if "--port" not in options:
            command += ["--port", "0"]
        self.log = data.with_name(f"{data.name}.log")
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [*command, *options],
                stdout=subprocess.PIPE,
                stderr=log,
                env=os.environ | {"RINGFENCE_LOG_LEVEL": "debug"},
                text=True,
            )
        self.url = self._ready(30)

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
        return self.process.wait(15)


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

    def start(*options: str, data: Path = tmp_path / "data") -> Serving:
        serving = Serving(data, *options)
        started.append(serving)
        return serving

    yield start
    for serving in started:
        serving.stop()
