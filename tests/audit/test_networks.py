"""In whose network an address is, by lists that are given or were imported: told side by side, named and dated, and
never asked by the fence. Without a list the report says that it is not known, and how to give one."""

from pathlib import Path

import pytest

from audit.made import ME, SERVER, START, flow, media, scan
from ringfence._core import fence
from ringfence._core.geo import Addresses, Networks, published
from ringfence.audit import Question, Report
from ringfence.audit.fencing import Fence
from ringfence.audit.page import page
from ringfence.audit.places import Places, load
from ringfence.audit.text import text
from ringfence.cli.main import main

LIST = "203.0.113.0\t203.0.113.255\t64500\tCA\t{name}\n2001:db8::\t2001:db8::ffff\t64501\tCA\tSIX\n"
REGISTRY = "2|arin|1|1|19830705|20251101|-0500\narin|CA|ipv4|203.0.113.0|256|20100712|allocated|a\n"
EASY = 'name = "Canada"\nversion = 1\n[allow]\ncountries = ["CA"]\nlaw = ["*"]\n[evidence]\nminimum = "stated"\n'


def listed(name: str, called: str = "list") -> Networks:
    _, networks = published(LIST.format(name=name).encode(), name=called, date=START // 10**9)
    assert networks is not None
    return networks


def audited(*lists: Networks, sets: tuple[Addresses, ...] = (), rules: str | None = None) -> Report:
    places = Places(sets, lists)
    held = None if rules is None else Fence(fence.parse_policy(rules), places)
    flows = [media(), flow(["srtp"], b=("192.168.1.9", 5000)), flow(["srtp"], a=(ME, 1), b=("2001:db8::7", 5000))]
    return scan(*flows).report(Question(places=places, fence=held))


def said(report: Report, address: str) -> list[tuple[str, str, int, str]]:
    server = next(one for one in report.servers if one.address == address)
    return [(one.list, one.date, one.number, one.name) for one in server.networks]


def test_a_server_is_told_with_its_network_list_and_day() -> None:
    report = audited(listed("Example Hosting"))
    assert said(report, SERVER) == [("list", "2025-11-24", 64500, "Example Hosting")]
    assert said(report, "2001:db8::7") == [("list", "2025-11-24", 64501, "SIX")]
    assert said(report, "192.168.1.9") == []
    assert [(one.kind, one.name, one.date) for one in report.sources] == [("network", "list", "2025-11-24")]
    assert "country not known, network of Example Hosting (AS64500)" in " ".join(text(report).split())
    assert "network of Example Hosting (AS64500)" in page(report)
    assert not any("In whose networks" in limit for limit in report.limits)


def test_lists_that_differ_are_told_side_by_side() -> None:
    told = " ".join(text(audited(listed("One", "a"), listed("Two", "b"))).split())
    assert "network of One (AS64500) by a or network of Two (AS64500) by b" in told


def test_without_a_list_it_is_said_that_the_network_is_not_known_and_how_to_give_one() -> None:
    report = audited()
    assert "network not known" in text(report)
    assert any("In whose networks" in limit and "--geo" in limit for limit in report.limits)


def test_the_fence_decides_alike_with_any_list_and_with_none() -> None:
    registry = (Addresses.read(REGISTRY.encode()),)
    plain = audited(sets=registry, rules=EASY)
    with_list = audited(listed("Example Hosting"), sets=registry, rules=EASY)
    assert [one.decisions for one in plain.servers] == [one.decisions for one in with_list.servers]
    assert plain.findings == with_list.findings


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "\x1b[2Jgone\u202eeno", 'a" onload="b'])
def test_a_hostile_name_of_a_network_moves_no_cursor_and_is_no_markup(name: str) -> None:
    report = audited(listed(name))
    assert said(report, SERVER)[0][3] == name
    assert "\x1b" not in text(report) + page(report) and "\u202e" not in text(report) + page(report)
    assert "<script" not in page(report) and 'a" onload' not in page(report)


def test_a_list_is_given_as_a_file_or_taken_from_what_was_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("ip2asn.tsv").write_text(LIST.format(name="Example Hosting"))
    given = load(["ip2asn.tsv"], None)
    assert [one.holder for one in given.networks_of(SERVER)] == ["Example Hosting"]
    assert main(["geo", "import", "ip2asn.tsv", "--date", "2025-11-20"]) == 0
    assert "imported as network ip2asn of 2025-11-20" in capsys.readouterr().out
    imported = load([], Path("data"))
    assert [(one.name, one.date, one.number) for one in imported.networks_of(SERVER)] == [
        ("ip2asn", "2025-11-20", 64500)
    ]
    assert imported.sets == []
    (kept,) = Path("data/geo").iterdir()
    assert load([str(kept)], None).networks_of(SERVER) == imported.networks_of(SERVER)
