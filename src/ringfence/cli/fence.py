"""`ringfence fence`: policies and decisions, offline. Exit 0: yes; 1: no; 2: the input cannot be used.
Not here: what a policy says and what is decided (core/fence)."""

import argparse
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ringfence._core import documents, fence
from ringfence._core.geo import Addresses
from ringfence.cli import words
from ringfence.errors import Refusal
from ringfence.store.addresses import kept, newest
from ringfence.store.files import read_key

# Longer than any file that is meant to be read here (bytes).
LONGEST = 8 << 20
# The key of no node: a preset that names "this server" can be explained without one.
NOBODY = bytes(32)


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    about = "Checks, explains and tries out the fence of a meeting; offline."
    group = commands.add_parser("fence", help="policies and what they decide", description=about)
    jobs = group.add_subparsers(dest="job", metavar="JOB", required=True)

    check = words.job(jobs, "check", _check, "says that a policy is valid, or every mistake with its line")
    _takes_policy(check)

    decide = words.job(jobs, "decide", _decide, "decides about a node, with all reasons")
    _takes_policy(decide)
    decide.add_argument("node", metavar="NODE", help="what an operator signed of a node, or a draft of it in JSON")
    decide.add_argument("--evidence", metavar="FILE", help="what data sets and round trips say, in JSON")
    decide.add_argument(
        "--data",
        metavar="FOLDER",
        type=Path,
        help="the data folder whose imported data sets are asked, too (ringfence geo)",
    )
    decide.add_argument(
        "--trust", metavar="FILE", help="whose word counts, in JSON (default: everybody's that the evidence names)"
    )
    decide.add_argument("--role", default="media", help="what the node would do (default: media)")
    decide.add_argument("--address", help="the address in use (default: every one that is stated)")
    decide.add_argument("--at", metavar="TIME", help="a moment such as 2026-11-24T02:00:00Z (default: now)")

    explain = words.job(jobs, "explain", _explain, "says a policy in plain sentences")
    _takes_policy(explain)

    words.job(jobs, "presets", _presets, "lists the presets with date, source and what each is not")


def _takes_policy(job: argparse.ArgumentParser) -> None:
    job.add_argument("policy", metavar="POLICY", help="a policy in TOML, or the name of a preset")


def _check(arguments: argparse.Namespace) -> int:
    try:
        _policy(arguments.policy)
    except Refusal as refusal:
        if refusal.code != "RF2001":
            raise
        mistakes = list(_mistakes(refusal.detail))
        if arguments.format == "json":
            words.show({"valid": False, "errors": [{"code": "RF2001", **mistake} for mistake in mistakes]})
        else:
            for mistake in mistakes:
                at = f":{mistake['line']}" if mistake["line"] else ""
                print(f"{arguments.policy}{at}: {mistake['text']}")
            print(f"{arguments.policy} is not valid (RF2001): {words.count(len(mistakes), 'mistake')}")
        return 1
    if arguments.format == "json":
        words.show({"valid": True, "errors": []})
    else:
        print(f"{arguments.policy} is valid: ringfence fence explain {arguments.policy} says what it means")
    return 0


def _mistakes(detail: str) -> Iterator[dict[str, Any]]:
    for mistake in detail.splitlines():
        at = re.match(r"line (\d+): (.*)", mistake)
        yield {"line": int(at[1]), "text": at[2]} if at else {"line": None, "text": mistake}


def _decide(arguments: argparse.Namespace) -> int:
    node = words.read(arguments.node, LONGEST)
    trust = arguments.trust and _text(arguments.trust, "RF2004")
    decision: dict[str, Any] = json.loads(
        fence.decide(
            _policy(arguments.policy, _key(node)),
            node,
            evidence=arguments.evidence and _text(arguments.evidence, "RF2003"),
            trust=trust,
            role=arguments.role,
            sets=_sets(arguments.data, trust) if arguments.data else [],
            address=arguments.address,
            at=words.now() if arguments.at is None else words.moment(arguments.at, "--at"),
        )
    )
    if arguments.format == "json":
        words.show(decision)
    else:
        _tell(decision)
        if arguments.trust is None and not decision.get("draft"):
            print("Whose signature counts is said with --trust (docs/fence.md).", file=sys.stderr)
    return 0 if decision["allowed"] else 1


def _sets(data: Path, trust: str | None) -> list[Addresses]:
    """The newest ones, and of the former those whose word counts."""
    all_ = kept(data.absolute())
    last = newest(all_)
    return [addresses for addresses in all_ if addresses in last or addresses.digest in (trust or "")]


def _key(node: bytes) -> bytes:
    """The key that a statement or a draft is of, for a preset that names "this server"."""
    try:
        says = json.loads(node if node.lstrip().startswith(b"{") else documents.stated(node))
    except (ValueError, Refusal):
        return NOBODY
    key = says.get("node")
    return read_key(key) or NOBODY if isinstance(key, str) else NOBODY


def _tell(decision: dict[str, Any]) -> None:
    verdict = "allowed" if decision["allowed"] else "refused"
    draft = ", as a draft that nobody signed" if decision.get("draft") else ""
    print(f"{verdict.upper()} for {decision['role']}{draft}. Standing: {decision['standing']}.")
    for what, places in (("Ruled out", decision["excluded"]), ("Not ruled out", decision["not_excluded"])):
        if places:
            words.say(f"{what}: ", f"{', '.join(places)}.")
    for reason in decision["reasons"]:
        words.say(f"  {reason['code']}  ", f"{reason['rule']}: {reason['text']} ({reason['source']})")


def _explain(arguments: argparse.Namespace) -> int:
    sentences = fence.explain(_policy(arguments.policy))
    if arguments.format == "json":
        words.show({"sentences": sentences})
    else:
        for sentence in sentences:
            words.say("- ", sentence)
    return 0


def _presets(arguments: argparse.Namespace) -> int:
    presets: list[dict[str, Any]] = json.loads(fence.presets())
    if arguments.format == "json":
        words.show(presets)
        return 0
    for preset in presets:
        print(f"{preset['id']} ({preset['date']}): {preset['title']}{', the default' if preset['default'] else ''}")
        for what, text in (("", preset["sentence"]), ("Source: ", preset["source"]), ("Note: ", preset["caveat"])):
            words.say(f"    {what}", text)
    return 0


def _policy(name: str, this: bytes = NOBODY) -> bytes:
    """A file is meant before a preset of the same name is."""
    path = Path(name)
    if not path.exists() and re.fullmatch("[a-z0-9-]+", name):
        try:
            return fence.preset_policy(name, this)
        except Refusal:
            raise Refusal("RF2002", f"and no file, of the name `{name}`") from None
    return fence.parse_policy(_text(name, "RF2001"))


def _text(name: str, code: str) -> str:
    try:
        return words.read(name, LONGEST).decode()
    except UnicodeDecodeError as error:
        raise Refusal(code, f"{name} is not UTF-8 at byte {error.start}") from None
