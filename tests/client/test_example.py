"""The example in docs/sdk.md does what it says, and the page names every event and option.
Not here: what they mean."""

import asyncio
import re
import sys
import typing
from pathlib import Path

import pytest

from conftest import Serving
from machine import PATIENT
from ringfence import client
from ringfence.client import Chat
from server.meeting import Organiser

from .people import Reader, headless, link

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "sdk.md").read_text()


async def test_the_example_greets_and_goes_when_it_is_told_to(server: Serving, tmp_path: Path):
    [code] = re.findall(r"```python\n(.*?)```", PAGE, re.S)
    program = tmp_path / "greeter.py"
    program.write_text(code)
    organiser = Organiser(server.url).held()
    async with headless(organiser, "Ada") as ada, asyncio.timeout(PATIENT):
        hears = Reader(ada)
        greeter = await asyncio.create_subprocess_exec(
            sys.executable, str(program), link(organiser), stdout=asyncio.subprocess.PIPE
        )
        assert (await hears.until(Chat, you=False)).text == "Welcome, Ada!"
        await ada.say("bye")
        out, _ = await greeter.communicate()
        assert greeter.returncode == 0
        assert b"allowed" in out


@pytest.mark.parametrize("event", sorted(kind.__name__ for kind in typing.get_args(client.Event)))
def test_every_event_is_described(event: str):
    assert re.search(rf"^\|[^|]*`{event}`[^|]*\|", PAGE, re.M)


def test_every_option_is_described():
    import argparse

    from ringfence.cli import join

    commands = argparse.ArgumentParser().add_subparsers()
    join.add(commands)
    options = {word for action in commands.choices["join"]._actions for word in action.option_strings}
    for option in options - {"-h", "--help", "--headless"}:
        assert re.search(rf"^\| `{option}[ `]", PAGE, re.M), option
