"""`ringfence audit`: where a call went and how it was encrypted, by a capture of its packets. Never sends one.
Exit 0: inside the fence and no weakness; 1: a violation or weakness; 2: the capture or an option cannot be used.
Not here: what is found (ringfence.audit)."""

import argparse
import contextlib
import gc
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from ringfence import audit
from ringfence.audit import accepting, comparing, fencing, live, places
from ringfence.audit.document import Report
from ringfence.audit.page import page
from ringfence.audit.sarif import sarif
from ringfence.audit.text import size, text
from ringfence.audit.writing import indented, json_of
from ringfence.cli import words
from ringfence.cli.main import STOPPED
from ringfence.errors import Refusal

# Longest receipt (bytes).
LONGEST = 1 << 20

# What a report is written as: in one piece, or in as many as it has parts.
FORMATS: dict[str, Callable[[Report], Iterable[str]]] = {
    "text": lambda report: [text(report)],
    "json": json_of,
    "html": lambda report: [page(report)],
    "sarif": lambda report: [indented(sarif(report)), "\n"],
}


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    about = (
        "says where a call went and how it was encrypted, by a capture of its packets; exit status 0 clean, 1 not, "
        "2 cannot be used"
    )
    parser = words.job(commands, "audit", _audit, about, formats=tuple(FORMATS))
    parser.add_argument("capture", metavar="CAPTURE", nargs="?", help="a file of packets: pcap or pcapng, gzip or not")
    parser.add_argument("--fence", metavar="POLICY", help="a policy in TOML, or the name of a preset, that is to hold")
    parser.add_argument("--receipt", metavar="FILE", help="what a meeting's page saved, to be held against the capture")
    parser.add_argument(
        "--geo", metavar="FILE", action="append", default=[], help="a data set about addresses; may be given again"
    )
    parser.add_argument(
        "--data",
        metavar="FOLDER",
        type=Path,
        default="data",
        help="the data folder whose imported data sets count (ringfence geo; default: data, if it is there)",
    )
    parser.add_argument(
        "--node",
        metavar="FILE",
        action="append",
        default=[],
        help="what an operator states of a server; may be given again",
    )
    parser.add_argument(
        "--me",
        metavar="ADDRESS",
        action="append",
        default=[],
        help="an address of the captured device (default: guessed)",
    )
    parser.add_argument(
        "--strict", action="store_true", help="the fence is about whoever was contacted during the call, too"
    )
    parser.add_argument(
        "--accept",
        metavar="FINDING[:WHOM]",
        action="append",
        default=[],
        help="a finding that is known, of all or of one address or name: it changes nothing of the exit status; "
        "may be given again",
    )
    parser.add_argument("--output", metavar="FILE", type=Path, help="where the report goes (default: standard output)")
    parser.add_argument("--live", metavar="INTERFACE", help="watch a call while it runs, until Ctrl-C; needs root")


def _audit(arguments: argparse.Namespace) -> int:
    if (arguments.capture is None) == (arguments.live is None):
        raise Refusal("RF5001", "one of CAPTURE and --live INTERFACE is needed")
    question = _question(arguments)
    try:
        if arguments.live is not None:
            seen = audit.Audit(live.watch(arguments.live, question))
        else:
            with _uncollected(), _Progress(arguments.capture) as progress:
                seen = audit.open(arguments.capture, progress=progress)
        with _uncollected():
            report = seen.report(question)
            _give(FORMATS[arguments.format](report), arguments.output)
    except KeyboardInterrupt:
        print("Stopped. No report was written.", file=sys.stderr)
        return STOPPED
    return 0 if report.clean else 1


@contextlib.contextmanager
def _uncollected() -> Iterator[None]:
    """A report of very many flows is of values without cycles: to look for some takes as long as to make it."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _question(arguments: argparse.Namespace) -> audit.Question:
    """All options are read before the capture is: it may take long."""
    known = places.load(arguments.geo, arguments.data)
    receipt = None
    if arguments.receipt is not None:
        receipt = comparing.declared(arguments.receipt, words.read(arguments.receipt, LONGEST))
    stated = [fencing.stated(name) for name in arguments.node] + list(receipt.stated if receipt else ())
    return audit.Question(
        near=audit.given(arguments.me) if arguments.me else None,
        places=known,
        fence=None if arguments.fence is None else fencing.Fence(fencing.policy(arguments.fence), known, stated),
        receipt=receipt,
        strict=arguments.strict,
        accepted=[accepting.accepted(one) for one in arguments.accept],
    )


def _give(report: Iterable[str], output: Path | None) -> None:
    """A file gets it whole or not at all."""
    if output is None:
        # Whole as well, as far as one write is: whoever stops the rest has seen none of it.
        sys.stdout.write("".join(report))
        sys.stdout.flush()
        return
    try:
        descriptor, fresh = tempfile.mkstemp(dir=output.parent, prefix=f".{output.name}.")
    except OSError as error:
        raise Refusal("RF2503", f"{output}: {error.strerror}") from None
    try:
        # As readable as any file that this user makes: the temporary one is for them alone.
        mask = os.umask(0)
        os.umask(mask)
        os.fchmod(descriptor, 0o666 & ~mask)
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="surrogateescape") as file:
            file.writelines(report)
            file.flush()
            os.fsync(file.fileno())
        Path(fresh).replace(output)
    except OSError as error:
        raise Refusal("RF2503", f"{output}: {error.strerror}") from None
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(fresh)


class _Progress:
    """How far the reading is, on standard error, of whatever takes longer than a second."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._begun = self._told = time.monotonic()
        self._is_terminal = sys.stderr.isatty()
        self._is_shown = False

    def __enter__(self) -> "_Progress":
        return self

    def __exit__(self, *_: object) -> None:
        if self._is_shown and self._is_terminal:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)

    def __call__(self, done: int, whole: int) -> None:
        now = time.monotonic()
        # A terminal's line is written anew; in a log, each is a line of its own.
        if now - self._begun < 1 or (not self._is_terminal and self._is_shown and now - self._told < 5):
            return
        self._told, self._is_shown = now, True
        share = f"{done * 100 // whole} %" if whole else "some"
        line = f"Reading {words.printable(self._name)}: {share} of {size(whole)}"
        print(
            f"\r\x1b[K{line}" if self._is_terminal else line,
            end="" if self._is_terminal else "\n",
            file=sys.stderr,
            flush=True,
        )
