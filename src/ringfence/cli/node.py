"""`ringfence node`: a node's keys, and the statement that its operator signs of it, wherever their key is kept.
Not here: what a statement means (core/fence), or the server's own renewals (store/files)."""

import argparse
import json
import math
import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from ringfence._core import documents
from ringfence.cli import beacon, words
from ringfence.config import Config, load
from ringfence.errors import Refusal
from ringfence.store import files

# Longer than any statement (bytes).
LONGEST = 1 << 20
DAY = 86_400


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    about = "Makes a node's keys, and what its operator signs of it."
    group = commands.add_parser("node", help="a node's keys and its operator's statement", description=about)
    jobs = group.add_subparsers(dest="job", metavar="JOB", required=True)

    init = words.job(jobs, "init", _init, "makes the keys of a data folder, or shows them")
    init.add_argument("--operator", metavar="KEY", help="the public key of an operator who keeps their own elsewhere")

    state = words.job(jobs, "statement", _statement, "writes what there is to sign, from ringfence.toml")
    state.add_argument("--address", metavar="ADDRESS", action="append", help="of media (default: as the server has it)")
    state.add_argument("--days", type=int, default=files.VALID // DAY, help="how long it is valid (default: 90)")

    sign = words.job(
        jobs, "sign", _sign, "signs with the keys of the data folder: as the node, as its operator, or both"
    )
    sign.add_argument("file", metavar="FILE", help="what `statement` wrote, or what the node has signed")
    sign.add_argument("--out", metavar="FILE", help="where it goes (default: standard output)")

    install = words.job(jobs, "install", _install, "takes over a statement that the operator signed")
    install.add_argument("file", metavar="FILE", help="what the operator signed")

    show = words.job(jobs, "show", _show, "says what is stated of a node, and how long it holds")
    show.add_argument("file", metavar="FILE", nargs="?", help="a statement (default: the server's own)")

    rotate = words.job(
        jobs, "rotate", _rotate, "gives the node a new key; fences that name the old one no longer allow it"
    )
    rotate.add_argument("--yes", action="store_true", help="it is meant")
    for parser in (init, state, sign, install, show, rotate):
        parser.add_argument("--data", default="data", type=Path, help="the data folder (default: data)")


def _init(arguments: argparse.Namespace) -> int:
    data = arguments.data.absolute()
    with files.prepare(data):
        if arguments.operator is not None:
            _trust_elsewhere(data, arguments.operator)
        node = documents.public_key(files.node_seed(data))
        elsewhere = files.operator_elsewhere(data)
        operator = documents.public_key(files.operator_seed(data)) if elsewhere is None else elsewhere
    keys = {"node": files.write_key(node), "operator": files.write_key(operator), "operator_here": elsewhere is None}
    if arguments.format == "json":
        words.show(keys)
        return 0
    print(f"Node key:     {keys['node']}")
    print(f"Operator key: {keys['operator']}{'' if elsewhere is None else ' (kept elsewhere)'}")
    return 0


def _trust_elsewhere(data: Path, text: str) -> None:
    if files.read_key(text) is None:
        raise Refusal("RF5001", f"--operator: `{text}` is not a key (43 letters of base64url)")
    if (data / "operator.key").exists():
        raise Refusal("RF5001", f"--operator: {data} has an operator's key of its own; take operator.key away first")
    files.write_private(data / files.ELSEWHERE, f"{text}\n".encode())


def _statement(arguments: argparse.Namespace) -> int:
    data = arguments.data.absolute()
    if not 1 <= arguments.days <= 400:
        raise Refusal("RF5001", "--days: from 1 to 400")
    config = load({"data": data})
    now = words.now()
    words.show(_draft(config, arguments.address or [config.media_address], now, now + arguments.days * DAY))
    return 0


def _draft(config: Config, addresses: list[str], now: int, until: int) -> dict[str, object]:
    node = documents.public_key(files.node_seed(config.data))
    return files.says(config, addresses) | files.dated(node, _serial(config.data) + 1, now - files.CLOCKS, until)


def _serial(data: Path) -> int:
    """Of the statement that is there; 0 where there is none."""
    path = data / files.STATEMENT
    if not path.exists():
        return 0
    serial: int = json.loads(documents.stated(path.read_bytes()))["serial"]
    return serial


def _sign(arguments: argparse.Namespace) -> int:
    data = arguments.data.absolute()
    content = words.read(arguments.file, LONGEST)
    signed, by = content, []
    if content.lstrip().startswith(b"{"):
        if not (data / "node.key").exists():
            raise Refusal("RF5003", f"{data} has no node.key: the node signs first, then its operator")
        signed, by = documents.sign_as_node(_decoded(content), files.node_seed(data)), ["the node"]
    if (data / "operator.key").exists():
        signed = documents.sign_as_operator(signed, files.operator_seed(data))
        by.append("the operator")
    if not by:
        raise Refusal("RF5003", f"{data} has no operator.key: there is nothing to sign it with")
    says = json.loads(documents.stated(signed))
    print(f"Signed by {' and '.join(by)}:", file=sys.stderr)
    for line in _lines(says):
        print(f"  {line}", file=sys.stderr)
    if arguments.out is None:
        sys.stdout.buffer.write(signed)
        sys.stdout.flush()
        return 0
    try:
        Path(arguments.out).write_bytes(signed)
    except OSError as error:
        raise Refusal("RF5001", f"--out {arguments.out}: {error.strerror}") from None
    return 0


def _decoded(content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise Refusal("RF2011", f"it is not UTF-8 at byte {error.start}") from None


def _install(arguments: argparse.Namespace) -> int:
    data = arguments.data.absolute()
    operator = files.operator_elsewhere(data)
    if operator is None:
        raise Refusal(
            "RF5001", f"{data}: this server signs for itself; `ringfence node init --operator KEY` changes that"
        )
    content = words.read(arguments.file, LONGEST)
    says = json.loads(documents.stated(content, operator))
    if says["node"] != files.write_key(documents.public_key(files.node_seed(data))):
        raise Refusal("RF2011", "it is of a node with another key")
    before = _serial(data)
    if says["serial"] <= before:
        raise Refusal("RF5013", f"serial {says['serial']}, and {before} is there")
    files.write_private(data / files.STATEMENT, content)
    if arguments.format == "json":
        words.show(says)
    else:
        print(f"Installed; a server that runs takes it within {files.LOOKS // 3600} hours, one that starts at once.")
    return 0


def _show(arguments: argparse.Namespace) -> int:
    path = arguments.file or str(arguments.data.absolute() / files.STATEMENT)
    says = json.loads(documents.stated(words.read(path, LONGEST)))
    left = datetime.fromisoformat(says["until"]).timestamp() - words.now()
    if arguments.format == "json":
        words.show(says)
    else:
        for line in [*_lines(says), *([] if arguments.file else beacon.said(arguments.data.absolute()))]:
            print(line)
        if left <= 0:
            print("It has ended: no fence allows this node.")
        elif left < files.RENEW:
            print(f"It ends in {words.count(math.ceil(left / DAY), 'day')}. A server that signs for itself renews it;")
            print("else have a new one signed (ringfence node statement, sign, install).")
    return 0 if left > 0 else 1


def _lines(says: Mapping[str, Any]) -> list[str]:
    operator = says["operator"]
    place = says["place"] or "not said"
    at = "" if says["lat"] is None else f" ({says['lat']}, {says['lon']})"
    parents = [f"{parent['name']} ({', '.join(parent['law']) or 'law not said'})" for parent in operator["parents"]]
    lines = [
        f"Node:      {says['name']} {says['node']}",
        f"Operator:  {operator['name']} ({operator['id']}), law: {', '.join(operator['law']) or 'not said'}",
        f"Parents:   {', '.join(parents) or 'none'}",
        f"Place:     {place}{at}, country: {says['country'] or 'not said'}",
        f"Roles:     {', '.join(says['roles'])}",
        f"Addresses: {', '.join(says['addresses'])}",
        f"Valid:     {says['from']} to {says['until']}, serial {says['serial']}",
    ]
    return [words.printable(line) for line in lines]


def _rotate(arguments: argparse.Namespace) -> int:
    data = arguments.data.absolute()
    if not arguments.yes:
        raise Refusal("RF5001", "meetings whose fence names the old key end for good: add --yes if that is meant")
    with files.prepare(data):
        path = data / "node.key"
        if not path.exists():
            raise Refusal("RF5003", f"{path} is not there")
        old = files.write_key(documents.public_key(files.node_seed(data)))
        path.rename(data / f"node.key.{old[:8]}")
        new = files.write_key(documents.public_key(files.node_seed(data)))
        elsewhere = files.operator_elsewhere(data) is not None
    if arguments.format == "json":
        words.show({"old": old, "new": new})
        return 0
    print(f"Node key: {new} (the old one is kept as node.key.{old[:8]})")
    if elsewhere:
        print(
            "Have a statement of the new key signed before the server starts (ringfence node statement, sign, install)."
        )
    return 0
