"""What `make serve` makes of what it is told: refused in one line, rather than something else done.
Not here: building and serving (tests/browser/test_serve.py)."""

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def serve(*given: str) -> subprocess.CompletedProcess[str]:
    """Only said, not done."""
    command = ["make", "--dry-run", "serve", *given]
    nothing = {"PATH": "/usr/bin:/bin"}  # make reads its environment, too
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=nothing, check=False)


@pytest.mark.parametrize(
    ("given", "options"),
    [
        ((), "--host 127.0.0.1 --port 8000 --data data"),
        (("HOST=192.0.2.7", "PORT=9000", "DATA=x"), "--host 192.0.2.7 --port 9000 --data x"),
        (("TLS=local",), "--port 8000 --data data --tls-local"),
    ],
)
def test_what_is_said_is_done(given: tuple[str, ...], options: str) -> None:
    assert serve(*given).stdout.rstrip().endswith(f"ringfence serve {options}")


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (("TLS=locl",), "TLS=locl is unknown: say TLS=local, or leave it out"),
        (("TLS=local", "HOST=192.0.2.7"), "TLS=local listens on every address: leave HOST out"),
    ],
)
def test_what_would_not_be_done_is_refused(given: tuple[str, ...], why: str) -> None:
    done = serve(*given)
    assert (done.returncode, done.stdout) == (2, "")
    assert [why in line for line in done.stderr.splitlines()] == [True]
