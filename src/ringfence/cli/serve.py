"""`ringfence serve`. Not here: the options' meaning (config), or serving (server)."""

import argparse
import logging
from typing import Any

from ringfence.config import OPTIONS, listed, load
from ringfence.errors import Refusal


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser("serve", help="hold meetings", description="Holds meetings.")
    for option in OPTIONS:
        value: dict[str, Any] = {"type": option.kind, "metavar": option.field.upper()}
        if option.kind is bool:
            value = {"action": "store_const", "const": True}
        elif option.kind is list:
            value["type"] = listed
        parser.add_argument(
            f"--{option.name}",
            **value,
            help=f"{option.help} (default: {option.default})",
        )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> None:
    try:
        config = load(vars(arguments))
    except Refusal as refusal:
        if refusal.code == "RF5014":
            arguments.unusable = 2  # it would not do what was asked, however often it is tried
        raise
    # Of libraries, warnings only, at any level: what they would say besides holds addresses, ids of meetings, and what
    # people sent.
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("ringfence").setLevel(config.log_level.upper())
    # The server is imported only when it is wanted: `ringfence --help` is quick.
    from ringfence.server.process import run as serve

    serve(config)
