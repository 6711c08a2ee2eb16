"""How a server starts, and the one line that says why it does not."""

import datetime
import json
import socket
import ssl
import subprocess
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from conftest import RINGFENCE, Serving
from machine import PATIENT
from ringfence.server import local_tls


def fails(*options: str) -> str:
    done = subprocess.run([RINGFENCE, "serve", *options], capture_output=True, text=True, timeout=PATIENT)
    assert done.returncode == 1
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    return line


def test_a_port_in_use_is_said_in_one_line(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        line = fails("--port", port, "--data", str(tmp_path / "data"))
    assert line.startswith("RF5002")
    assert port in line


def test_what_it_keeps_is_for_its_user_alone(serve) -> None:
    serving = serve()
    assert serving.data.stat().st_mode & 0o777 == 0o700
    assert {file.stat().st_mode & 0o077 for file in serving.data.iterdir()} == {0}


def test_keys_that_others_can_read_stop_it(serve) -> None:
    serving = serve()
    serving.stop()
    (serving.data / "node.key").chmod(0o640)
    line = fails("--port", "0", "--data", str(serving.data))
    assert line.startswith("RF5004")
    assert "chmod 600" in line


def test_two_servers_do_not_share_a_data_folder(serve) -> None:
    serving = serve()
    assert fails("--port", "0", "--data", str(serving.data)).startswith("RF5010")


def test_a_server_whose_operator_keeps_the_key_elsewhere_serves_what_they_signed(serve, tmp_path: Path) -> None:
    def node(*words: str) -> str:
        done = subprocess.run([RINGFENCE, "node", *words], capture_output=True, text=True, timeout=PATIENT)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def path(name: str) -> str:
        return str(tmp_path / name)

    operator = json.loads(node("init", "--data", path("operator"), "--format", "json"))["operator"]
    node("init", "--data", path("data"), "--operator", operator)
    assert fails("--port", "0", "--data", path("data")).startswith("RF5012")
    draft = node("statement", "--data", path("data"))
    (tmp_path / "draft.json").write_text(draft)
    node("sign", path("draft.json"), "--data", path("data"), "--out", path("half"))
    node("sign", path("half"), "--data", path("operator"), "--out", path("whole"))
    node("install", path("whole"), "--data", path("data"))
    serving = serve(data=tmp_path / "data")
    with urllib.request.urlopen(f"{serving.url}/api/v1/node", timeout=PATIENT) as answer:
        assert json.load(answer)["operator"]["key"] == operator
    assert not (tmp_path / "data" / "operator.key").exists()


def test_a_second_start_keeps_keys_and_statement(serve) -> None:
    def kept(serving: Serving) -> list[bytes]:
        names = ("node.key", "operator.key", "statement.cose")
        return [(serving.data / name).read_bytes() for name in names]

    first = serve()
    before = kept(first)
    first.stop()
    assert kept(serve()) == before


def test_it_serves_under_a_certificate_that_it_is_given(serve, tmp_path: Path) -> None:
    files = local_tls.prepare(tmp_path / "tls", ("127.0.0.1", "localhost"), datetime.datetime.now(datetime.UTC))
    serving = serve("--tls-cert", str(files.chain), "--tls-key", str(files.key))
    assert serving.url.startswith("https://")
    trusting = ssl.create_default_context(cafile=str(files.authority))
    with urllib.request.urlopen(f"{serving.url}/healthz", context=trusting) as answer:
        assert answer.status == 200
        assert json.load(answer)["status"]
    # It is this very certificate, and not one of the server's own.
    with pytest.raises(urllib.error.URLError, match="CERTIFICATE_VERIFY_FAILED"):
        urllib.request.urlopen(f"{serving.url}/healthz")
    assert not (serving.data / "tls").exists()
    with socket.create_connection(("127.0.0.1", int(serving.url.rsplit(":", 1)[1]))) as plain:
        plain.settimeout(PATIENT)
        plain.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert not plain.recv(100).startswith(b"HTTP/1.1 200"), "it answers without TLS as well"


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (("--port", "70000"), "RF5001"),
        (("--public-url", "meet.example.org"), "RF5001"),
        (("--media-address", "0.0.0.0"), "RF5001"),
        (("--log-level", "loud"), "RF5001"),
        (("--media-path", "slow"), "RF5001"),
        (("--tls-cert", "cert.pem"), "RF5005"),
        (("--media-address", "192.0.2.7"), "RF5007"),
    ],
)
def test_options_that_cannot_be_used_are_named(tmp_path: Path, options: tuple[str, ...], expected: str) -> None:
    port = () if "--port" in options else ("--port", "0")
    assert fails(*port, "--data", str(tmp_path / "data"), *options).startswith(expected)
