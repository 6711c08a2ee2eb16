"""`ringfence join` as a command: its lines, its exit status, and what it says when something is wrong.
Not here: what it is told (test_meeting.py, test_media.py)."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from conftest import RINGFENCE, Serving
from machine import PATIENT, free_port
from ringfence.client import Knocks
from server.meeting import Organiser

from .people import Reader, headless, host_keys, link

IN_CANADA = '[operator]\nid = "coop"\nname = "Co-op"\nlaw = ["CA"]\n[node]\nname = "tor1"\ncountry = "{}"\n'
ANYWHERE_IN_CANADA = (
    'name = "Canada"\nversion = 1\n[allow]\ncountries = ["CA"]\nlaw = ["*"]\n[evidence]\nminimum = "stated"\n'
)


def join(given: str, *options: str, environment: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    command = [str(RINGFENCE), "join", given, "--headless", "--name", "Planted-Name", *options]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=4 * PATIENT, env=os.environ | (environment or {})
    )


def test_it_says_what_was_decided_who_is_in_and_ends_when_its_time_is_over(server: Serving):
    organiser = Organiser(server.url).held()
    done = join(link(organiser), "--seconds", "0.5", "--receive")
    lines = done.stdout.splitlines()
    assert lines[0].startswith("Route, by the fence Only this server: ")
    assert "allowed" in lines[1]
    assert "In the meeting." in lines
    assert lines[-2:] == ["Left.", "Nothing was received."]
    assert (done.returncode, done.stderr) == (0, "")


def test_each_line_is_an_object_for_programs(server: Serving):
    organiser = Organiser(server.url).held()
    done = join(link(organiser), "--seconds", "0.2", "--json")
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert [one["t"] for one in told if one["t"] != "route"] == ["admitted", "ended"]
    assert told[0]["may_probe"] is True
    assert told[0]["words"]


def test_a_link_that_nobody_else_is_to_read_comes_in(server: Serving):
    organiser = Organiser(server.url).held()
    command = [str(RINGFENCE), "join", "-", "--headless", "--name", "Ada", "--seconds", "0.1"]
    done = subprocess.run(command, input=link(organiser) + "\n", capture_output=True, text=True, timeout=PATIENT)
    assert "In the meeting." in done.stdout.splitlines()
    assert done.returncode == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_who_is_stopped_leaves_cleanly(server: Serving, number: signal.Signals):
    organiser = Organiser(server.url).held()
    command = [str(RINGFENCE), "join", link(organiser), "--headless", "--name", "Ada"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    for line in process.stdout:
        if line == "In the meeting.\n":
            process.send_signal(number)
            break
    assert process.stdout.read().endswith("Left.\n")
    assert process.wait(PATIENT) == 0


@pytest.mark.parametrize(
    ("given", "options", "code"),
    [
        ("https://meet.example.org/m/cut", [], "RF7001"),
        ("https://meet.example.org/m/AAAAAAAAAAAAAAAAAAAAAA#cut", [], "RF3110"),
        (f"https://meet.example.org/m/{'A' * 22}#{'A' * 43}", ["--ca", os.devnull], "RF7004"),
        (f"https://meet.example.org/m/{'A' * 22}#{'A' * 43}", ["--send", os.devnull], "RF7007"),
        (f"https://meet.example.org/m/{'A' * 22}#{'A' * 43}", ["--keys", os.devnull], "RF7005"),
        (f"https://meet.example.org/m/{'A' * 22}#{'A' * 43}", ["--name", ""], "RF3292"),
    ],
)
def test_what_cannot_be_used_is_named_in_one_line(given: str, options: list[str], code: str):
    done = join(given, *options)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith(f"{code}: ")
    assert done.stderr.count("\n") == 1


def test_a_server_that_is_not_there(server: Serving):
    done = join(link(Organiser(server.url), f"http://127.0.0.1:{free_port()}"), "--patience", "0.2")
    assert done.returncode == 1
    assert "Stopped. RF7002" in done.stdout


def test_something_else_that_answers_is_no_server(server: Serving):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        done = join(link(Organiser(server.url), f"http://127.0.0.1:{port}"), "--patience", "0.2")
    assert done.returncode == 1
    assert "Stopped. RF7002" in done.stdout


def test_a_meeting_that_is_unknown(server: Serving):
    done = join(link(Organiser(server.url)))
    assert done.returncode == 1
    assert "Stopped. RF1101" in done.stdout


def test_a_meeting_ends_by_its_charter_for_who_is_in_it_and_cannot_be_joined_after(server: Serving):
    organiser = Organiser(server.url)
    organiser.owner.until = int(time.time()) + 5
    organiser.held()
    assert join(link(organiser), "--seconds", str(2 * PATIENT)).returncode == 0, "every member looks each 30 seconds"
    late = join(link(organiser))
    assert late.returncode == 1
    assert "Stopped. RF1104" in late.stdout


def test_a_meeting_that_has_not_begun(server: Serving):
    organiser = Organiser(server.url)
    later = {"participants": 25, "from": int(time.time()) + 3600, "until": None, "retention": None}
    assert organiser.post(organiser.charter(limits=later)).status_code == 201
    done = join(link(organiser))
    assert done.returncode == 1
    assert "Stopped. RF1104" in done.stdout


def test_a_server_that_has_moved_out_of_the_fence_is_refused_and_the_reason_said(
    serve: Callable[..., Serving], tmp_path: Path
):
    port = str(free_port())
    data = tmp_path / "moved"
    data.mkdir(mode=0o700)
    (data / "ringfence.toml").write_text(IN_CANADA.format("CA"))
    serving = serve("--port", port, data=data)
    organiser = Organiser(serving.url, policy=ANYWHERE_IN_CANADA).held()
    assert join(link(organiser), "--seconds", "0.2").returncode == 0
    serving.stop()
    (data / "ringfence.toml").write_text(IN_CANADA.format("US"))
    serve("--port", port, data=data)
    done = join(link(organiser))
    assert done.returncode == 3, done.stdout
    assert "tor1, in US" in done.stdout
    assert "refused" in done.stdout
    assert "Stopped. RF21" in done.stdout


def test_over_tls_the_authority_is_named_or_the_server_is_not_trusted(serve: Callable[..., Serving]):
    serving = serve("--tls-local")
    given = f"{serving.url}/m/{'A' * 22}#{'A' * 43}"
    stranger = join(given)
    assert stranger.returncode == 1
    assert "Stopped. RF7003" in stranger.stdout
    known = join(given, "--ca", str(serving.data / "tls" / "ca.pem"))
    assert "Stopped. RF1101" in known.stdout, "the server was reached, and does not know the meeting"


def test_no_name_and_no_link_is_in_a_log(serve: Callable[..., Serving]):
    serving = serve()
    organiser = Organiser(serving.url).held()
    done = join(link(organiser), "--seconds", "0.5", "--send", "test", environment={"PYTHONDEVMODE": "1"})
    assert done.returncode == 0
    written = serving.log.read_text() + done.stderr
    assert "Planted-Name" not in written
    assert link(organiser).split("#")[1] not in written


def test_a_host_that_says_no(server: Serving):
    """The host is another process's: this one only waits for the answer."""
    organiser = Organiser(server.url, admission="lobby").held()

    async def deny() -> subprocess.CompletedProcess[str]:
        async with headless(organiser, "Owner", keys=host_keys(organiser)) as owner:
            await owner.admitted()
            asking = asyncio.create_task(asyncio.to_thread(join, link(organiser)))
            [(knock, name)] = (await Reader(owner).until(Knocks)).waiting
            assert name == "Planted-Name"
            await owner.deny(knock)
            return await asking

    done = asyncio.run(deny())
    assert done.returncode == 4
    assert done.stdout.splitlines()[-1] == "A host has not let us in."
