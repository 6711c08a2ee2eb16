"""Starting the server: quick the second time, port and folder as asked, a clear word when it cannot."""

import json
import os
import socket
import stat
import subprocess
import urllib.request
from pathlib import Path

import pytest

from machine import PATIENT, free_port

from .memory import processes
from .server import READY, RINGFENCE, Server

ROOT = Path(__file__).parents[2]


def healthy(url: str) -> bool:
    url = url.replace("localhost", "127.0.0.1")  # the name would be looked up, which another test forbids
    with urllib.request.urlopen(f"{url}/healthz") as answer:
        return answer.status == 200 and "status" in json.load(answer)


def busy(pid: int) -> float:
    """Seconds of processor that a process and all that it started have taken: the same on a busy machine."""
    ticks = 0
    for one in processes(pid):
        spent = Path(f"/proc/{one}/stat").read_text().rsplit(")", 1)[1].split()
        ticks += sum(map(int, spent[11:15]))  # its own, and of children that have ended
    return ticks / os.sysconf("SC_CLK_TCK")


def test_the_second_start_takes_less_than_three_seconds(tmp_path: Path) -> None:
    first = Server(tmp_path / "data", free_port())
    assert healthy(first.url)
    first.stop()
    second = Server(tmp_path / "data", free_port())
    seconds = busy(second.pid)
    assert healthy(second.url)
    second.stop()
    assert 0 < seconds < 3, "less than one on an idle machine"


def test_secrets_are_made_at_the_first_start_and_kept_for_the_owner_alone(tmp_path: Path) -> None:
    data = tmp_path / "data"
    Server(data, free_port()).stop()
    keys = {file: file.read_bytes() for file in data.rglob("*.key")}
    assert keys
    for file in keys:
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    Server(data, free_port()).stop()
    assert {file: file.read_bytes() for file in keys} == keys


def test_a_port_in_use_is_said_plainly(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        command = [str(RINGFENCE), "serve", "--port", str(port), "--data", str(tmp_path / "data")]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=PATIENT)
    said = ended.stdout + ended.stderr
    assert ended.returncode != 0
    assert str(port) in said
    assert "RF5" in said
    assert "Traceback" not in said
    assert READY not in said


@pytest.mark.timeout(600)  # something may have to be built first
def test_make_serve_takes_a_port_and_a_folder(tmp_path: Path) -> None:
    data, port = tmp_path / "elsewhere", free_port()
    subprocess.run(["python3", "tools/build.py"], cwd=ROOT, check=True)
    command = ["make", "serve", f"PORT={port}", f"DATA={data}"]
    # As from a person's shell, also where another make runs the tests.
    shell = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    started = subprocess.Popen(command, cwd=ROOT, env=shell, stdout=subprocess.PIPE, text=True, start_new_session=True)
    with started as make:
        try:
            said = iter(make.stdout)
            assert f":{port}" in next(said), "nothing is left to build: the first line is the address"
            assert busy(make.pid) < 6, "about one and a half on an idle machine"
            assert healthy(f"http://127.0.0.1:{port}")
            assert data.is_dir()
        finally:
            os.killpg(make.pid, 15)
