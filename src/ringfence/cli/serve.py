"""`ringfence serve`. Not here: the options' meaning (config), or serving (server)."""

import argparse
import logging

from ringfence.config import OPTIONS, load


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser("serve", help="hold meetings", description="Holds meetings.")
    for option in OPTIONS:
        parser.add_argument(
            f"--{option.name}",
            type=option.kind,
            metavar=option.field.upper(),
            help=f"{option.help} (default: {option.default})",
        )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> None:
    config = load(vars(arguments))
    logging.basicConfig(
        level=config.log_level.upper(),
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )
    if config.log_level == "info":
        # What these say of themselves is of interest to nobody who runs a server.
        for library in ("alembic", "uvicorn"):
            logging.getLogger(library).setLevel(logging.WARNING)
    # The server is imported only when it is wanted: `ringfence --help` is quick.
    from ringfence.server.process import run as serve

    serve(config)
