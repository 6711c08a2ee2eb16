"""`ringfence audit` on files: exit statuses, formats, what cannot be used, and that no report is left half-written."""

import gzip
import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import ringfence.audit
from audit import packets
from audit.made import flow, media, scan, stream
from ringfence._core import capture
from ringfence.audit import live
from ringfence.cli import audit as command
from ringfence.cli.main import main

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    monkeypatch.chdir(tmp_path)
    packets.write(tmp_path / "call.pcap")

    def audit(*words: str) -> tuple[int, str, str]:
        status = main(["audit", *words])
        said = capsys.readouterr()
        return status, said.out, said.err

    return audit


def given(monkeypatch: pytest.MonkeyPatch, *flows: Any) -> None:
    """As if the capture had these flows."""
    monkeypatch.setattr(ringfence.audit, "open", lambda path, progress: scan(*flows))


def test_a_capture_is_read_and_reported(run: Run) -> None:
    status, out, err = run("call.pcap", "--format", "json")
    report = json.loads(out)
    assert (status, err) == (0, "")
    assert report["capture"]["packets"] == 6
    assert [(one["protocols"], one["far"]["address"]) for one in report["flows"]] == [
        (["DNS"], packets.RESOLVER),
        (["STUN"], packets.SERVER),
    ]
    assert report["near"] == [packets.ME]


def test_gzip_is_read(run: Run, tmp_path: Path) -> None:
    (tmp_path / "call.pcap.gz").write_bytes(gzip.compress((tmp_path / "call.pcap").read_bytes()))
    status, out, _ = run("call.pcap.gz", "--format", "json")
    assert (status, json.loads(out)["capture"]["packets"]) == (0, 6)


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"", "RF2502"), (b"Dear diary\n" * 20, "RF2502"), (None, "RF2501"), ("folder", "RF2501")],
    ids=["empty", "text", "missing", "folder"],
)
def test_what_is_no_capture_ends_with_2_and_says_so(run: Run, tmp_path: Path, content: Any, code: str) -> None:
    path = tmp_path / "other"
    if content == "folder":
        path.mkdir()
    elif content is not None:
        path.write_bytes(content)
    status, out, err = run("other")
    assert (status, out) == (2, "")
    assert err.startswith(f"{code}: ")
    status, out, _ = run("other", "--format", "json")
    assert (status, json.loads(out)["error"]["code"]) == (2, code)


def test_a_weakness_ends_with_1_and_a_clean_call_with_0(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, media())
    assert run("call.pcap")[0] == 0
    given(monkeypatch, flow(["rtp"], stream(7, payload="readable")))
    assert run("call.pcap")[0] == 1


@pytest.mark.parametrize("form", ["text", "json", "html", "sarif"])
def test_each_format_goes_to_standard_output_or_whole_into_a_file(run: Run, tmp_path: Path, form: str) -> None:
    _, out, _ = run("call.pcap", "--format", form)
    status, silent, _ = run("call.pcap", "--format", form, "--output", "report")
    assert (status, silent) == (0, "")
    assert (tmp_path / "report").read_text() == out
    assert sorted(path.name for path in tmp_path.iterdir()) == ["call.pcap", "report"]


def test_a_report_that_cannot_be_written_is_refused(run: Run) -> None:
    status, _, err = run("call.pcap", "--output", "no/such/folder/report")
    assert (status, err[:6]) == (2, "RF2503")


def test_ctrl_c_leaves_no_report_and_keeps_the_former_one(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    (tmp_path / "report").write_text("the former one")
    for place in ((capture, "scan"), (command.os, "fsync")):
        with monkeypatch.context() as patch:
            patch.setattr(*place, stopped)
            status, out, err = run("call.pcap", "--output", "report")
        assert (status, out) == (130, "")
        assert "No report was written" in err
        assert (tmp_path / "report").read_text() == "the former one"
        assert sorted(path.name for path in tmp_path.iterdir()) == ["call.pcap", "report"]


@pytest.mark.parametrize("words", [(), ("call.pcap", "--live", "lo"), ("call.pcap", "--me", "nobody")])
def test_options_that_do_not_go_are_refused(run: Run, words: tuple[str, ...]) -> None:
    status, _, err = run(*words)
    assert (status, err[:6]) == (2, "RF5001")


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--fence", "no-such-preset"), "RF2002"),
        (("--receipt", "call.pcap"), "RF3310"),
        (("--node", "call.pcap"), "RF2505"),
        (("--geo", "call.pcap"), "RF2201"),
        (("--receipt", "none"), "RF5001"),
    ],
)
def test_what_it_is_to_be_held_against_is_read_first(run: Run, words: tuple[str, ...], code: str) -> None:
    status, _, err = run("no-such-capture", *words)
    assert (status, err[:6]) == (2, code)


def test_progress_is_told_of_what_takes_longer_than_a_second(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    now = [0.0]
    monkeypatch.setattr(command.time, "monotonic", lambda: now[0])
    with command._Progress("big\x1b.pcap") as progress:
        for now[0] in (0.1, 0.9):
            progress(10, 100)
        assert capsys.readouterr().err == ""
        for now[0] in (1.1, 1.2, 3.0, 6.5):
            progress(int(now[0] * 10), 100_000_000)
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 2
    assert said[0] == "Reading big\N{REPLACEMENT CHARACTER}.pcap: 0 % of 100 MB"


class Packets:
    """A socket that gets these frames, and then a Ctrl-C."""

    def __init__(self, frames: list[bytes]) -> None:
        self._frames = frames

    def __enter__(self) -> "Packets":
        return self

    def __exit__(self, *_: object) -> None: ...

    def recvfrom(self, _: int) -> tuple[bytes, tuple[str, int, int, int, bytes]]:
        if not self._frames:
            raise KeyboardInterrupt
        return self._frames.pop(0), ("eth0", 0x0800, 0, 1, b"")


def test_a_call_that_is_watched_is_reported_when_ctrl_c_ends_it(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "_opened", lambda _: Packets(packets.frames()))
    status, out, _ = run("--live", "eth0", "--format", "json")
    assert status == 0
    assert json.loads(out)["capture"]["packets"] == 6


def test_nothing_that_is_watched_is_no_report(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "_opened", lambda _: Packets([]))
    status, out, err = run("--live", "eth0")
    assert (status, out) == (2, "")
    assert "RF2504" in err


@pytest.mark.skipif(sys.platform != "linux", reason="AF_PACKET is of Linux")
def test_an_interface_that_is_not_there_is_refused(run: Run) -> None:
    status, _, err = run("--live", "nosuchinterface")
    assert (status, err[:6]) == (2, "RF2504")


def test_the_view_refreshes_on_a_terminal_within_its_height(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(live.sys.stderr, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(live.shutil, "get_terminal_size", lambda: SimpleNamespace(lines=12, columns=80))
    live._show(scan(media()).scan, ringfence.audit.Question())
    view = capsys.readouterr().err
    assert len(view.splitlines()) <= 12
    assert "Ctrl-C ends it" in view


def test_the_python_interface_gives_typed_flows(tmp_path: Path) -> None:
    audit = ringfence.audit.open(packets.write(tmp_path / "call.pcap"))
    flows = list(audit.flows())
    assert [flow.protocols for flow in flows] == [("dns",), ("stun",)]
    assert flows[1].forth.packets == 5
    assert audit.table()[1]["far_address"] == packets.SERVER


@pytest.mark.parametrize(("country", "status", "found"), [("CA", 0, set()), ("CN", 1, {"fence-outside"})])
def test_the_fence_decides_by_data_sets_that_are_given(
    run: Run, tmp_path: Path, country: str, status: int, found: set[str]
) -> None:
    lines = ["2|arin|1764370799|1|19830705|20251101|-0500", "arin|*|ipv4|*|1|summary"]
    lines.append(f"arin|{country}|ipv4|203.0.113.0|256|20100712|allocated|a")
    (tmp_path / "delegated").write_text("\n".join(lines) + "\n")
    rules = '[allow]\ncountries = ["CA"]\nlaw = ["*"]\n[evidence]\nminimum = "stated"\n'
    (tmp_path / "p.toml").write_text(f'name = "Canada"\nversion = 1\n{rules}')
    ended, out, _ = run("call.pcap", "--fence", "p.toml", "--geo", "delegated", "--format", "json")
    report = json.loads(out)
    assert ended == status
    assert {one["id"] for one in report["findings"] if one["weakness"]} == found
    assert [(one["name"], one["date"]) for one in report["sources"]] == [("arin", "2025-11-01")]
    places = {server["address"]: [one["country"] for one in server["places"]] for server in report["servers"]}
    assert places[packets.SERVER] == [country]
    assert report["fence"]
