"""What is in labelled captures is found, what is not in them is not, and the table of flows is what was made; also in
a slice of their mutants. Every mutant: RINGFENCE_MUTANTS=99.
Not here: how captures are made, or other readers (test_tshark)."""

import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import pytest

from audit.labelled import audited, differences, found
from captures import MUTATIONS, SCENES, Capture, Label, Tally, clean_copy, mutant, played
from ringfence.errors import Refusal

SEED = 7
# Of each scene.
MUTANTS = int(os.environ.get("RINGFENCE_MUTANTS", "8"))


@dataclass
class Outcome:
    tally: Tally = field(default_factory=lambda: Tally(receipt=True))
    differences: list[str] = field(default_factory=list)
    refused: list[tuple[Capture, str]] = field(default_factory=list)
    count: int = 0


def captures() -> Iterator[Capture]:
    random = Random(SEED)
    for name in SCENES:
        yield clean_copy(played(name))
        for mutation in random.sample(sorted(MUTATIONS), min(MUTANTS, len(MUTATIONS))):
            yield mutant(name, mutation)


@pytest.fixture(scope="module")
def outcome() -> Outcome:
    made = Outcome()
    with tempfile.TemporaryDirectory() as folder:
        for capture in captures():
            made.count += 1
            try:
                seen, report = audited(capture, Path(folder))
            except Refusal as refusal:
                made.refused.append((capture, refusal.code))
                continue
            made.tally.add(capture, found(report))
            made.differences += [f"{capture.name}: {one}" for one in differences(capture, seen.scan)]
    return made


def test_each_label_is_found_and_nothing_else(outcome: Outcome, capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        print(f"\n{outcome.count} captures\n{outcome.tally.table()}")
    assert not outcome.tally.wrong


@pytest.mark.parametrize("name", [name for name in SCENES if Label.THIRD_PARTY in played(name).labels])
def test_a_third_party_is_the_one_that_was_spoken_to(name: str, tmp_path: Path) -> None:
    base = played(name)
    shown = {frame for one in base.evidence if one.label is Label.THIRD_PARTY for frame in one.frames}
    keys = [frame.key for frame in base.frames if frame.number in shown and frame.key]
    spoken_to = {end.address for _, *both in keys for end in both}
    _, report = audited(clean_copy(base), tmp_path)
    named = {finding.server for finding in report.findings if finding.id == "third-party"}
    assert named and named <= spoken_to


def test_flows_are_those_that_were_made(outcome: Outcome) -> None:
    assert not outcome.differences, "\n".join(outcome.differences[:40])


def test_only_what_has_no_header_of_a_capture_is_refused(outcome: Outcome) -> None:
    for capture, code in outcome.refused:
        assert code == "RF2502" and not capture.expected.must and not capture.expected.packets, capture.name
