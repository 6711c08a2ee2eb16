"""Decisions written by hand from the fence's description: each table's case is one decision, with its reasons."""

import json
import tomllib
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from ringfence._core import fence
from ringfence.errors import Refusal, catalogue

TABLES = sorted((Path(__file__).parent / "decisions").glob("*.toml"))


def _cases() -> Iterator[tuple[str, dict[str, Any]]]:
    for table in TABLES:
        for case in tomllib.loads(table.read_text())["case"]:
            yield f"{table.stem}: {case['name']}", case


CASES = dict(_cases())


def _decided(case: dict[str, Any]) -> dict[str, Any]:
    node = case.get("node")
    decision: dict[str, Any] = json.loads(
        fence.decide(
            fence.parse_policy(case["policy"]),
            None if node is None else node.encode(),
            evidence=case.get("evidence"),
            trust=case.get("trust"),
            role=case["role"],
            address=case.get("address"),
            at=int(datetime.fromisoformat(case["at"]).timestamp()),
        )
    )
    return decision


@pytest.mark.parametrize("name", CASES)
def test_it_is_decided_as_written(name: str) -> None:
    case = CASES[name]
    if "error" in case:
        with pytest.raises(Refusal) as refused:
            _decided(case)
        assert refused.value.code == case["error"]
        if "line" in case:
            assert f"line {case['line']}:" in refused.value.detail
        return
    decision = _decided(case)
    codes = {reason["code"] for reason in decision["reasons"]}
    assert (decision["allowed"], decision["standing"]) == (case["allowed"], case["standing"]), codes
    assert set(case["codes"]) <= codes
    for places in ("excluded", "not_excluded"):
        if places in case:
            assert decision[places] == sorted(case[places])


def test_there_are_enough_of_every_kind() -> None:
    written = [case for case in CASES.values() if "error" not in case]
    standings = Counter(case["standing"] for case in written)
    assert len(CASES) == sum(len(tomllib.loads(table.read_text())["case"]) for table in TABLES) >= 150
    assert all(standings[name] >= 10 for name in ("violation", "unknown", "stated", "consistent", "proven"))
    assert min(Counter(case["allowed"] for case in written).values()) >= 40


def test_every_reason_there_is_occurs() -> None:
    said = {code for case in CASES.values() for code in [*case.get("codes", []), case.get("error")]}
    # Of the others, one needs a signature (tests/test_fence_command.py), one the name of a preset, one a server that
    # keeps something back (core/fence/tests/shown.rs), and one a page without the borders of countries.
    rest = {code for code in catalogue() if code < "RF2200" and code.startswith("RF2")} - said
    assert rest == {"RF2002", "RF2005", "RF2010", "RF2118"}
