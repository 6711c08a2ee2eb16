"""What HTTP answers, and refuses by which code."""

import gzip
import re
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from conftest import STAGED, Serving
from lying.documents import b64, re_signed
from machine import PATIENT

from .meeting import Organiser

# Each on a connection of its own: a server may end one that is idle.
asking = httpx.Client(timeout=PATIENT, limits=httpx.Limits(max_keepalive_connections=0))


def eventually(holds: Callable[[], bool]) -> None:
    """What it found is kept for a second: asking again is what makes it look."""
    until = time.monotonic() + PATIENT
    while not holds():
        assert time.monotonic() < until


def code(response: httpx.Response) -> tuple[int, str]:
    assert response.headers["content-type"] == "application/problem+json"
    return response.status_code, response.json()["code"]


def test_it_says_that_it_can_hold_meetings_and_who_runs_it(server: Serving) -> None:
    assert asking.get(f"{server.url}/healthz").json()["status"] == "ok"
    node = asking.get(f"{server.url}/api/v1/node").json()
    assert node["address_kind"] == "private"
    assert node["country"] is None


def test_it_says_that_it_can_hold_none_as_long_as_its_store_takes_nothing(
    serve: Callable[..., Serving], tmp_path: Path
) -> None:
    serving = serve(program=STAGED, STAGED=str(tmp_path))
    health = f"{serving.url}/healthz"
    assert asking.get(health).status_code == 200
    (tmp_path / "read-only").touch()
    eventually(lambda: asking.get(health).status_code == 503)
    assert code(asking.get(health)) == (503, "RF1008")
    assert code(Organiser(serving.url).post()) == (503, "RF1009")
    assert asking.get(f"{serving.url}/api/v1/node").status_code == 200
    (tmp_path / "read-only").unlink()
    eventually(lambda: asking.get(health).status_code == 200)
    assert Organiser(serving.url).post().status_code == 201


def test_whether_it_can_is_not_tried_anew_for_everybody_who_asks(serve: Callable[..., Serving]) -> None:
    serving = serve()
    began = time.monotonic()
    for _ in range(100):
        assert asking.get(f"{serving.url}/healthz").status_code == 200
    written = (serving.data / "ringfence.db-wal").stat().st_size
    header, frame = 32, 24 + 4096  # https://www.sqlite.org/fileformat2.html#walformat
    assert header + frame <= written <= header + frame * (2 + time.monotonic() - began)


def test_a_meeting_can_be_made_once_and_read_by_its_id(server: Serving) -> None:
    organiser = Organiser(server.url)
    charter = organiser.charter()
    assert organiser.post(charter).json() == {"meeting": organiser.meeting}
    assert code(organiser.post(charter)) == (409, "RF1102")
    read = asking.get(f"{server.url}/api/v1/meetings/{organiser.meeting}").json()
    assert read["charter"] == b64(charter)


def test_a_fence_that_refuses_this_server_is_refused_with_its_reasons(server: Serving) -> None:
    elsewhere = 'name = "Canada"\nversion = 1\n[allow]\ncountries = ["CA"]\n# {}'
    response = Organiser(server.url, policy=elsewhere).post()
    assert code(response) == (409, "RF1103")
    assert "RF2104" in {reason["code"] for reason in response.json()["reasons"]}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"until": 1}, (409, "RF1104")),
        ({"surprise": 1}, (422, "RF3104")),
        ({"admission": "named"}, (422, "RF3120")),
        ({"version": 2, "previous": bytes(32)}, (422, "RF1105")),
    ],
)
def test_charters_that_cannot_be_held_are_refused(
    server: Serving, changes: dict[str, object], expected: tuple[int, str]
) -> None:
    organiser = Organiser(server.url)
    if "until" in changes:
        limits = {"participants": 5, "from": None, "until": 1, "retention": None}
        changes = {"limits": limits}
    assert code(organiser.post(organiser.charter(**changes))) == expected


def test_a_charter_signed_by_somebody_else_is_refused(server: Serving) -> None:
    organiser = Organiser(server.url)
    forged = re_signed(organiser.charter(), "charter", organiser.owner.host)
    assert code(organiser.post(forged)) == (422, "RF3106")


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/nowhere", (404, "RF1004")),
        ("GET", "/assets/../../pyproject.toml", (404, "RF1004")),
        ("GET", "/api/v1/meetings/x", (404, "RF1101")),
        ("GET", f"/api/v1/meetings/{b64(bytes(16))}", (404, "RF1101")),
        ("DELETE", "/healthz", (405, "RF1005")),
        ("POST", "/api/v1/meetings", (400, "RF1001")),
    ],
)
def test_other_requests_are_refused_by_name(server: Serving, method: str, path: str, expected: tuple[int, str]) -> None:
    assert code(asking.request(method, server.url + path)) == expected


def test_bodies_are_limited_and_foreign_pages_refused(server: Serving) -> None:
    url = f"{server.url}/api/v1/meetings"
    assert code(asking.post(url, content=b"x" * ((1 << 20) + 1))) == (413, "RF1002")
    foreign = asking.post(url, json={"charter": b64(b"x")}, headers={"Origin": "https://elsewhere.example"})
    assert code(foreign) == (403, "RF1006")


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("gzip", "gzip"),
        ("br;q=1.0", "br"),
        ("br;q=0, gzip;q=0.0", None),
        ("gzip;q=0.5,br;q=0", "gzip"),
        ("brotli", None),
        ("", None),
    ],
)
def test_pages_are_sent_as_small_as_the_browser_can_read_them(
    server: Serving, accepted: str, coding: str | None
) -> None:
    page = asking.get(server.url, headers={"Accept-Encoding": "identity"}).text
    for name in re.findall(r"/assets/[^\"]+\.(?:js|css)", page):
        whole = asking.get(server.url + name, headers={"Accept-Encoding": "identity"})
        with asking.stream("GET", server.url + name, headers={"Accept-Encoding": accepted}) as sent:
            assert sent.headers.get("content-encoding") == coding
            assert sent.headers["vary"] == "Accept-Encoding"
            # Other bytes, another tag; and a proxy may have weakened it.
            assert (sent.headers["etag"] == whole.headers["etag"]) == (coding is None)
            again = {"Accept-Encoding": accepted, "If-None-Match": f'"x", W/{sent.headers["etag"]}'}
            assert asking.get(server.url + name, headers=again).status_code == 304
            raw = b"".join(sent.iter_raw())
        if coding == "gzip":
            assert gzip.decompress(raw) == whole.content
        elif coding is None:
            assert raw == whole.content
        else:
            assert len(raw) < len(whole.content) / 2


def test_pages_allow_nothing_from_elsewhere(server: Serving) -> None:
    for path in ("/", f"/m/{b64(bytes(16))}"):
        headers = asking.get(server.url + path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe-inline" not in policy
        assert "'unsafe-eval'" not in policy
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cross-origin-embedder-policy"] == "require-corp"
