"""JSON is as its published schema says, SARIF as its standard, and each says what the text says."""

import json
import re
from pathlib import Path

import pytest
from jsonschema import ValidationError, validate

from audit.made import flow, media, scan, seen, server_hello, stream, web
from ringfence._core import fence
from ringfence._core.geo import Addresses
from ringfence.audit import Question, Report
from ringfence.audit.catalogue import catalogue
from ringfence.audit.fencing import Fence
from ringfence.audit.page import page
from ringfence.audit.places import Places
from ringfence.audit.sarif import sarif
from ringfence.audit.text import text
from ringfence.audit.writing import json_of

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = json.loads((ROOT / "docs" / "audit" / "schema.json").read_text())


def reports() -> list[Report]:
    weak = flow(["dtls", "srtp"], server_hello(3, srtp_profile=2, version=0xFEFF), stream(9), seen("cut_short", 4))
    return [
        scan().report(),
        scan(media(), web()).report(),
        scan(weak, web(), web("tracker.example.net", b=("198.51.100.9", 443), begin=5), truncated=4).report(),
        scan(flow(["rtp"], stream(7, payload="readable", codec="Opus"), begin=-(2**34), end=2**33)).report(),
    ]


@pytest.mark.parametrize("number", range(4))
def test_json_is_as_its_published_schema_says(number: int) -> None:
    validate(json.loads(json.dumps(reports()[number].model_dump(mode="json"))), SCHEMA)


def test_the_schema_refuses_what_is_none() -> None:
    said = reports()[1].model_dump(mode="json")
    for change in ({"clean": 3}, {"more": 1}, {"findings": [{}]}, {"version": 2}):
        with pytest.raises(ValidationError):
            validate(said | change, SCHEMA)
    with pytest.raises(ValidationError):
        validate({name: value for name, value in said.items() if name != "limits"}, SCHEMA)


@pytest.mark.parametrize("number", range(4))
def test_sarif_is_as_its_standard_says(number: int) -> None:
    """SARIF 2.1.0: what sections 3.13 to 3.52 ask of what is used."""
    report = reports()[number]
    made = sarif(report)
    assert made["version"] == "2.1.0"
    (run,) = made["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == list(catalogue())
    assert len(run["results"]) == len(report.findings)
    for result, finding in zip(run["results"], report.findings, strict=True):
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"] == finding.id
        assert result["level"] in ("error", "warning", "note", "none")
        assert (result["kind"] == "fail") == finding.weakness
        # Section 3.27.10: what is no failure has no level.
        assert result["kind"] == "fail" or result["level"] == "none"
        assert 0 <= result["rank"] <= 100
        region = result["locations"][0]["physicalLocation"]["region"]
        assert region["startLine"] >= 1
        assert result["properties"]["packets"] == finding.packets


def test_code_scanning_pages_get_rules_with_help_and_tell_results_apart() -> None:
    others = [web(f"a.{name}", b=(f"198.51.100.{at}", 443), begin=5) for at, name in enumerate(["b.example", "c.net"])]
    (run,) = sarif(scan(media(), web("meet.calls.org"), *others).report())["runs"]
    for rule in run["tool"]["driver"]["rules"]:
        assert re.fullmatch("[a-z0-9-]+", rule["id"])
        assert all(rule[name]["text"] for name in ("shortDescription", "fullDescription", "help"))
        assert "What to do" in rule["help"]["markdown"]
        assert 0 <= float(rule["properties"]["security-severity"]) <= 10
        assert "<" not in rule["help"]["markdown"]
    assert run["invocations"] == [{"executionSuccessful": True}]
    prints = [str(result["partialFingerprints"]) for result in run["results"]]
    assert len(set(prints)) == len(prints) > 2


@pytest.mark.parametrize("number", range(4))
def test_text_and_page_name_every_finding_and_every_limit(number: int) -> None:
    report = reports()[number]
    lines = re.sub(r"\s+", " ", text(report))
    made = page(report)
    for finding in report.findings:
        assert f"[{finding.id}]" in lines
        assert f'id="finding-{finding.id}"' in made
    for limit in report.limits:
        assert limit in lines
    assert lines.index("What this capture cannot show") > lines.index("Is this call fit for")


def test_every_link_of_the_page_leads_somewhere() -> None:
    for report in reports():
        made = page(report)
        targets = re.findall(r' id="([^"]+)"', made)
        assert len(targets) == len(set(targets))
        assert set(re.findall(r'href="#([^"]+)"', made)) <= set(targets)
        assert set(re.findall(r'aria-labelledby="([^"]+)"', made)) <= set(targets)


def test_findings_of_the_page_link_to_flows_and_name_packets() -> None:
    made = page(reports()[3])
    assert 'href="#flow-1"' in made
    assert "frame.number in {7}" in made


def test_a_report_of_very_many_flows_stays_small() -> None:
    flows = [
        flow(["tls"], b=(f"198.51.{number // 250}.{number % 250}", 443), transport="tcp") for number in range(3000)
    ]
    places = Places([Addresses.read(b"1,4294967295,CN\n", kind="geoip", name="all", date=1_763_942_400)])
    strict = Fence(fence.preset_policy("eu", bytes(32)), places)
    report = scan(media(), *flows).report(Question(places=places, fence=strict))
    assert len(report.flows) == 3001
    made = page(report)
    assert len(made) < 2_000_000
    assert set(re.findall(r'href="#([^"]+)"', made)) <= set(re.findall(r' id="([^"]+)"', made))
    assert len(text(report).splitlines()) < 200


def test_the_same_capture_makes_the_same_report() -> None:
    assert [page(one) for one in reports()] == [page(one) for one in reports()]


def test_what_was_seen_is_in_the_json_field_by_field_but_for_what_is_made_of_keys() -> None:
    key = seen("key_in_clear", 5, place="a=crypto in SIP", suite="AES_CM_128_HMAC_SHA1_80", fingerprint=77, forth=True)
    observed = scan(flow(["dtls", "sip"], server_hello(3), key)).report().flows[0].observed
    hello, said = (next(one for one in observed if one.kind == kind) for kind in ("server_hello", "key_in_clear"))
    assert (hello.fields["version"], hello.fields["srtp_profile"], hello.packets) == (0xFEFD, 7, [3])
    assert said.fields == {"place": "a=crypto in SIP", "suite": "AES_CM_128_HMAC_SHA1_80", "forth": True}


def test_docs_have_a_page_for_each_finding() -> None:
    pages = {file.stem for file in (ROOT / "docs" / "audit" / "findings").glob("*.md")}
    assert pages == set(catalogue())


@pytest.mark.parametrize("number", range(4))
def test_json_is_written_as_one_document_piece_by_piece(number: int) -> None:
    made = reports()[number]
    for report in (made, made.model_copy(update={"flows": [], "near": ["a\x7f\nb"], "timeline": None})):
        whole = json.dumps(report.model_dump(mode="json"), indent=2).replace("\x7f", "\\u007f") + "\n"
        assert "".join(json_of(report)) == whole
