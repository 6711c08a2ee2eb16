"""What is known and accepted stays in the report, and changes nothing of the exit status."""

import pytest

from audit.made import flow, media, scan, seen, stream, web
from ringfence.audit import Question, Report
from ringfence.audit.accepting import accepted
from ringfence.audit.sarif import sarif
from ringfence.audit.text import text
from ringfence.errors import Refusal


def audited(*words: str) -> Report:
    """Of a call with two third parties."""
    asked = seen("dns_answer", 2, name="media.calls.example", addresses=["203.0.113.7"])
    others = [
        web(f"a.{name}", b=(f"198.51.100.{at}", 443), begin=5)
        for at, name in enumerate(["update.example", "tracker.example"])
    ]
    flows = [flow(["dns"], asked, b=("192.168.1.1", 53)), media(), web("meet.calls.example"), *others]
    return scan(*flows).report(Question(accepted=[accepted(one) for one in words]))


def told(report: Report) -> list[bool]:
    """Of each third party, whether it is accepted."""
    return [one.accepted for one in report.findings if one.id == "third-party"]


@pytest.mark.parametrize(
    ("words", "are", "clean"),
    [
        ([], [False, False], False),
        (["third-party"], [True, True], True),
        (["third-party:update.example"], [True, False], False),
        (["third-party:A.update.example"], [True, False], False),
        (["third-party:198.51.100.0"], [True, False], False),
        (["third-party:update.example", "third-party:tracker.example"], [True, True], True),
        (["third-party:example"], [False, False], False),
        (["ecb", "old-tls:update.example"], [False, False], False),
    ],
)
def test_what_is_accepted_is_of_one_kind_and_of_all_or_one_of_whom(
    words: list[str], are: list[bool], clean: bool
) -> None:
    report = audited(*words)
    assert (told(report), report.clean) == (are, clean)


def test_what_is_accepted_is_still_told_and_still_speaks_against_a_kind_of_talk() -> None:
    report = audited("third-party")
    assert "[third-party], likely, accepted" in " ".join(text(report).split())
    assert "but those that were accepted" in " ".join(text(report).split())
    assert next(one for one in report.fitness if one.talk == "confidential").verdict == "not fit"
    results = sarif(report)["runs"][0]["results"]
    suppressed = [one["ruleId"] for one in results if one.get("suppressions")]
    assert suppressed == ["third-party", "third-party"]


def test_another_weakness_counts_beside_what_is_accepted() -> None:
    weak = scan(flow(["rtp"], stream(7, payload="readable")))
    assert not weak.report(Question(accepted=[accepted("third-party")])).clean


def test_a_finding_that_there_is_not_cannot_be_accepted() -> None:
    with pytest.raises(Refusal) as refused:
        accepted("no-such:thing")
    assert refused.value.code == "RF5001"
