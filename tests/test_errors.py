"""The list of errors is closed: every code that is raised is in it, with words for people."""

import re
from pathlib import Path

from ringfence.errors import Refusal, catalogue, problem

ROOT = Path(__file__).resolve().parent.parent


def raised() -> dict[str, str]:
    """Every code that a source file mentions, and where."""
    found: dict[str, str] = {}
    for folder, endings in (("src", (".py",)), ("core", (".rs",)), ("web/src", (".ts", ".tsx"))):
        for file in sorted((ROOT / folder).rglob("*")):
            parts = set(file.relative_to(ROOT).parts)
            if file.suffix in endings and not parts & {"tests", "pkg", "gallery", "node_modules"}:
                if ".test." in file.name:
                    continue
                for code in re.findall(r"\bRF\d{4}\b", file.read_text()):
                    found.setdefault(code, str(file.relative_to(ROOT)))
    return found


def test_every_code_that_is_raised_is_listed():
    missing = {code: where for code, where in raised().items() if code not in catalogue()}
    assert not missing


def test_every_entry_says_what_happened_why_and_what_to_do():
    for code, entry in catalogue().items():
        assert entry.title, code
        assert entry.why, code
        assert entry.do, code
        assert "went wrong" not in entry.title.lower(), code


def test_names_are_unique():
    names = [entry.name for entry in catalogue().values()]
    assert sorted(names) == sorted(set(names))


def test_a_refusal_becomes_problem_details():
    said = problem(Refusal("RF2104", "CN is outside"), 409)
    assert said["code"] == "RF2104"
    assert said["status"] == 409
    assert said["detail"] == "CN is outside"
    assert said["do"]
