"""The fence decides about each server that took part, by what data sets say of its address, and what is not known to be
inside counts as outside."""

import json
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from audit.made import ME, SERVER, START, flow, media, scan, seen, web
from ringfence._core import fence
from ringfence._core.geo import Addresses
from ringfence.audit import Question, Report
from ringfence.audit.fencing import Fence, policy, stated, stated_of
from ringfence.audit.places import Places, load
from ringfence.errors import Refusal

DELEGATED = """2|arin|1764370799|2|19830705|{date}|-0500
arin|*|ipv4|*|1|summary
arin|{country}|ipv4|203.0.113.0|256|20100712|allocated|a
"""
EASY = 'name = "Canada"\nversion = 1\n[allow]\ncountries = ["CA"]\nlaw = ["*"]\n[evidence]\nminimum = "stated"\n'
USUAL = 'name = "Canada"\nversion = 1\n[allow]\ncountries = ["CA"]\n'


def registry(country: str, date: str = "20251101") -> Addresses:
    return Addresses.read(DELEGATED.format(country=country, date=date).encode())


def geoip(country: str) -> Addresses:
    first, last = (int.from_bytes(bytes((203, 0, 113, byte))) for byte in (0, 255))
    text = f"{first},{last},{country}\n"
    return Addresses.read(text.encode(), kind="geoip", name="by hand", date=START // 10**9 - 86_400)


def audited(rules: str, *sets: Addresses, nodes: tuple[bytes, ...] = ()) -> Report:
    places = Places(sets)
    given = [stated_of("node.json", node) for node in nodes]
    question = Question(places=places, fence=Fence(fence.parse_policy(rules), places, given))
    return scan(media(), web()).report(question)


def found(report: Report) -> dict[str, str]:
    """By finding, its severity."""
    return {one.id: one.severity for one in report.findings if one.weakness}


def test_a_server_where_the_fence_allows_it_is_inside() -> None:
    report = audited(EASY, registry("CA"))
    assert found(report) == {}
    assert report.clean
    decided = next(server for server in report.servers if server.address == SERVER).decisions
    assert {one.role for one in decided} == {"keys", "media"}
    assert all(one.allowed for one in decided)


def test_a_server_elsewhere_is_outside_with_the_decisions_reasons() -> None:
    report = audited(EASY, registry("CN"))
    assert found(report) == {"fence-outside": "high"}
    assert not report.clean
    reasons = [reason.code for server in report.servers for one in server.decisions for reason in one.reasons]
    assert "RF2104" in reasons


def test_data_sets_that_differ_are_a_contradiction() -> None:
    assert found(audited(EASY, registry("CA"), geoip("CN"))) == {"fence-outside": "high"}


def test_what_no_data_set_places_is_not_known_to_be_inside() -> None:
    assert found(audited(EASY)) == {"fence-unknown": "medium"}


def test_a_law_that_is_not_known_is_not_known_to_be_inside() -> None:
    assert found(audited(USUAL, registry("CA"), geoip("CA"))) == {"fence-unknown": "medium"}


def test_an_old_data_set_counts_as_absent() -> None:
    assert found(audited(USUAL.replace("[allow]", '[allow]\nlaw = ["*"]'), registry("CA", "20200101"))) == {
        "fence-unknown": "medium"
    }


def node(country: str = "CA", law: str = "CA") -> bytes:
    says = {
        "node": "A" * 43,
        "name": "tor1",
        "operator": {"id": "example", "name": "Example", "law": [law], "parents": []},
        "country": country,
        "roles": ["signalling", "keys", "media", "relay"],
        "addresses": [SERVER, "203.0.113.8"],
        "from": "2025-01-01T00:00:00Z",
        "until": "2026-12-31T00:00:00Z",
    }
    return json.dumps(says).encode()


def test_what_is_stated_of_a_server_makes_it_known() -> None:
    assert found(audited(USUAL, registry("CA"), geoip("CA"), nodes=(node(),))) == {}


def test_a_law_that_is_stated_and_outside_is_a_violation() -> None:
    assert found(audited(USUAL, registry("CA"), geoip("CA"), nodes=(node(law="US"),))) == {"fence-outside": "high"}


def elsewhere(begin: int, end: int) -> SimpleNamespace:
    return flow(["tls"], a=(ME, 1), b=("203.0.113.99", 443), transport="tcp", begin=begin, end=end)


def decided(*flows: SimpleNamespace, strict: bool = False) -> tuple[Report, list[str]]:
    """The report, and what is found of the server at 203.0.113.99."""
    places = Places([registry("CN")])
    question = Question(places=places, fence=Fence(fence.parse_policy(EASY), places), strict=strict)
    report = scan(*flows).report(question)
    found = [f"{one.id}, {one.severity}, {one.confidence}" for one in report.findings if one.server == "203.0.113.99"]
    return report, found


def test_whoever_was_contacted_before_the_call_is_not_decided_about() -> None:
    report, found = decided(media(), elsewhere(-900, -800))
    assert found == []
    assert not next(server for server in report.servers if server.address == "203.0.113.99").decisions


CALL = media(b=("198.51.100.7", 3478))


def test_a_contact_aside_of_the_call_is_decided_about_and_changes_no_exit_status() -> None:
    report, found = decided(CALL, elsewhere(5, 50))
    assert found == ["contact-outside, note, possible"]
    server = next(server for server in report.servers if server.address == "203.0.113.99")
    assert [(one.role, one.allowed) for one in server.decisions] == [("other", False)]
    # What is not known of the server of media is: nothing else counts.
    assert {one.id for one in report.findings if one.weakness} == {"fence-unknown"}
    assert not any("contact-outside" in reason for one in report.fitness for reason in one.reasons)


def test_whoever_is_strict_has_the_fence_hold_for_contacts_aside_of_the_call() -> None:
    report, found = decided(CALL, elsewhere(5, 50), strict=True)
    assert found == ["fence-outside, high, possible"]
    assert not report.clean


def test_where_no_call_was_recognised_no_contact_is_aside_of_it() -> None:
    report, found = decided(elsewhere(5, 50))
    assert found == ["fence-outside, high, possible"]
    assert not report.clean


def test_of_who_took_no_visible_part_it_is_not_said_that_too_little_is_known() -> None:
    far = flow(["tls"], a=(ME, 1), b=("198.51.100.99", 443), transport="tcp")
    for report, _ in (decided(media(), far), decided(far)):
        assert "198.51.100.99" not in {one.server for one in report.findings}


def test_whom_a_relay_was_asked_to_reach_is_decided_about() -> None:
    passed = [seen("relay_peer", 7, address="203.0.113.77:5000"), seen("relay_peer", 8, address="10.0.0.3:5000")]
    places = Places([registry("CN")])
    report = scan(flow(["turn"], *passed)).report(
        Question(places=places, fence=Fence(fence.parse_policy(EASY), places))
    )
    behind = [server for server in report.servers if not server.packets]
    assert [server.address for server in behind] == ["203.0.113.77"]
    assert [one.confidence for one in report.findings if one.server == "203.0.113.77"] == ["possible"]


@pytest.mark.parametrize("rules", [EASY, USUAL, EASY.replace('["*"]', '["*"]\noperators = ["me"]')])
@pytest.mark.parametrize("sets", [[], [registry("CA")], [registry("CN")], [registry("CA"), geoip("CN")]])
def test_where_no_operator_said_anything_no_reason_says_that_one_did(rules: str, sets: list[Addresses]) -> None:
    report = audited(rules, *sets)
    texts = [f"{reason.source}: {reason.text}" for s in report.servers for d in s.decisions for reason in d.reasons]
    assert texts
    for said in (*texts, *(one.text for one in report.findings)):
        assert not any(word in said for word in ("operator states", "signed word", "operator does", "statement 0"))


def test_a_decision_is_the_cores_word_for_word() -> None:
    report = audited(EASY, registry("CN"))
    for server in report.servers:
        for one in server.decisions:
            assert one.allowed is (not any(reason.code == "RF2104" for reason in one.reasons))
            assert all(reason.text and reason.rule and reason.source for reason in one.reasons)


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"\x00\x01", b'{"addresses": ["nowhere"]}', b'{"addresses": 3}', b"[]"]
)
def test_what_is_said_of_no_node_is_refused_by_code(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "node.json").write_bytes(content)
    with pytest.raises(Refusal) as refused:
        stated(str(tmp_path / "node.json"))
    assert refused.value.code == "RF2505"


def test_policies_are_files_or_presets(tmp_path: Path) -> None:
    (tmp_path / "p.toml").write_text(EASY)
    assert policy(str(tmp_path / "p.toml")) == fence.parse_policy(EASY)
    assert policy("eu") == fence.preset_policy("eu", bytes(32))
    for name, code in (("no-such-preset", "RF2002"), (str(tmp_path / "none.toml"), "RF5001")):
        with pytest.raises(Refusal) as refused:
            policy(name)
        assert refused.value.code == code


def test_data_sets_are_files_as_published(tmp_path: Path) -> None:
    file = tmp_path / "delegated"
    file.write_text(DELEGATED.format(country="CA", date="20251101"))
    said = load([str(file)], None).of(SERVER)
    assert [(one.kind, one.date, one.country) for one in said] == [("registry", "2025-11-01", "CA")]
    with pytest.raises(Refusal) as refused:
        load([str(tmp_path / "none")], None)
    assert refused.value.code == "RF5001"


def test_without_a_data_set_no_place_is_known() -> None:
    report = scan(media()).report()
    assert [server.places for server in report.servers] == [[]]
    assert any("no data set" in limit for limit in report.limits)


def test_of_equal_evidence_the_core_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    decide = fence.decide

    def counted(*given: Any, **more: Any) -> str:
        asked.append(more["address"])
        return decide(*given, **more)

    monkeypatch.setattr(fence, "decide", counted)
    places, at = Places([registry("CA")]), START // 10**9
    rules = Fence(fence.parse_policy(EASY), places)

    def decided(address: str, role: str = "media", at: int = at) -> str:
        found = rules.decide(address, role, at)
        before = len(asked)
        assert found == Fence(fence.parse_policy(EASY), places).decide(address, role, at), address
        del asked[before:]
        return found.model_dump_json()

    there = [decided(f"203.0.113.{host}") for host in range(9)]
    assert (asked, len(set(there))) == (["203.0.113.0"], 1)
    # Another place, role or moment is other evidence.
    decided("198.51.100.7")
    decided("203.0.113.9", role="keys")
    decided("203.0.113.9", at=at + 10**8)
    assert len(asked) == 4


def test_a_reason_that_names_an_address_is_of_that_address_alone() -> None:
    places = Places([registry("CA"), geoip("CN")])
    rules = Fence(fence.parse_policy(EASY), places)
    for address in ("203.0.113.5", "203.0.113.6", "192.168.1.7", "192.168.1.8"):
        text = json.dumps([reason.text for reason in rules.decide(address, "media", START // 10**9).reasons])
        assert re.findall(r"\d+\.\d+\.\d+\.\d+", text) in ([], [address])
