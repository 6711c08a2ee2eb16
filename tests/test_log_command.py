"""`ringfence log verify`: a whole log of routes, of a server that runs and of a folder, as it is and changed."""

import json
import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

from conftest import Serving
from machine import PATIENT, free_port
from ringfence._core import routelog
from ringfence.cli.main import main
from server.meeting import Writing

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def verify(*words: object) -> tuple[int, str, str]:
        status = main(["log", "verify", *map(str, words)])
        said = capsys.readouterr()
        return status, said.out, said.err

    return verify


@pytest.fixture
def written(serve: Callable[..., Serving]) -> Serving:
    """A server that has written three routes."""
    serving = serve()
    for _ in range(3):
        Writing(serving.url).held()
    return serving


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made") / "large"
    log = routelog.Log(str(folder), bytes(31) + b"\x01", "large.example/log")
    for number in range(300):
        log.append(number.to_bytes(32, "big"), b"a route")
    (folder / "verifier").write_text(f"{log.verifier}\n")
    return folder


@pytest.fixture
def large(made: Path, tmp_path: Path) -> Path:
    """A log of 300 entries: with a full tile, and the line with its key beside it."""
    return Path(shutil.copytree(made, tmp_path / "large"))


def key(server: Serving) -> str:
    return str(httpx.get(f"{server.url}/api/v1/node", timeout=PATIENT).json()["log"]["verifier"])


def code(said: tuple[int, str, str]) -> tuple[int, str]:
    status, out, err = said
    assert out == ""
    assert len(err.splitlines()) == 1
    return status, err.split(":")[0]


def test_the_log_of_a_server_and_of_its_folder_is_one(run: Run, written: Serving) -> None:
    status, out, err = run(written.url)
    assert (status, err) == (0, "")
    assert ": 3 entries, each where the checkpoint says\n" in out
    assert f"  Signed by the key: {key(written)}\n" in out
    assert "give it with --key" in out
    folder = written.data / "log"
    assert run(folder)[:2] == (0, out)
    told = json.loads(run(folder, "--format", "json")[1])
    assert (told["size"], told["key"]) == (3, key(written))
    assert told["root"] in out
    # Whoever brings the key is not told to.
    assert "give it with --key" not in run(written.url, "--key", key(written))[1]


def test_a_log_without_entries_holds(run: Run, serve: Callable[..., Serving]) -> None:
    assert ": 0 entries" in run(serve().url)[1]


@pytest.mark.parametrize("path", ["tile/entries/000", "tile/0/000", "tile/entries/001.p/44", "tile/0/001.p/44"])
@pytest.mark.parametrize("end", [False, True])
def test_a_part_that_was_changed_is_found(run: Run, large: Path, path: str, end: bool) -> None:
    assert run(large)[0] == 0
    part = bytearray((large / path).read_bytes())
    part[-1 if end else 40] ^= 1
    (large / path).write_bytes(part)
    assert code(run(large)) == (2, "RF2313")


def test_a_part_that_is_gone_is_named(run: Run, large: Path) -> None:
    (large / "tile/0/000").unlink()
    said = run(large)
    assert code(said) == (2, "RF2314")
    assert "tile/0/000" in said[2]


def test_entries_that_were_taken_back_are_found(run: Run, large: Path) -> None:
    (large / "tile/entries/001.p/44").write_bytes((large / "tile/entries/001.p/44").read_bytes()[:-35])
    assert code(run(large)) == (2, "RF2315")


def test_a_checkpoint_that_was_changed_is_not_the_keys(run: Run, large: Path) -> None:
    checkpoint = (large / "checkpoint").read_text()
    (large / "checkpoint").write_text(checkpoint.replace("\n300\n", "\n299\n"))
    assert code(run(large)) == (2, "RF2306")


def test_another_key_does_not_fit(run: Run, written: Serving, large: Path) -> None:
    """Neither that of another log, nor another one under this name, nor what is no key."""
    assert code(run(written.url, "--key", (large / "verifier").read_text())) == (2, "RF2305")
    here = json.loads(run(large, "--format", "json")[1])["origin"]
    assert code(run(written.data / "log", "--key", f"{here}+00000000+AAAA")) == (2, "RF2307")
    same_name = routelog.Log(str(large.with_name("other")), bytes(32), here).verifier
    assert code(run(large, "--key", same_name)) == (2, "RF2305")


def test_no_server_there_is_said(run: Run) -> None:
    nobody = f"http://127.0.0.1:{free_port()}"
    verifier = "a.example/log+00000000+AAAA"
    assert code(run(nobody, "--key", verifier)) == (2, "RF2307")
    said = run(nobody)
    assert code(said) == (2, "RF2325")
    assert "Connection refused" in said[2]
    assert json.loads(run(nobody, "--format", "json")[1])["error"]["code"] == "RF2325"


def test_a_server_that_goes_away_meanwhile_is_said_in_its_own_words(run: Run, written: Serving) -> None:
    verifier = key(written)
    written.stop()
    said = run(written.url, "--key", verifier)
    assert code(said) == (2, "RF2325")
    assert f"({written.url}/log/checkpoint: Connection refused)" in said[2]


@pytest.mark.parametrize(
    "address", ["http://[", "http://", "http://127.0.0.1:99999", "https:///log", "ftp://127.0.0.1", "nothing-here"]
)
def test_what_is_no_address_and_no_folder_is_said(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.chdir(tmp_path)
    assert code(run(address)) == (2, "RF5001")


def test_a_name_that_none_can_be_is_said(run: Run) -> None:
    assert code(run(f"http://{'a' * 70}.example")) == (2, "RF2325")


def test_a_folder_that_holds_no_log_is_said(run: Run, tmp_path: Path, large: Path) -> None:
    said = run(tmp_path)
    assert code(said) == (2, "RF5001")
    assert "`verifier`" in said[2]
    assert code(run(tmp_path, "--key", (large / "verifier").read_text().strip())) == (2, "RF2322")
    shutil.rmtree(large / "tile")
    (large / "checkpoint").unlink()
    (large / "checkpoint").mkdir()
    assert code(run(large)) == (2, "RF2323")


@pytest.fixture
def stranger() -> Iterator[tuple[str, dict[str, tuple[int, bytes]]]]:
    """A web server of something else, that answers what a test tells it to."""
    answers: dict[str, tuple[int, bytes]] = {}

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, content = answers.get(self.path, (404, b""))
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as web:
        threading.Thread(target=web.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{web.server_port}", answers
        web.shutdown()


@pytest.mark.parametrize("content", [b"", b"\xff", b"[]", b"{}", b'{"log": 1}', b'{"log": {}}'])
def test_a_server_of_something_else_has_no_log(
    run: Run, stranger: tuple[str, dict[str, tuple[int, bytes]]], content: bytes
) -> None:
    url, answers = stranger
    assert code(run(url)) == (2, "RF5001")
    answers["/api/v1/node"] = (200, content)
    assert code(run(url)) == (2, "RF5001")
    answers["/api/v1/node"] = (503, content)
    assert code(run(url)) == (2, "RF2325")


def test_a_server_that_lies_about_a_part_is_found(
    run: Run, stranger: tuple[str, dict[str, tuple[int, bytes]]], large: Path
) -> None:
    url, answers = stranger
    for path in large.rglob("*"):
        if path.is_file():
            answers[f"/log/{path.relative_to(large)}"] = (200, path.read_bytes())
    verifier = (large / "verifier").read_text()
    assert run(url, "--key", verifier)[0] == 0
    bundle = answers["/log/tile/entries/000"][1]
    answers["/log/tile/entries/000"] = (200, bundle[:-1] + bytes([bundle[-1] ^ 1]))
    assert code(run(url, "--key", verifier)) == (2, "RF2313")
    answers["/log/tile/entries/000"] = (500, b"")
    assert code(run(url, "--key", verifier)) == (2, "RF2325")


def test_a_connection_that_breaks_is_said(run: Run) -> None:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()

        def hang_up() -> None:
            listening.accept()[0].close()

        asking = threading.Thread(target=hang_up)
        asking.start()
        assert code(run(f"http://127.0.0.1:{listening.getsockname()[1]}")) == (2, "RF2325")
        asking.join(PATIENT)
