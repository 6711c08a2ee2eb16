"""Which addresses the server takes for its own."""

from pathlib import Path

import pytest

from ringfence.config import load


@pytest.mark.parametrize(
    ("given", "port", "url", "own", "foreign"),
    [
        ({}, 8000, "http://localhost:8000", "http://127.0.0.1:8000", "http://localhost"),
        ({}, 80, "http://localhost", "http://127.0.0.1", "http://localhost:80"),
        (
            {"host": "2001:DB8::01"},
            9000,
            "http://[2001:db8::1]:9000",
            "http://[::1]:9000",
            "http://[2001:DB8::01]:9000",
        ),
        (
            {"host": "192.0.2.1", "tls_cert": "c", "tls_key": "k"},
            443,
            "https://192.0.2.1",
            "https://localhost",
            "https://192.0.2.1:443",
        ),
        (
            {"public_url": "https://Meet.example.org:443/"},
            8000,
            "https://meet.example.org",
            "https://meet.example.org",
            "http://localhost:8000",
        ),
    ],
)
def test_its_own_origins_are_written_as_browsers_write_them(
    tmp_path: Path, given: dict[str, str], port: int, url: str, own: str, foreign: str
) -> None:
    config = load({"data": str(tmp_path), **given}, {})
    assert config.url(port) == url
    assert {url, own} <= config.origins(port)
    assert foreign not in config.origins(port)
