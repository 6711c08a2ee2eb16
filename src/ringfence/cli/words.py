"""What the commands that ask and answer share: files they read, and how they say things to people and to programs.
Not here: what is said."""

import argparse
import json
import sys
from collections.abc import Callable
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path
from textwrap import TextWrapper
from typing import Any

from ringfence.errors import Refusal, entry

# How a command ends whose input cannot be used; 0 is yes, 1 is no.
UNUSABLE = 2
Run = Callable[[argparse.Namespace], int]


def job(
    jobs: "argparse._SubParsersAction[argparse.ArgumentParser]",
    name: str,
    run: Run,
    about: str,
    formats: tuple[str, ...] = ("text", "json"),
) -> argparse.ArgumentParser:
    """A command that answers in text, in JSON or in others, and ends with what `run` returns."""
    parser = jobs.add_parser(name, help=about, description=f"{about[0].upper()}{about[1:]}.")
    parser.add_argument("--format", choices=formats, default="text", help="for people, or for programs")
    parser.set_defaults(run=lambda arguments: _told(run, arguments), unusable=UNUSABLE)
    return parser


def _told(run: Run, arguments: argparse.Namespace) -> int:
    """A program that asked for JSON gets it of what cannot be used, too."""
    try:
        return run(arguments)
    except Refusal as refusal:
        if arguments.format == "json":
            words = entry(refusal.code)
            show({"error": {"code": refusal.code, "title": words.title, "detail": refusal.detail, "do": words.do}})
        raise


def read(name: str, longest: int) -> bytes:
    """A file, or what comes in for `-`. Raises RF5001 where it cannot be read or is longer, in bytes."""
    try:
        with nullcontext(sys.stdin.buffer) if name == "-" else Path(name).open("rb") as file:
            content = file.read(longest + 1)
    except OSError as error:
        raise Refusal("RF5001", f"{name}: {error.strerror}") from None
    if len(content) > longest:
        raise Refusal("RF5001", f"{name} is longer than {longest >> 20} MiB")
    return content


def moment(text: str, option: str) -> int:
    """Unix seconds. Raises RF5001."""
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        time = None
    if time is None or time.tzinfo is None or time.timestamp() < 0:
        raise Refusal("RF5001", f"{option} {text} is not a time such as 2026-11-24T02:00:00Z")
    return int(time.timestamp())


def now() -> int:
    return int(datetime.now(UTC).timestamp())


def count(number: int, what: str, several: str | None = None) -> str:
    return f"{number:,} {what if number == 1 else several or f'{what}s'}"


def show(document: Any) -> None:
    print(json.dumps(document, ensure_ascii=False, indent=2))


def say(before: str, text: str) -> None:
    wrapper = TextWrapper(110, initial_indent=before, subsequent_indent=" " * len(before), break_on_hyphens=False)
    print(wrapper.fill(text))


def printable(text: str) -> str:
    """What is quoted of a file moves no cursor and colours nothing."""
    return "".join(letter if letter.isprintable() or letter == "\n" else "\N{REPLACEMENT CHARACTER}" for letter in text)
