"""What the auditor can find: a closed list, read from findings.toml, with words for people.
Not here: finding any of it (`weaknesses`, `comparing`, `fencing`)."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Literal

Severity = Literal["critical", "high", "medium", "low", "note"]
Confidence = Literal["certain", "likely", "possible"]
# Worst first.
SEVERITIES: tuple[Severity, ...] = ("critical", "high", "medium", "low", "note")
# Of a kind of talk, what more than it asks; from open to closed.
TALKS = ("public", "internal", "confidential")


@dataclass(frozen=True)
class Kind:
    """One thing that can be found. `unfit` is the most open kind of talk that it rules out, or empty."""

    id: str
    title: str
    severity: Severity
    weakness: bool
    unfit: str
    means: str
    confidence: str
    detected: str
    wrong: str
    do: str

    def rules_out(self, talk: str) -> bool:
        return bool(self.unfit) and TALKS.index(talk) >= TALKS.index(self.unfit)


@cache
def catalogue() -> dict[str, Kind]:
    """Every kind of finding there is, by its id, in the order of the file."""
    text = resources.files(__package__).joinpath("findings.toml").read_text(encoding="utf-8")
    return {id_: Kind(id=id_, **words) for id_, words in tomllib.loads(text).items()}
