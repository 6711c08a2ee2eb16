"""`ringfence fence`, as people and programs use it: what it prints, and how it ends."""

import json
import subprocess
import sys
from base64 import urlsafe_b64encode
from pathlib import Path
from typing import Any

import pytest

from ringfence._core import documents
from ringfence.cli.main import main

NODE, OPERATOR = bytes([1]) * 32, bytes([2]) * 32
AT = ("--at", "2026-11-24T02:00:00Z")
POLICY = """name = "Canada, public sector"
version = 1
[allow]
countries = ["CA"]
law = ["CA", "US"]
[evidence]
exclude = ["CN", "RU"]
"""
STATED = {
    "node": "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE",
    "name": "tor1",
    "serial": 3,
    "operator": {
        "id": "example-coop",
        "name": "Example Co-op",
        "law": ["CA"],
        "parents": [{"name": "Example Holdings", "law": ["US"]}],
    },
    "country": "CA",
    "place": "Toronto",
    "lat": 43.65,
    "lon": -79.38,
    "roles": ["web", "media"],
    "addresses": ["203.0.113.7"],
    "from": "2026-11-01T00:00:00Z",
    "until": "2027-02-01T00:00:00Z",
}


def says(kind: str, name: str, country: str) -> dict[str, Any]:
    return {"kind": kind, "name": name, "date": "2026-10-01", "address": "203.0.113.7", "country": country}


def measured(min_ms: float, *, kind: str = "rtt", lat: float = 45.5, lon: float = -73.57) -> dict[str, Any]:
    observer = "AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI"
    about = {"lat": lat, "lon": lon, "at": "2026-11-24T01:00:00Z", "address": "203.0.113.7"}
    return {"kind": kind, "observer": observer, "min_ms": min_ms, "samples": 20, **about}


AGREE = [says("registry", "rir-delegated", "CA"), says("geoip", "dbip-lite", "CA")]


class Desk:
    """A folder with what is asked about."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self.capsys = folder, capsys
        self.write("policy.toml", POLICY)
        self.write("node.json", STATED)

    def write(self, name: str, content: object) -> str:
        path = self.folder / name
        match content:
            case bytes():
                path.write_bytes(content)
            case str():
                path.write_text(content)
            case _:
                path.write_text(json.dumps(content))
        return str(path)

    def run(self, job: str, *arguments: str) -> tuple[int, str, str]:
        names = [str(self.folder / word) if (self.folder / word).exists() else word for word in arguments]
        status = main(["fence", job, *names])
        said = self.capsys.readouterr()
        return status, said.out, said.err

    def decide(self, *arguments: str, sources: list[dict[str, Any]]) -> tuple[int, dict[str, Any]]:
        self.write("evidence.json", {"sources": sources})
        words = ("policy.toml", "node.json", "--evidence", "evidence.json", "--format", "json", *AT)
        status, out, _ = self.run("decide", *words, *arguments)
        return status, json.loads(out)


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Desk:
    return Desk(tmp_path, capsys)


def test_a_decision_is_json_with_its_reasons_and_ends_with_0_or_1(desk: Desk) -> None:
    status, decision = desk.decide(sources=[*AGREE, measured(8.4)])
    assert (status, decision["allowed"], decision["standing"]) == (0, True, "consistent")
    assert (decision["excluded"], decision["not_excluded"], decision["draft"]) == (["CN", "RU"], [], True)
    status, decision = desk.decide(sources=[says("registry", "rir-delegated", "US"), measured(100)])
    assert (status, decision["allowed"], decision["standing"]) == (1, False, "violation")
    assert decision["excluded"] == []
    assert decision["not_excluded"] == ["CN", "RU"]
    reason = next(reason for reason in decision["reasons"] if reason["code"] == "RF2103")
    assert (reason["rule"], reason["source"]) == ("statement", "registry rir-delegated 2026-10-01")
    assert "203.0.113.7" in reason["text"]


def test_a_decision_in_words_says_what_would_have_to_change(desk: Desk) -> None:
    status, out, _ = desk.run("decide", "policy.toml", "node.json", *AT)
    assert status == 1
    assert out.startswith("REFUSED for media, as a draft that nobody signed. Standing: stated.\n")
    assert "Not ruled out: CN, RU." in out
    assert "RF2108" in out
    assert "RF2109" in out
    status, out, _ = desk.run("decide", "only-this-server", "node.json", *AT)
    assert status == 0
    assert out.startswith("ALLOWED for media")


def test_what_an_operator_signed_is_decided_by_the_operators_that_are_trusted(desk: Desk) -> None:
    node = urlsafe_b64encode(documents.public_key(NODE)).decode().rstrip("=")
    signed = documents.sign_as_node(json.dumps(STATED | {"node": node}), NODE)
    desk.write("node.cose", documents.sign_as_operator(signed, OPERATOR))
    key = urlsafe_b64encode(documents.public_key(OPERATOR)).decode().rstrip("=")
    desk.write("ours.json", {"operators": {"example-coop": key}})
    desk.write("none.json", {"operators": {}})
    desk.write("policy.toml", POLICY.replace('exclude = ["CN", "RU"]', 'minimum = "stated"'))
    status, out, _ = desk.run("decide", "policy.toml", "node.cose", "--trust", "ours.json", "--format", "json", *AT)
    assert (status, json.loads(out)["allowed"], "draft" in json.loads(out)) == (0, True, False)
    # A preset that names "this server" names the one that the statement is of.
    assert desk.run("decide", "only-this-server", "node.cose", "--trust", "ours.json", *AT)[0] == 0
    for trust in ("none.json", None):
        with_trust = ("--trust", trust) if trust else ()
        status, out, _ = desk.run("decide", "policy.toml", "node.cose", *with_trust, "--format", "json", *AT)
        assert (status, json.loads(out)["standing"]) == (1, "unknown")
    assert "--trust" in desk.run("decide", "policy.toml", "node.cose", *AT)[2]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("decide", "policy.toml", "missing.json"), "RF5001"),
        (("decide", "missing.toml", "node.json"), "RF5001"),
        (("decide", "not-a-preset", "node.json"), "RF2002"),
        (("decide", "broken.toml", "node.json"), "RF2001"),
        (("decide", "policy.toml", "broken.json"), "RF2011"),
        (("decide", "policy.toml", "noise"), "RF2011"),
        (("decide", "policy.toml", "node.json", "--evidence", "broken.json"), "RF2003"),
        (("decide", "policy.toml", "node.json", "--evidence", "noise"), "RF2003"),
        (("decide", "policy.toml", "node.json", "--trust", "broken.json"), "RF2004"),
        (("decide", "policy.toml", "node.json", "--role", "cook"), "RF5001"),
        (("decide", "policy.toml", "node.json", "--at", "yesterday"), "RF5001"),
        (("decide", "policy.toml", "node.json", "--at", "2026-11-24T02:00:00"), "RF5001"),
        (("explain", "broken.toml"), "RF2001"),
        (("explain", "noise"), "RF2001"),
        (("check", "missing.toml"), "RF5001"),
    ],
)
def test_what_cannot_be_used_ends_with_2_and_its_code(desk: Desk, words: tuple[str, ...], code: str) -> None:
    desk.write("broken.toml", 'name = "x"\nversion = 1\n[allow]\ncountries = ["Canada"]\n')
    desk.write("broken.json", '{"sources": [}')
    desk.write("noise", b"\xff\x00\x1b[31m" * 10)
    status, out, err = desk.run(*words)
    assert (status, out) == (2, "")
    assert err.startswith(f"{code}: ")
    assert "\x1b" not in err
    status, out, _ = desk.run(*words, "--format", "json")
    assert (status, json.loads(out)["error"]["code"]) == (2, code)


def test_a_policy_is_checked_with_the_line_of_every_mistake(desk: Desk) -> None:
    assert desk.run("check", "policy.toml")[0] == 0
    desk.write("policy.toml", POLICY.replace('["CA"]', '["CAN"]').replace('"RU"', '"*"'))
    status, out, _ = desk.run("check", "policy.toml", "--format", "json")
    errors = json.loads(out)["errors"]
    assert (status, [error["line"] for error in errors]) == (1, [4, 7])
    status, out, _ = desk.run("check", "policy.toml")
    assert status == 1
    assert "policy.toml:4: `CAN`" in out
    assert "(RF2001): 2 mistakes" in out


def test_policies_and_presets_are_said_in_sentences(desk: Desk) -> None:
    status, out, _ = desk.run("explain", "policy.toml")
    assert status == 0
    assert "- Servers are allowed in: CA." in out
    status, out, _ = desk.run("presets", "--format", "json")
    presets = json.loads(out)
    assert status == 0
    assert sum(preset["default"] for preset in presets) == 1
    for preset in presets:
        assert preset["date"]
        assert preset["source"]
        assert preset["caveat"]
        assert desk.run("explain", preset["id"])[0] == 0
        assert preset["id"] in desk.run("presets")[1]


def test_who_has_read_enough_ends_it_without_a_word() -> None:
    command = f"{sys.executable} -c 'from ringfence.cli.main import main; main()' fence presets"
    ended = subprocess.run(["sh", "-c", f"{command} | head -n 1"], capture_output=True, text=True, check=True)
    assert ended.stdout.count("\n") == 1
    assert ended.stderr == ""
