"""`ringfence geo`: data sets about addresses, imported by the operator, offline.
Not here: what files of data sets say (core/geo), or how they are kept (store/addresses)."""

import argparse
import sys
from pathlib import Path

from ringfence._core.geo import Addresses, Networks, published
from ringfence.cli import words
from ringfence.errors import Refusal
from ringfence.store import addresses as store


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    about = "Imports and shows what offline data sets say about where addresses are, and in whose network."
    group = commands.add_parser("geo", help="data sets about addresses", description=about)
    jobs = group.add_subparsers(dest="job", metavar="JOB", required=True)

    bring = words.job(
        jobs,
        "import",
        _import,
        "takes over a registry's delegation file, an MMDB database, Tor's geoip, or iptoasn's list",
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
    read = [(name, said) for name in arguments.files for said in _read(name, arguments, date)]
    told = []
    for name, said in read:
        path = store.keep(arguments.data.absolute(), said)
        told.append({**_about(said), "file": str(path)})
        if arguments.format == "text":
            v4, v6 = said.ranges
            print(f"{name}: imported as {_kind(said)} {said.name} of {store.day(said.date)}")
            print(f"  {words.count(v4, 'range')} of IPv4, {v6:,} of IPv6, kept in {path}")
            print(f"  SHA-256 {said.digest}")
            if isinstance(said, Networks):
                print(f"  {words.count(said.count, 'network')}: shown in reports, and no evidence of a place.")
            elif words.now() - said.date > store.MAX_AGE:
                print("  It is older than 400 days: as evidence it counts as absent.")
    if arguments.format == "json":
        words.show({"imported": told})
    return 0


def _read(name: str, arguments: argparse.Namespace, date: int | None) -> list[Addresses | Networks]:
    """All that a file says: one file may be about places and about networks."""
    if name != "-":
        print(f"Reading {name} ...", file=sys.stderr, flush=True)
    content = store.unpacked(name, words.read(name, store.LONGEST))
    try:
        both = published(content, kind=arguments.kind, name=arguments.name, date=date)
    except Refusal as refusal:
        if refusal.code != "RF2202" or arguments.name is not None or name == "-":
            raise Refusal(refusal.code, f"{name}: {refusal.detail}") from None
        # A file that does not say what it is called is called what it is called.
        both = published(content, kind=arguments.kind, name=Path(name).stem, date=date)
    return [said for said in both if said is not None]


def _kind(said: Addresses | Networks) -> str:
    return "network" if isinstance(said, Networks) else said.kind


def _about(said: Addresses | Networks) -> dict[str, object]:
    v4, v6 = said.ranges
    about = {"kind": _kind(said), "name": said.name, "date": store.day(said.date)}
    return {**about, "digest": said.digest, "v4": v4, "v6": v6}


def _show(arguments: argparse.Namespace) -> int:
    data = arguments.data.absolute()
    kept, lists = store.kept(data), store.kept_networks(data)
    if arguments.address is None:
        return _show_all(arguments, [*kept, *lists])
    said = [(addresses, addresses.country_of(arguments.address)) for addresses in store.newest(kept)]
    networks = [(one, one.network_of(arguments.address)) for one in lists]
    if arguments.format == "json":
        # What `ringfence fence decide --evidence` takes: of places, and of nothing else.
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
        for one, network in networks:
            known = "nothing" if network is None else words.printable(f"AS{network[0]} {network[1]}").replace("\n", " ")
            print(f"network {one.name} {store.day(one.date)}: {known}")
        if not kept and not lists:
            print("Nothing is imported: ringfence geo import FILE takes a data set over.")
    return 0 if any(known for _, known in (*said, *networks)) else 1


def _show_all(arguments: argparse.Namespace, kept: list[Addresses | Networks]) -> int:
    if arguments.format == "json":
        words.show({"imported": [_about(said) for said in kept]})
    for said in kept if arguments.format == "text" else []:
        v4, v6 = said.ranges
        print(f"{_kind(said)} {said.name} {store.day(said.date)}: {v4:,} ranges of IPv4, {v6:,} of IPv6")
    if not kept and arguments.format == "text":
        print("Nothing is imported: ringfence geo import FILE takes a data set over.")
    return 0
