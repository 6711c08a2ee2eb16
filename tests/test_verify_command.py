"""`ringfence verify`: receipts of real meetings on a real server, as participants saved them, and what is none."""

import asyncio
import io
import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from conftest import Serving
from ringfence.cli.main import main
from server.meeting import Organiser, Writing, agreed

# A receipt of a call in the core's own tests, after a byte of the fuzzer's.
CORPUS = Path(__file__).parents[1] / "core/fuzz/corpus/receipt"
Run = Callable[..., tuple[int, str, str]]


async def held(organiser: Organiser) -> dict[str, bytes]:
    """A meeting of two; what each of them takes home."""
    async with organiser.held().host() as host, organiser.guest() as guest:
        await (await host.join("Hanna")).phase("in")
        await (await guest.join("Gil")).phase("in")
        await agreed(host, guest)
        return {"hanna": await host.receipt(), "gil": await guest.receipt()}


@pytest.fixture(scope="module")
def saved(server: Serving, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """hanna.receipt and gil.receipt of one meeting, other.receipt of another, unlogged.receipt of one without a log."""
    folder = tmp_path_factory.mktemp("receipts")
    one, two = asyncio.run(held(Writing(server.url))), asyncio.run(held(Writing(server.url)))
    without = asyncio.run(held(Organiser(server.url)))
    all_of_them = one | {"other": two["gil"], "unlogged": without["gil"]}
    for name, document in all_of_them.items():
        (folder / f"{name}.receipt").write_bytes(document)
    return folder


@pytest.fixture
def run(saved: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    monkeypatch.chdir(saved)

    def verify(*words: str) -> tuple[int, str, str]:
        status = main(["verify", *words])
        said = capsys.readouterr()
        return status, said.out, said.err

    return verify


def report(run: Run, *names: str) -> tuple[int, dict[str, Any]]:
    status, out, _ = run(*names, "--format", "json")
    return status, json.loads(out)


def test_a_receipt_says_what_each_signer_vouches_for(run: Run) -> None:
    status, out, err = run("hanna.receipt")
    assert (status, err) == (0, "")
    lines = out.splitlines()
    assert lines[0] == "hanna.receipt: clean: by it, media went only where the owner's rules allow it"
    assert [line for line in lines if line.startswith("  ") and line[2].isupper()] == [
        lines[1],
        "  Signed by the owner",
        "  Signed by the operator",
        "  Signed by the server",
        "  Signed by the log of routes",
        "  Testimony of the participant, whose key signed the receipt",
    ]
    under = {line["by"]: line["text"] for line in report(run, "hanna.receipt")[1]["receipts"][0]["lines"]}
    assert "version 1 of the rules" in under["owner"]
    assert "Only this server" in under["owner"]
    assert "at 127.0.0.1" in under["operator"]
    assert "this route is entry" in under["log"]
    assert "in the group of the meeting" in under["participant"]
    assert all(len(line) <= 110 for line in lines)
    # A key is told in one piece, so that it can be searched for.
    assert report(run, "hanna.receipt")[1]["receipts"][0]["member"] in out


def test_servers_that_were_not_used_are_told_of_by_whoever_says_what(run: Run, saved: Path) -> None:
    # Where the server here lists only itself, the call of this one had another node that it refused.
    (saved / "beside.receipt").write_bytes((CORPUS / "signed").read_bytes()[1:])
    status, out, _ = run("beside.receipt")
    assert status == 0
    server, reader = out.split("  Signed by the server\n")[1], out.split("  Decided again here")[1]
    assert "which it could have chosen: RF2104" in " ".join(server.split("  Testimony")[0].split())
    assert "candidate in CN" in reader
    assert "RF2104: " in reader
    lines = report(run, "beside.receipt")[1]["receipts"][0]["lines"]
    assert [line["by"] for line in lines][-1] == "reader"


def test_receipts_of_one_meeting_tell_one_story(run: Run) -> None:
    status, out, _ = run("hanna.receipt", "gil.receipt")
    assert status == 0
    assert out.count(": clean: ") == 2
    assert "\nAll together: they tell one story\n" in out
    assert out.rstrip().endswith("of the group in common, with the same keys in each.")
    status, compared = report(run, "hanna.receipt", "gil.receipt")
    assert (status, compared["clean"], compared["findings"]) == (0, True, [])
    assert compared["common_epochs"] >= 1
    assert [one["file"] for one in compared["receipts"]] == ["hanna.receipt", "gil.receipt"]
    assert len({one["meeting"] for one in compared["receipts"]}) == 1


def test_one_receipt_twice_confirms_nothing(run: Run) -> None:
    status, out, _ = run("gil.receipt", "gil.receipt")
    assert status == 0
    assert "one story" not in out
    assert "One member made all of them" in out


def test_receipts_of_two_meetings_are_not_compared(run: Run) -> None:
    status, out, _ = run("gil.receipt", "other.receipt")
    assert status == 1
    assert out.count(": clean: ") == 2
    assert "All together: they are of different meetings" in out
    assert "  ! RF3315 The receipts are of different meetings." in out
    status, compared = report(run, "gil.receipt", "other.receipt")
    assert (status, compared["clean"]) == (1, False)
    assert [finding["code"] for finding in compared["findings"]] == ["RF3315"]


def test_without_a_log_in_the_rules_nothing_is_said_of_one(run: Run) -> None:
    status, compared = report(run, "unlogged.receipt")
    assert status == 0
    assert "log" not in {line["by"] for line in compared["receipts"][0]["lines"]}


@pytest.mark.parametrize("seed", range(40))
def test_a_receipt_of_which_any_byte_is_another_is_refused_by_name(run: Run, saved: Path, seed: int) -> None:
    whole = (saved / "gil.receipt").read_bytes()
    at = seed * len(whole) // 40
    (saved / "bent.receipt").write_bytes(whole[:at] + bytes([whole[at] ^ 1 << seed % 8]) + whole[at + 1 :])
    status, out, err = run("hanna.receipt", "bent.receipt")
    assert (status, out) == (2, "")
    assert err.split(":")[0] in ("RF3310", "RF3311")
    assert "(bent.receipt: " in err


def test_a_receipt_that_another_key_signed_is_refused(run: Run, saved: Path) -> None:
    """The signature of one document over the other: nothing else is changed."""
    one, other = (saved / "gil.receipt").read_bytes(), (saved / "hanna.receipt").read_bytes()
    (saved / "swapped.receipt").write_bytes(one[:-64] + other[-64:])
    status, _, err = run("swapped.receipt")
    assert (status, err.split(":")[0]) == (2, "RF3311")


@pytest.mark.parametrize(
    ("content", "code", "detail"),
    [
        (b"", "RF3310", "it.receipt: "),
        (b"Dear all, attached is the receipt.\n", "RF3310", "it.receipt: "),
        (b"\x00" * ((1 << 20) + 1), "RF5001", "longer than 1 MiB"),
        (None, "RF5001", "it.receipt: No such file or directory"),
    ],
    ids=["empty", "text", "long", "missing"],
)
def test_what_is_no_receipt_cannot_be_used(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes | None, code: str, detail: str
) -> None:
    monkeypatch.chdir(tmp_path)
    if content is not None:
        Path("it.receipt").write_bytes(content)
    status, out, err = run("it.receipt")
    assert (status, out) == (2, "")
    assert err.startswith(f"{code}: ")
    assert detail in err
    assert len(err.splitlines()) == 1
    status, said = report(run, "it.receipt")
    assert (status, said["error"]["code"]) == (2, code)


def test_a_folder_is_no_receipt(run: Run, tmp_path: Path) -> None:
    status, _, err = run(str(tmp_path))
    assert (status, err.split(":")[0]) == (2, "RF5001")


def test_what_comes_in_is_read_once(run: Run, saved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for names, wanted in ((("-",), 0), (("hanna.receipt", "-"), 0), (("-", "-"), 2)):
        coming = io.BytesIO((saved / "gil.receipt").read_bytes())
        monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=coming))
        status, out, err = run(*names)
        assert status == wanted, err
        assert ("-: clean" in out) == (wanted == 0)


def test_a_name_that_moves_the_cursor_does_not(run: Run, saved: Path) -> None:
    name = "\x1b[2Jgil.receipt"
    (saved / name).write_bytes((saved / "gil.receipt").read_bytes())
    assert "\x1b" not in run(name)[1]
