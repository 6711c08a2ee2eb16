"""`ringfence join` in one meeting with a Chromium: they see, hear and read each other.
Not here: headless participants among themselves (tests/client)."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from machine import PATIENT

from .person import Person

RINGFENCE = Path(sys.executable).with_name("ringfence")
Started = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def join() -> Iterator[Started]:
    """Starts the command, with one JSON object a line."""
    started: list[subprocess.Popen[str]] = []

    def start(link: str, name: str, *options: str) -> "subprocess.Popen[str]":
        command = [str(RINGFENCE), "join", link, "--headless", "--name", name, "--json", *options]
        started.append(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()


def heard(person: Person) -> dict[str, Any] | None:
    """What came on the line on which the most sound was."""
    lines = person.statistics("inbound-rtp", kind="audio")
    return max(lines, key=lambda line: line.get("totalAudioEnergy", 0), default=None)


def test_a_chromium_sees_and_hears_a_headless_member_that_opens_its_frames_and_reads_its_words(
    somebody: Callable[..., Person], join: Started
) -> None:
    ada = somebody("Ada")
    link = ada.new_meeting("Parish council")
    ada.ask_to_join().is_in()
    robot = join(link, "Robot", "--send", "test", "--receive", "--say", "good morning")
    ada.reads("good morning")
    ada.chat("hello, Robot")
    ada.sees("Robot")
    ada.until(lambda: (heard(ada) or {}).get("totalAudioEnergy", 0) > 0.001, "the tone is not heard")

    def decoded() -> bool:
        lines = [line for line in ada.statistics("inbound-rtp", kind="video") if line.get("framesDecoded", 0) > 60]
        return any((line["frameWidth"], line["frameHeight"]) == (320, 180) for line in lines)

    ada.until(decoded, "the pattern is not decoded")
    robot.terminate()
    out, _ = robot.communicate(timeout=PATIENT)
    told = [json.loads(line) for line in out.splitlines()]
    assert [one["text"] for one in told if one["t"] == "chat" and not one["you"]] == ["hello, Robot"]
    streams = {one["stream"]: one for one in told[-1]["streams"]}
    assert {one["name"] for one in streams.values()} == {"Ada"}
    for stream in ("camera", "microphone"):
        assert streams[stream]["frames"] > 30, streams
        assert streams[stream]["failed"] == 0, streams
    assert streams["camera"]["keys"] >= 1
    assert robot.returncode == 0


def test_a_headless_member_waits_in_the_lobby_until_a_person_admits_it(
    somebody: Callable[..., Person], join: Started
) -> None:
    ada = somebody("Ada")
    link = ada.new_meeting("Parish council", "People I admit")
    ada.ask_to_join().is_in()
    robot = join(link, "Robot", "--seconds", "1")
    ada.admit("Robot")
    out, _ = robot.communicate(timeout=PATIENT)
    kinds = [json.loads(line)["t"] for line in out.splitlines()]
    assert kinds.index("waiting") < kinds.index("admitted")
    assert kinds[-1] == "ended"
    assert robot.returncode == 0
