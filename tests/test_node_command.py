"""`ringfence node`: keys, and statements that an operator signs on the same machine or on another."""

import dataclasses
import json
import time
from pathlib import Path
from typing import Any

import pytest

from ringfence._core import documents
from ringfence.cli.main import main
from ringfence.config import load
from ringfence.errors import Refusal
from ringfence.store import files

ADDRESS = "203.0.113.7"
SAYS = """[operator]
id = "coop"
name = "Example Co-op"
law = ["CA"]
parents = [{ name = "Holdings", law = ["US"] }]
[node]
name = "tor1"
country = "CA"
place = "Toronto"
lat = 43.65
lon = -79.38
"""


class Desk:
    """A folder with files, and the data folders `node` and `operator`."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self.capsys = folder, capsys

    def run(self, data: str, job: str, *words: str) -> tuple[int, str, str]:
        status = main(["node", job, *words, "--data", str(self.folder / data)])
        said = self.capsys.readouterr()
        return status, said.out, said.err

    def keys(self, data: str, *words: str) -> dict[str, str]:
        keys: dict[str, str] = json.loads(self.run(data, "init", *words, "--format", "json")[1])
        (self.folder / data / "ringfence.toml").write_text(SAYS)
        return keys

    def path(self, name: str) -> str:
        return str(self.folder / name)

    def draft(self, **changes: Any) -> dict[str, Any]:
        status, out, _ = self.run("node", "statement", "--address", ADDRESS)
        assert status == 0
        return json.loads(out) | changes

    def signed(self, draft: dict[str, Any], by: str = "operator") -> str:
        """What `by` signed of what the node signed: the file's name."""
        (self.folder / "draft.json").write_text(json.dumps(draft))
        assert self.run("node", "sign", self.path("draft.json"), "--out", self.path("half"))[0] == 0
        assert self.run(by, "sign", self.path("half"), "--out", self.path("whole"))[0] == 0
        return self.path("whole")

    def identity(self, now: float | None = None) -> files.Identity:
        config = load({"data": self.folder / "node"}, {})
        return files.identity(config, ADDRESS, int(now or time.time()))

    def why_not(self, now: float | None = None) -> str:
        with pytest.raises(Refusal) as refused:
            self.identity(now)
        assert refused.value.code == "RF5012"
        return refused.value.detail


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Desk:
    return Desk(tmp_path, capsys)


@pytest.fixture
def apart(desk: Desk) -> Desk:
    """The operator's key is in another folder than the node's."""
    operator = desk.keys("operator")["operator"]
    desk.keys("node", "--operator", operator)
    return desk


def test_keys_are_made_once_and_shown_again(desk: Desk) -> None:
    made = desk.keys("node")
    assert made["operator_here"] is True
    assert desk.keys("node") == made
    assert made["node"] == files.write_key(documents.public_key((desk.folder / "node" / "node.key").read_bytes()))
    assert {file.stat().st_mode & 0o077 for file in (desk.folder / "node").glob("*.key")} == {0}
    status, out, _ = desk.run("node", "init")
    assert status == 0
    assert made["node"] in out
    assert made["operator"] in out


def test_an_operator_signs_on_another_machine_and_the_server_takes_it(apart: Desk) -> None:
    assert not (apart.folder / "node" / "operator.key").exists()
    assert "there is no" in apart.why_not()
    statement = apart.signed(apart.draft())
    assert apart.run("node", "install", statement)[0] == 0
    identity = apart.identity()
    assert identity.operator == documents.public_key((apart.folder / "operator" / "operator.key").read_bytes())
    assert identity.statement == Path(statement).read_bytes()
    says = json.loads(documents.stated(identity.statement, identity.operator))
    assert (says["serial"], says["addresses"], says["lat"]) == (1, [ADDRESS], 43.65)
    assert says["operator"]["parents"] == [{"name": "Holdings", "law": ["US"]}]
    # Neither key has been where it does not belong.
    assert not (apart.folder / "node" / "operator.key").exists()
    assert not (apart.folder / "operator" / "statement.cose").exists()


def test_a_key_that_begins_with_a_dash_is_a_key(desk: Desk) -> None:
    key = files.write_key(b"\xfb" + bytes(31))
    assert key.startswith("-")
    assert desk.keys("node", "--operator", key)["operator"] == key


def test_who_signs_reads_what_it_is(apart: Desk) -> None:
    (apart.folder / "draft.json").write_text(json.dumps(apart.draft()))
    _, _, said = apart.run("node", "sign", apart.path("draft.json"), "--out", apart.path("half"))
    assert "Signed by the node:" in said
    _, _, said = apart.run("operator", "sign", apart.path("half"), "--out", apart.path("whole"))
    assert "Signed by the operator:" in said
    assert "Operator:  Example Co-op (coop), law: CA" in said
    assert "Parents:   Holdings (US)" in said
    assert f"Addresses: {ADDRESS}" in said


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        (
            {"addresses": ["198.51.100.1"]},
            f"the address {ADDRESS} is not in the statement: the operator would have to list it",
        ),
        ({"roles": ["web", "media"]}, "the operator does not state that the node does `signalling`, and would have to"),
        (
            {"until": "2026-01-02T00:00:00Z", "from": "2026-01-01T00:00:00Z"},
            "the operator's statement has ended: it would need a new one",
        ),
        (
            {"until": "2099-01-02T00:00:00Z", "from": "2099-01-01T00:00:00Z"},
            "the operator's statement is not valid yet: it would need one for today",
        ),
        (
            {"operator": {"id": "other", "name": "Other", "law": [], "parents": []}},
            "the owner does not trust an operator `other`; it would need a valid statement of a trusted operator",
        ),
    ],
)
def test_a_statement_that_does_not_fit_the_server_stops_it(apart: Desk, changes: dict[str, Any], why: str) -> None:
    apart.run("node", "install", apart.signed(apart.draft(**changes)))
    assert apart.why_not().endswith(why)


def test_a_statement_that_somebody_else_signed_is_not_installed(apart: Desk) -> None:
    apart.keys("stranger")
    status, _, err = apart.run("node", "install", apart.signed(apart.draft(), by="stranger"))
    assert status == 2
    assert "RF2011" in err
    assert "the operator has not signed it" in err
    for content in (b"", b"noise", Path(apart.path("half")).read_bytes()):
        Path(apart.path("noise")).write_bytes(content)
        assert apart.run("node", "install", apart.path("noise"))[0] == 2
    assert "there is no" in apart.why_not()


def test_an_older_statement_is_not_installed(apart: Desk) -> None:
    first = Path(apart.signed(apart.draft())).read_bytes()
    apart.run("node", "install", apart.path("whole"))
    assert apart.draft()["serial"] == 2
    apart.run("node", "install", apart.signed(apart.draft()))
    (apart.folder / "first").write_bytes(first)
    status, _, err = apart.run("node", "install", apart.path("first"))
    assert status == 2
    assert "RF5013" in err
    assert json.loads(apart.run("node", "show", "--format", "json")[1])["serial"] == 2


def test_a_statement_of_another_node_is_neither_signed_nor_installed(apart: Desk) -> None:
    apart.keys("stranger")
    stranger = json.loads(apart.run("stranger", "statement")[1])
    (apart.folder / "draft.json").write_text(json.dumps(stranger))
    status, out, err = apart.run("node", "sign", apart.path("draft.json"))
    assert (status, out) == (2, "")
    assert "it is of a node with another key" in err


def test_what_is_stated_is_shown_and_can_be_tried_on_a_fence(apart: Desk) -> None:
    apart.run("node", "install", apart.signed(apart.draft()))
    status, out, _ = apart.run("node", "show")
    assert status == 0
    assert "Place:     Toronto (43.65, -79.38), country: CA" in out
    Path(apart.path("node.json")).write_text(apart.run("node", "show", "--format", "json")[1])
    policy = 'name = "x"\nversion = 1\n[allow]\ncountries = ["CA"]\nlaw = ["*"]\n[evidence]\nminimum = "stated"\n'
    Path(apart.path("policy.toml")).write_text(policy)
    assert main(["fence", "decide", apart.path("policy.toml"), apart.path("node.json")]) == 0


def test_a_statement_that_ends_soon_says_so(apart: Desk, caplog: pytest.LogCaptureFixture) -> None:
    (apart.folder / "short.json").write_text(apart.run("node", "statement", "--address", ADDRESS, "--days", "20")[1])
    apart.run("node", "install", apart.signed(json.loads((apart.folder / "short.json").read_text())))
    status, out, _ = apart.run("node", "show")
    assert status == 0
    assert "It ends in 20 days." in out
    apart.identity()
    assert "ends on" in caplog.text
    ended = apart.signed(apart.draft(**{"from": "2026-01-01T00:00:00Z", "until": "2026-01-02T00:00:00Z"}))
    status, out, _ = apart.run("node", "show", ended)
    assert status == 1
    assert "It has ended" in out


def test_a_server_that_signs_for_itself_goes_on_doing_so(desk: Desk) -> None:
    keys = desk.keys("node")
    identity = desk.identity()
    says = json.loads(documents.stated(identity.statement, identity.operator))
    assert says["node"] == keys["node"]
    assert (says["place"], says["lat"], says["lon"]) == ("Toronto", 43.65, -79.38)
    status, _, err = desk.run("node", "install", str(desk.folder / "node" / "statement.cose"))
    assert status == 2
    assert "signs for itself" in err
    assert desk.run("node", "init", "--operator", keys["operator"])[0] == 2


def test_a_node_gets_another_key_only_when_it_is_meant(desk: Desk) -> None:
    old = desk.keys("node")["node"]
    before = desk.identity()
    assert desk.run("node", "rotate")[0] == 2
    assert desk.keys("node")["node"] == old
    with files.prepare(desk.folder / "node"):
        status, _, err = desk.run("node", "rotate", "--yes")
        assert status == 2
        assert "RF5010" in err
    assert desk.run("node", "rotate", "--yes")[0] == 0
    new = desk.keys("node")["node"]
    assert new != old
    assert (desk.folder / "node" / f"node.key.{old[:8]}").exists()
    after = desk.identity()
    assert json.loads(documents.stated(after.statement, after.operator))["node"] == new
    assert after.operator == before.operator
    assert dataclasses.asdict(after)["node_seed"] != dataclasses.asdict(before)["node_seed"]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("init", "--operator", "short"), "RF5001"),
        (("statement", "--days", "0"), "RF5001"),
        (("sign", "missing"), "RF5001"),
        (("show", "missing"), "RF5001"),
        (("show",), "RF5001"),
    ],
)
def test_what_cannot_be_used_ends_with_2_and_its_code(desk: Desk, words: tuple[str, ...], code: str) -> None:
    status, out, err = desk.run("node", *words)
    assert (status, out) == (2, "")
    assert err.startswith(f"{code}: ")
