"""A report as SARIF 2.1.0 (OASIS), which code-scanning pages take: a rule for each kind, a result for each finding.
Not here: what was found."""

from typing import Any

from ringfence.audit.catalogue import Kind, Severity, catalogue
from ringfence.audit.document import Finding, Report
from ringfence.audit.quoting import plain

LEVELS: dict[Severity, str] = {"critical": "error", "high": "error", "medium": "warning", "low": "warning"}
# What code-scanning pages sort by: a number as of CVSS, in text.
WEIGHTS: dict[Severity, str] = {"critical": "9.5", "high": "8.0", "medium": "5.5", "low": "3.0", "note": "0.0"}
RANKS = {"certain": 99.0, "likely": 75.0, "possible": 40.0}
SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def sarif(report: Report) -> dict[str, Any]:
    rules = list(catalogue().values())
    index = {kind.id: number for number, kind in enumerate(rules)}
    name, _, version = report.tool.partition(" ")
    run = {
        "tool": {"driver": {"name": f"{name} audit", "version": version, "rules": [_rule(kind) for kind in rules]}},
        "artifacts": [{"location": {"uri": _uri(report.capture.file)}}],
        "invocations": [{"executionSuccessful": True}],
        "results": [_result(report, finding, index) for finding in report.findings],
        "columnKind": "unicodeCodePoints",
        "properties": {"limits": list(report.limits), "clean": report.clean},
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _level(severity: Severity) -> str:
    return LEVELS.get(severity, "note")


def _rule(kind: Kind) -> dict[str, Any]:
    return {
        "id": kind.id,
        "name": "".join(word.capitalize() for word in kind.id.split("-")),
        "shortDescription": {"text": kind.title},
        "fullDescription": {"text": kind.means},
        "help": _help(kind),
        "defaultConfiguration": {"level": _level(kind.severity)},
        "properties": {"security-severity": WEIGHTS[kind.severity], "tags": ["security"]},
    }


def _help(kind: Kind) -> dict[str, str]:
    said = {"What to do": kind.do, "How it is detected": kind.detected, "When it is wrong": kind.wrong}
    return {
        "text": "\n\n".join(f"{title}: {words}" for title, words in said.items()),
        "markdown": "\n\n".join(f"**{title}.** {words}" for title, words in said.items()),
    }


def _result(report: Report, finding: Finding, index: dict[str, int]) -> dict[str, Any]:
    shown = f" Packets {', '.join(map(str, finding.packets))}." if finding.packets else ""
    return {
        "ruleId": finding.id,
        "ruleIndex": index[finding.id],
        # What is no failure has no level (section 3.27.10).
        "level": _level(finding.severity) if finding.weakness else "none",
        "kind": "fail" if finding.weakness else "informational",
        "rank": RANKS[finding.confidence],
        # Of SARIF's messages, [text](link) is markup and {0} a placeholder: nothing of a capture becomes either.
        "message": {"text": _message(f"{finding.title} ({finding.confidence}): {finding.text}.{shown}")},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": _uri(report.capture.file), "index": 0},
                    "region": {"startLine": min(finding.packets, default=1)},
                },
                "logicalLocations": [{"name": plain(finding.server), "kind": "server"}] if finding.server else [],
            }
        ],
        "partialFingerprints": {"finding/v1": plain(f"{finding.id}:{_whom(finding)}")},
        **({"suppressions": [{"kind": "external", "status": "accepted"}]} if finding.accepted else {}),
        "properties": {"packets": finding.packets, "flows": finding.flows, "confidence": finding.confidence},
    }


def _whom(finding: Finding) -> str:
    """What stays the same from one capture to the next: the server, or the names of third parties."""
    return finding.server or (finding.text.partition(";")[0] if finding.weakness else "")


def _message(words: str) -> str:
    return "".join(f"\\{letter}" if letter in "[]\\" else letter for letter in plain(words, 2000)).translate(
        {ord("{"): "{{", ord("}"): "}}", ord("<"): "‹", ord(">"): "›"}
    )


def _uri(file: str) -> str:
    """A file's name as a relative reference (RFC 3986)."""
    plainly = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
    return "".join(
        letter if letter in plainly else "".join(f"%{byte:02X}" for byte in letter.encode("utf-8", "surrogatepass"))
        for letter in file
    )
