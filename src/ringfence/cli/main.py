"""The ringfence command: reads the arguments, and says in one line why something cannot be done.
Not here: what the commands do (one module each)."""

import argparse
import sys
from collections.abc import Sequence

from ringfence import __version__
from ringfence.cli import serve
from ringfence.errors import Refusal, entry


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="ringfence", description="Video meetings that stay inside the fence their owner signed."
    )
    parser.add_argument("--version", action="version", version=f"ringfence {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    serve.add(commands)
    chosen = parser.parse_args(arguments)
    try:
        chosen.run(chosen)
    except Refusal as refusal:
        words = entry(refusal.code)
        detail = f" ({refusal.detail})" if refusal.detail else ""
        print(f"{refusal.code}: {words.title}{detail}. {words.do}", file=sys.stderr)
        return 1
    return 0
