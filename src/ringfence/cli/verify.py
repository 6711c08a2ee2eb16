"""`ringfence verify`: receipts, checked alone and beside each other, offline.
Not here: the checks (core/receipt)."""

import argparse
import json
from datetime import UTC, datetime
from typing import Any

from ringfence._core import receipt
from ringfence.cli import words
from ringfence.errors import Refusal, entry

LONGEST = 1 << 20
# Whose word each line is, in the order in which they are said.
SIGNERS = {
    "owner": "Signed by the owner",
    "operator": "Signed by the operator",
    "node": "Signed by the server",
    "log": "Signed by the log of routes",
    "data": "In data sets that the owner named",
    "beacon": "Signed by beacons that the owner named, and in them by the server",
    "participant": "Testimony of the participant, whose key signed the receipt",
    "reader": "Decided again here, about servers that were not used, by what is signed above",
}


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    about = "checks what participants saved of where a meeting was held; exit status 0 clean, 1 not, 2 cannot be used"
    parser = words.job(commands, "verify", _verify, about)
    parser.add_argument(
        "receipts", metavar="RECEIPT", nargs="+", help="a file that a meeting's page saved, or - for stdin"
    )


def _verify(arguments: argparse.Namespace) -> int:
    documents = []
    for name in arguments.receipts:
        document = words.read(name, LONGEST)
        try:
            receipt.check(document)
        except Refusal as refusal:
            raise Refusal(refusal.code, f"{name}: {refusal.detail}") from None
        documents.append(document)
    compared = json.loads(receipt.compare(documents))
    if arguments.format == "json":
        for name, report in zip(arguments.receipts, compared["receipts"], strict=True):
            report["file"] = name
        words.show(compared)
    else:
        _tell(arguments.receipts, compared)
    return 0 if compared["clean"] else 1


def _tell(names: list[str], compared: dict[str, Any]) -> None:
    for name, report in zip(names, compared["receipts"], strict=True):
        verdict = "clean: by it, media went only where the owner's rules allow it" if report["clean"] else "not clean"
        print(f"{words.printable(name)}: {verdict}")
        print(f"  Meeting {report['meeting']}, made {_time(report['made'])}")
        print(f"  by member {report['member']}")
        for signer, title in SIGNERS.items():
            lines = [line for line in report["lines"] if line["by"] == signer]
            if lines:
                print(f"  {title}")
            for line in lines:
                words.say("    - ", f"{_when(line)}: {words.printable(line['text'])}")
        _findings("  ", report["findings"])
    if len(names) > 1:
        _tell_together(compared)


def _tell_together(compared: dict[str, Any]) -> None:
    common, members = compared["common_epochs"], {report["member"] for report in compared["receipts"]}
    if any(finding["code"] == "RF3315" for finding in compared["findings"]):
        verdict = "they are of different meetings"
    elif compared["findings"]:
        verdict = "they contradict each other"
    else:
        verdict = "they tell one story" if common and len(members) > 1 else "they do not contradict each other"
    print(f"All together: {verdict}")
    if len(members) == 1:
        words.say("  ", "One member made all of them: they confirm nothing of each other.")
    elif common:
        words.say("  ", f"{words.count(common, 'epoch')} of the group in common, with the same keys in each.")
    else:
        words.say("  ", "No epoch of the group in common: nothing here shows that they were in one group.")
    _findings("  ", compared["findings"])


def _findings(before: str, findings: list[dict[str, Any]]) -> None:
    for finding in findings:
        known = entry(finding["code"])
        at = "" if finding["at"] is None else f"{_time(finding['at'])}: "
        words.say(f"{before}! ", f"{finding['code']} {known.title}. {at}{words.printable(finding['text'])}. {known.do}")


def _when(line: dict[str, Any]) -> str:
    begin, end = line["from"], line["until"]
    return _time(begin) if end in (None, begin) else f"{_time(begin)} to {_time(end)}"


def _time(seconds: int) -> str:
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%SZ")
    except (ValueError, OverflowError, OSError):
        return f"second {seconds}"  # a participant may write any number
