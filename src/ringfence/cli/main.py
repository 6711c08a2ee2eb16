"""The ringfence command: reads the arguments, and says in one line why something cannot be done.
Not here: what the commands do (one module each)."""

import argparse
import contextlib
import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence

from ringfence import __version__

# How a command ends that was stopped by Ctrl-C, as shells count it.
STOPPED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    try:
        return _run(sys.argv[1:] if arguments is None else arguments)
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return STOPPED


def _run(arguments: Sequence[str]) -> int:
    # Here and not above: they take long enough for somebody to stop them.
    with _stopping_at_once():
        from ringfence.cli import audit, beacon, fence, geo, join, log, node, serve, verify
        from ringfence.cli.words import printable
        from ringfence.errors import Refusal, entry

    parser = argparse.ArgumentParser(
        prog="ringfence", description="Video meetings that stay inside the fence their owner signed."
    )
    parser.add_argument("--version", action="version", version=f"ringfence {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    serve.add(commands)
    fence.add(commands)
    geo.add(commands)
    node.add(commands)
    beacon.add(commands)
    verify.add(commands)
    log.add(commands)
    audit.add(commands)
    join.add(commands)
    chosen = parser.parse_args(_joined(arguments))
    try:
        status: int = chosen.run(chosen) or 0
    except BrokenPipeError:
        # Whoever reads has read enough; what is still to be written has nowhere to go.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Refusal as refusal:
        words = entry(refusal.code)
        detail = f" ({printable(refusal.detail)})" if refusal.detail else ""
        print(f"{refusal.code}: {words.title}{detail}. {words.do}", file=sys.stderr)
        return chosen.unusable if "unusable" in chosen else 1
    return status


@contextlib.contextmanager
def _stopping_at_once() -> Iterator[None]:
    """While modules load, Ctrl-C ends the process there and then, with nothing to lose: what it would raise inside one
    may come out as an error of another kind, as it does where the core looks for its exceptions."""
    usual = signal.getsignal(signal.SIGINT)
    if usual is not signal.default_int_handler or threading.current_thread() is not threading.main_thread():
        yield
        return
    signal.signal(signal.SIGINT, _stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, usual)


def _stop(*_: object) -> None:
    os.write(2, b"Stopped.\n")
    os._exit(STOPPED)


def _joined(words: Sequence[str]) -> list[str]:
    """A key in base64url may begin with a dash, as options do: it stays with the option that it is for."""
    joined: list[str] = []
    for word in words:
        if joined and joined[-1] in ("--operator", "--beacon-for"):
            joined[-1] = f"{joined[-1]}={word}"
        else:
            joined.append(word)
    return joined
