"""Which addresses the server takes for its own."""

from pathlib import Path

import pytest

from ringfence.config import load
from ringfence.errors import Refusal


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


KEY = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE"


def test_beacons_are_a_list_in_the_file_and_words_with_commas_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "ringfence.toml").write_text(
        f'beacons = ["https://Tor.example/", "https://tor.example:443"]\nbeacon_for = ["{KEY}", "{KEY}@192.168.1.7"]\n'
    )
    config = load({"data": tmp_path}, {})
    assert config.beacons == ("https://tor.example",)
    assert [(one.node, one.private) for one in config.beacon_for] == [(b"\1" * 32, None), (b"\1" * 32, "192.168.1.7")]
    elsewhere = load({"data": tmp_path}, {"RINGFENCE_BEACONS": "https://a.example, http://localhost:8000"})
    assert elsewhere.beacons == ("https://a.example", "http://localhost:8000")


@pytest.mark.parametrize(
    "wrong",
    [
        {"beacons": ("http://tor.example",)},
        {"beacons": ("https://tor.example/path",)},
        {"beacons": ("https://tor.example:x",)},
        {"beacons": tuple(f"https://{number}.example" for number in range(9))},
        {"beacon_for": ("AQEB",)},
        {"beacon_for": (f"{KEY}@tor.example",)},
    ],
)
def test_what_cannot_be_a_beacon_or_a_node_to_measure_is_refused(tmp_path: Path, wrong: dict[str, object]) -> None:
    with pytest.raises(Refusal) as refused:
        load({"data": tmp_path, **wrong}, {})
    assert refused.value.code == "RF5001"
