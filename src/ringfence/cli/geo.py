"""`ringfence geo`: data sets about addresses, imported by the operator, offline.
Not here: what files of data sets say (core/geo), or how they are kept (store/addresses)."""

import argparse
import gzip
import io
import sys
import zlib
from pathlib import Path

from ringfence._core.geo import Addresses
from ringfence.cli import words
from ringfence.errors import Refusal
from ringfence.store import addresses as store

# Longer than any data set that is published (bytes).
LONGEST = 1 << 30


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    about = "Imports and shows what offline data sets say about where addresses are."
    group = commands.add_parser("geo", help="data sets about where addresses are", description=about)
    jobs = group.add_subparsers(dest="job", metavar="JOB", required=True)

    bring = words.job(
        jobs, "import", _import, "takes over a registry's delegation file, an MMDB database, or Tor's geoip"
    )
    bring.add_argument("files", metavar="FILE", nargs="+", help="a file as its publisher made it")
    bring.add_argument("--kind", choices=("registry", "geoip"), help="how it came about (default: what the file is)")
    bring.add_argument("--name", help="what it is called (default: what the file says, or is called)")
    bring.add_argument("--date", metavar="DAY", help="when it was made, as 2026-11-28 (default: what the file says)")

    show = words.job(jobs, "show", _show, "says what is imported, or what each says about an address")
    show.add_argument("address", metavar="ADDRESS", nargs="?", help="an IPv4 or IPv6 address")
    for parser in (bring, show):
        parser.add_argument("--data", default="data", type=Path, help="the server's data folder (default: data)")


def _import(arguments: argparse.Namespace) -> int:
    if arguments.name and len(arguments.files) > 1:
        raise Refusal("RF5001", "--name is for one file")
    date = None if arguments.date is None else words.moment(f"{arguments.date}T00:00:00Z", "--date")
    # All are read before any is kept: a mistake in the last one changes nothing.
    read = [(name, _read(name, arguments, date)) for name in arguments.files]
    told = []
    for name, addresses in read:
        path = store.keep(arguments.data.absolute(), addresses)
        told.append({**_about(addresses), "file": str(path)})
        if arguments.format == "text":
            v4, v6 = addresses.ranges
            print(f"{name}: imported as {addresses.kind} {addresses.name} of {store.day(addresses.date)}")
            print(f"  {words.count(v4, 'range')} of IPv4, {v6:,} of IPv6, kept in {path}")
            print(f"  SHA-256 {addresses.digest}")
            if words.now() - addresses.date > store.MAX_AGE:
                print("  It is older than 400 days: as evidence it counts as absent.")
    if arguments.format == "json":
        words.show({"imported": told})
    return 0


def _read(name: str, arguments: argparse.Namespace, date: int | None) -> Addresses:
    if name != "-":
        print(f"Reading {name} ...", file=sys.stderr, flush=True)
    content = _unpacked(name, words.read(name, LONGEST))
    try:
        return Addresses.read(content, kind=arguments.kind, name=arguments.name, date=date)
    except Refusal as refusal:
        if refusal.code == "RF2202" and arguments.name is None and name != "-":
            # A file that does not say what it is called is called what it is called.
            return Addresses.read(content, kind=arguments.kind, name=Path(name).stem, date=date)
        raise Refusal(refusal.code, f"{name}: {refusal.detail}") from None


def _unpacked(name: str, content: bytes) -> bytes:
    """As publishers pack it: gzip (RFC 1952)."""
    if not content.startswith(b"\x1f\x8b"):
        return content
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(content)) as file:
            unpacked = file.read(LONGEST + 1)
    except (OSError, EOFError, zlib.error):
        raise Refusal("RF2201", f"{name}: it is a damaged gzip file") from None
    if len(unpacked) > LONGEST:
        raise Refusal("RF2201", f"{name}: unpacked, it is longer than {LONGEST >> 20} MiB")
    return unpacked


def _about(addresses: Addresses) -> dict[str, object]:
    v4, v6 = addresses.ranges
    about = {"kind": addresses.kind, "name": addresses.name, "date": store.day(addresses.date)}
    return {**about, "digest": addresses.digest, "v4": v4, "v6": v6}


def _show(arguments: argparse.Namespace) -> int:
    kept = store.kept(arguments.data.absolute())
    if arguments.address is None:
        return _show_all(arguments, kept)
    said = [(addresses, addresses.country_of(arguments.address)) for addresses in store.newest(kept)]
    if arguments.format == "json":
        # What `ringfence fence decide --evidence` takes.
        sources = [
            {
                "kind": addresses.kind,
                "name": addresses.name,
                "date": store.day(addresses.date),
                "address": arguments.address,
                "country": where,
                "digest": addresses.digest,
            }
            for addresses, where in said
            if where
        ]
        words.show({"sources": sources})
    else:
        for addresses, where in said:
            print(f"{addresses.kind} {addresses.name} {store.day(addresses.date)}: {where or 'nothing'}")
        if not kept:
            print("Nothing is imported: ringfence geo import FILE takes a data set over.")
    return 0 if any(where for _, where in said) else 1


def _show_all(arguments: argparse.Namespace, kept: list[Addresses]) -> int:
    if arguments.format == "json":
        words.show({"imported": [_about(addresses) for addresses in kept]})
    for addresses in kept if arguments.format == "text" else []:
        v4, v6 = addresses.ranges
        print(f"{addresses.kind} {addresses.name} {store.day(addresses.date)}: {v4:,} ranges of IPv4, {v6:,} of IPv6")
    if not kept and arguments.format == "text":
        print("Nothing is imported: ringfence geo import FILE takes a data set over.")
    return 0
