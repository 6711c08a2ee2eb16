"""`ringfence geo`: files as publishers make them are imported, shown, and used as evidence, whatever happens."""

import gzip
import ipaddress
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import netaddr
import pytest
from mmdb_writer import MMDBWriter

from ringfence.cli.main import main

HERE = Path(__file__).parent
DELEGATED = """2|arin|1764370799|2|19830705|{date}|-0500
arin|*|ipv4|*|1|summary
arin|{country}|ipv4|203.0.113.0|256|20100712|allocated|a
arin|{country}|ipv6|2001:db8::|32|19990812|allocated|b
"""
POLICY = 'name = "Canada"\nversion = 1\n[allow]\ncountries = ["CA"]\n'


def delegated(path: Path, country: str = "CA", date: str = "20261101") -> Path:
    path.write_text(DELEGATED.format(country=country, date=date))
    return path


def database(path: Path, country: str = "CA", *, flat: bool = False) -> Path:
    writer = MMDBWriter(ip_version=6, ipv4_compatible=True, database_type="Example-Country")
    record = {"country_code": country, "country": "Somewhere"} if flat else {"country": {"iso_code": country}}
    writer.insert_network(netaddr.IPSet(["203.0.113.0/24", "2001:db8::/32"]), record)
    writer.insert_network(netaddr.IPSet(["198.51.100.0/24"]), {"continent": {"code": "NA"}})
    writer.to_db_file(str(path))
    return path


class Desk:
    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self.data, self.capsys = folder, folder / "data", capsys

    def run(self, *words: object) -> tuple[int, str, str]:
        status = main(["geo", *map(str, words), "--data", str(self.data)])
        said = self.capsys.readouterr()
        return status, said.out, said.err

    def said(self, address: str) -> dict[str, str]:
        status, out, _ = self.run("show", address, "--format", "json")
        sources = json.loads(out)["sources"]
        assert status == (0 if sources else 1)
        return {f"{source['kind']} {source['name']} {source['date']}": source["country"] for source in sources}


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Desk:
    return Desk(tmp_path, capsys)


def test_a_registry_and_a_database_that_agree_make_a_node_consistent(desk: Desk) -> None:
    status, out, _ = desk.run("import", delegated(desk.folder / "arin"), database(desk.folder / "db.mmdb"))
    assert status == 0
    assert "imported as registry arin of 2026-11-01" in out
    assert desk.said("203.0.113.7")["registry arin 2026-11-01"] == "CA"
    assert set(desk.said("2001:db8::7").values()) == {"CA"}
    assert desk.said("198.51.100.1") == {}
    node = json.loads((HERE / "fence" / "node.json").read_text())
    (desk.folder / "node.json").write_text(json.dumps(node))
    (desk.folder / "policy.toml").write_text(POLICY)
    (desk.folder / "evidence.json").write_text(desk.run("show", "203.0.113.7", "--format", "json")[1])
    words = ["fence", "decide", *(str(desk.folder / name) for name in ("policy.toml", "node.json")), "--format", "json"]
    # The folder is asked, or what it said is given: the same.
    for evidence in (("--data", str(desk.data)), ("--evidence", str(desk.folder / "evidence.json"))):
        status = main([*words, *evidence])
        decision = json.loads(desk.capsys.readouterr().out)
        assert (status, decision["allowed"], decision["standing"]) == (0, True, "consistent")
    # Sets that the owner did not pin raise nothing.
    (desk.folder / "trust.json").write_text(json.dumps({"datasets": ["ab" * 32]}))
    assert main([*words, "--data", str(desk.data), "--trust", str(desk.folder / "trust.json")]) == 1
    assert json.loads(desk.capsys.readouterr().out)["standing"] == "stated"


def test_what_is_imported_again_counts_before_what_was_and_leaves_it_to_those_who_named_it(desk: Desk) -> None:
    desk.run("import", delegated(desk.folder / "arin"))
    desk.run("import", delegated(desk.folder / "arin", "US", "20261115"))
    assert desk.said("203.0.113.7") == {"registry arin 2026-11-15": "US"}
    desk.run("import", delegated(desk.folder / "arin"), "--name", "mine", "--kind", "geoip", "--date", "2026-11-02")
    assert desk.said("203.0.113.7") == {"geoip mine 2026-11-02": "CA", "registry arin 2026-11-15": "US"}
    status, out, _ = desk.run("show")
    assert status == 0
    assert out.splitlines() == [
        "geoip mine 2026-11-02: 1 ranges of IPv4, 1 of IPv6",
        "registry arin 2026-11-01: 1 ranges of IPv4, 1 of IPv6",
        "registry arin 2026-11-15: 1 ranges of IPv4, 1 of IPv6",
    ]
    # The same file is the same set.
    desk.run("import", desk.folder / "arin", "--name", "mine", "--kind", "geoip", "--date", "2026-11-02")
    assert len(list((desk.data / "geo").iterdir())) == 3


def test_a_former_set_is_asked_where_its_word_counts(desk: Desk) -> None:
    desk.run("import", delegated(desk.folder / "arin", "US"))
    (former,) = json.loads(desk.run("show", "--format", "json")[1])["imported"]
    desk.run("import", delegated(desk.folder / "arin", "CA", "20261115"))
    (desk.folder / "policy.toml").write_text(POLICY)
    words = ["fence", "decide", str(desk.folder / "policy.toml"), str(HERE / "fence" / "node.json")]
    words += ["--data", str(desk.data), "--format", "json", "--trust", str(desk.folder / "trust.json")]
    for pinned, contradicts in (([], []), ([former["digest"]], ["registry arin 2026-11-01"])):
        (desk.folder / "trust.json").write_text(json.dumps({"datasets": pinned}))
        main(words)
        reasons = json.loads(desk.capsys.readouterr().out)["reasons"]
        assert [reason["source"] for reason in reasons if reason["code"] == "RF2103"] == contradicts


def test_of_one_day_the_set_that_was_imported_last_counts(desk: Desk) -> None:
    for country in ("US", "CA", "DE"):
        desk.run("import", delegated(desk.folder / "arin", country))
        assert desk.said("203.0.113.7") == {"registry arin 2026-11-01": country}


def test_databases_that_put_the_country_elsewhere_are_read_too(desk: Desk) -> None:
    desk.run("import", database(desk.folder / "flat.mmdb", "FR", flat=True), "--date", "2026-11-03")
    assert desk.said("203.0.113.7") == {"geoip Example-Country 2026-11-03": "FR"}


def test_a_file_that_its_publisher_packed_is_unpacked(desk: Desk) -> None:
    packed = desk.folder / "db.mmdb.gz"
    packed.write_bytes(gzip.compress(database(desk.folder / "db.mmdb").read_bytes()))
    assert desk.run("import", packed, "--date", "2026-11-03")[0] == 0
    assert desk.said("203.0.113.7") == {"geoip Example-Country 2026-11-03": "CA"}


def test_what_nothing_is_known_of_is_said(desk: Desk) -> None:
    assert desk.run("show", "203.0.113.7")[:2] == (
        1,
        "Nothing is imported: ringfence geo import FILE takes a data set over.\n",
    )
    desk.run("import", delegated(desk.folder / "arin", date="20200101"))
    assert desk.run("show", "8.8.8.8")[:2] == (1, "registry arin 2020-01-01: nothing\n")
    assert "older than 400 days" in desk.run("import", desk.folder / "arin")[1]


@pytest.mark.parametrize(
    ("content", "code", "detail"),
    [
        (b"", "RF2201", "no address in it has a country or a network"),
        (b"hello\n", "RF2201", "line 1: it is neither a registry's file, nor FIRST,LAST,COUNTRY"),
        (DELEGATED.format(country="CAN", date="20261101").encode(), "RF2201", "line 3: the country is not two letters"),
        (b"\x1f\x8b\x08\x00\xff\xfe", "RF2201", "it is a damaged gzip file"),
        (b"1,2,AU\n\xff", "RF2201", "byte 7: neither a database nor text"),
        (b"\xab\xcd\xefMaxMind.com" + b"\xff" * 40, "RF2201", "the database is damaged"),
        (b"1,2,AU\n", "RF2202", "it does not say when it was made: give --date"),
        (None, "RF5001", "No such file or directory"),
    ],
)
def test_a_file_that_cannot_be_read_changes_nothing(desk: Desk, content: bytes | None, code: str, detail: str) -> None:
    desk.run("import", delegated(desk.folder / "arin"))
    bad = desk.folder / "bad"
    if content is not None:
        bad.write_bytes(content)
    # Not even what was good in the same command.
    status, out, err = desk.run("import", delegated(desk.folder / "other", "US"), bad)
    assert (status, out) == (2, "")
    assert f"{code}: " in err
    assert detail in err
    assert desk.said("203.0.113.7") == {"registry arin 2026-11-01": "CA"}


def test_a_database_of_which_any_byte_is_another_is_read_or_refused(desk: Desk) -> None:
    whole = database(desk.folder / "db.mmdb").read_bytes()
    for at in range(0, len(whole), 7):
        (desk.folder / "bent.mmdb").write_bytes(whole[:at] + bytes([whole[at] ^ 0x55]) + whole[at + 1 :])
        status, _, err = desk.run("import", desk.folder / "bent.mmdb", "--name", "bent")
        assert status == 0 or (status, "RF220" in err) == (2, True), at


def test_a_kept_set_that_was_damaged_is_named(desk: Desk) -> None:
    desk.run("import", delegated(desk.folder / "arin"))
    (path,) = (desk.data / "geo").iterdir()
    path.write_bytes(path.read_bytes()[:-1])
    status, _, err = desk.run("show", "203.0.113.7")
    assert status == 2
    assert "RF2203" in err
    assert path.name in err
    desk.run("import", desk.folder / "arin")
    assert desk.said("203.0.113.7") == {"registry arin 2026-11-01": "CA"}


def test_an_import_that_is_killed_at_any_step_leaves_the_old_set_or_the_new(desk: Desk) -> None:
    desk.run("import", delegated(desk.folder / "arin"))
    fresh = delegated(desk.folder / "fresh", "US", "20261115")
    command = [sys.executable, str(HERE / "dying_import.py"), "geo", "import", str(fresh), "--data", str(desk.data)]
    seen: list[Any] = []
    for step in range(1, 40):
        ended = subprocess.run(command, env=os.environ | {"DIES": str(step)}, capture_output=True, check=False)
        seen.append(desk.said("203.0.113.7"))
        assert seen[-1] in ({"registry arin 2026-11-01": "CA"}, {"registry arin 2026-11-15": "US"}), step
        if ended.returncode == 0:
            break
        assert ended.returncode == -signal.SIGKILL
    else:
        pytest.fail("the import never ends")
    assert seen[0] != seen[-1]
    assert len(seen) > 5
    assert len(list((desk.data / "geo").iterdir())) == 2


def test_addresses_and_their_ends_are_found_as_the_publisher_wrote_them(desk: Desk) -> None:
    lines = [
        f"{int(ipaddress.IPv4Address(f'10.{n}.0.0'))},{int(ipaddress.IPv4Address(f'10.{n}.0.255'))},DE"
        for n in range(50)
    ]
    (desk.folder / "geoip").write_text("# Generated: Thu, 25 Jun 2026 04:33:59 GMT\n" + "\n".join(lines))
    desk.run("import", desk.folder / "geoip")
    for n in range(50):
        assert desk.said(f"10.{n}.0.0") == desk.said(f"10.{n}.0.255") == {"geoip geoip 2026-06-25": "DE"}
        assert desk.said(f"10.{n}.1.0") == {}


def announced(path: Path) -> Path:
    writer = MMDBWriter(ip_version=6, ipv4_compatible=True, database_type="Example-ASN")
    hosting = {"autonomous_system_number": 64500, "autonomous_system_organization": "Example\x1b[2J\nHosting"}
    writer.insert_network(netaddr.IPSet(["203.0.113.0/24"]), hosting)
    both = {"asn": "AS64501", "as_name": "Carrier", "country_code": "CA", "country": "Canada", "as_domain": "a.example"}
    writer.insert_network(netaddr.IPSet(["2001:db8::/32"]), both)
    writer.to_db_file(str(path))
    return path


def test_a_database_of_networks_is_kept_apart_from_what_is_evidence(desk: Desk) -> None:
    status, out, _ = desk.run("import", announced(desk.folder / "asn.mmdb"), "--date", "2026-11-03")
    assert status == 0
    assert "imported as geoip Example-ASN of 2026-11-03" in out
    assert "imported as network Example-ASN of 2026-11-03" in out
    assert sorted(path.suffix for path in (desk.data / "geo").iterdir()) == [".addresses", ".networks"]
    # One file said both, each of some addresses.
    assert desk.run("show", "203.0.113.7")[:2] == (
        0,
        "geoip Example-ASN 2026-11-03: nothing\n"
        "network Example-ASN 2026-11-03: AS64500 Example\N{REPLACEMENT CHARACTER}[2J Hosting\n",
    )
    assert desk.said("2001:db8::7") == {"geoip Example-ASN 2026-11-03": "CA"}
    assert "network Example-ASN 2026-11-03: AS64501 Carrier" in desk.run("show", "2001:db8::7")[1]
    assert "network Example-ASN 2026-11-03: 1 ranges of IPv4, 1 of IPv6" in desk.run("show")[1]
    imported = json.loads(desk.run("show", "--format", "json")[1])["imported"]
    assert [one["kind"] for one in imported] == ["geoip", "network"]


def test_a_kept_list_of_networks_that_was_damaged_is_named(desk: Desk) -> None:
    (desk.folder / "list").write_text("203.0.113.0\t203.0.113.255\t64500\tCA\tEXAMPLE\n")
    desk.run("import", desk.folder / "list", "--date", "2026-11-03")
    (path,) = (desk.data / "geo").iterdir()
    path.write_bytes(path.read_bytes()[:-1])
    status, _, err = desk.run("show", "203.0.113.7")
    assert (status, "RF2203" in err, path.name in err) == (2, True, True)
