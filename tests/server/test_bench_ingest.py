"""Whom a server takes load from, and what it refuses of them.
Not here: whether media arrives, which browsers tell (tests/browser)."""

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from conftest import RINGFENCE, Serving
from machine import PATIENT
from ringfence.errors import Refusal
from ringfence.media import ingest
from ringfence.media.ingest import Ingest, PlainForwarder, Role

asking = httpx.Client(timeout=PATIENT, limits=httpx.Limits(max_keepalive_connections=0))
SDP = {"Content-Type": "application/sdp"}
HASH = ":".join(["AB"] * 32)
LINE = """m={kind} 9 UDP/TLS/RTP/SAVPF {number}
c=IN IP4 0.0.0.0
a=mid:{at}
a={direction}
a=rtpmap:{number} {codec}
"""


def offer(direction: str, *kinds: str, codec: str = "") -> str:
    """As little as an offer can have: no candidates, extensions, or repetitions."""
    codecs = {"audio": "opus/48000/2", "video": codec or "VP8/90000"}
    lines = [
        LINE.format(kind=kind, at=at, direction=direction, codec=codecs[kind], number=96 + (kind == "audio"))
        for at, kind in enumerate(kinds)
    ]
    bundled = " ".join(str(at) for at in range(len(kinds)))
    head = f"""v=0
o=- 1 2 IN IP4 0.0.0.0
s=-
t=0 0
a=group:BUNDLE {bundled}
a=ice-ufrag:abcd
a=ice-pwd:abcdefghijklmnopqrstuvwx
a=fingerprint:sha-256 {HASH}
a=setup:actpass
"""
    return (head + "".join(lines)).replace("\n", "\r\n")


PUBLISHES = offer("sendonly", "video")


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    serving = Serving(tmp_path_factory.mktemp("bench") / "data", "--bench-ingest")
    yield serving
    serving.stop()


def post(serving: Serving, path: str, sdp: str | bytes = PUBLISHES, **headers: str) -> httpx.Response:
    return asking.post(f"{serving.url}/bench/{path}", content=sdp, headers=SDP | headers)


def code(response: httpx.Response) -> tuple[int, str]:
    assert response.headers["content-type"] == "application/problem+json", response.text
    return response.status_code, response.json()["code"]


@pytest.mark.parametrize(
    "options",
    [
        ("--host", "0.0.0.0", "--media-address", "127.0.0.1"),
        ("--host", "192.0.2.1"),
        ("--media-address", "192.0.2.1"),
        ("--public-url", "https://meet.example.org"),
        ("--tls-local",),
    ],
)
def test_it_is_not_switched_on_where_others_could_reach_it(tmp_path: Path, options: tuple[str, ...]) -> None:
    command = [RINGFENCE, "serve", "--port", "0", "--data", str(tmp_path / "data"), "--bench-ingest", *options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENT)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("RF5014"), done.stderr


def test_it_is_switched_on_by_file_or_environment_too_and_off_otherwise(
    serve: Callable[..., Serving], tmp_path: Path
) -> None:
    path = "whip/room/p"
    assert code(post(serve(data=tmp_path / "without"), path))[0] in (404, 405)
    assert post(serve(data=tmp_path / "environment", RINGFENCE_BENCH_INGEST="yes"), path).status_code == 201
    (tmp_path / "file").mkdir(mode=0o700)
    (tmp_path / "file" / "ringfence.toml").write_text("bench_ingest = true\n")
    assert post(serve(data=tmp_path / "file"), path).status_code == 201


def test_an_offer_is_answered_with_a_session_that_ends_once(bench: Serving) -> None:
    answered = post(bench, "whip/once/p")
    assert answered.status_code == 201
    assert answered.headers["content-type"] == "application/sdp"
    assert "a=recvonly" in answered.text
    assert "a=candidate:" in answered.text and " 127.0.0.1 " in answered.text
    session = f"{bench.url}{answered.headers['location']}"
    assert code(asking.patch(session)) == (405, "RF1005")
    assert asking.delete(session).status_code == 200
    assert code(asking.delete(session)) == (404, "RF4302")
    assert post(bench, "whip/once/p").status_code == 201, "its id is free again"


def test_an_id_publishes_once_and_subscribes_once_in_a_room(bench: Serving) -> None:
    assert post(bench, "whip/ids/p").status_code == 201
    assert code(post(bench, "whip/ids/p")) == (409, "RF4301")
    assert post(bench, "whep/ids/p", offer("recvonly", "video", "audio")).status_code == 201
    assert post(bench, "whip/other/p").status_code == 201


@pytest.mark.parametrize(
    ("path", "sdp", "headers", "expected"),
    [
        ("whip/r/p", PUBLISHES, {"Content-Type": "text/plain"}, (415, "RF4305")),
        ("whip/r/p", PUBLISHES, {"Accept": "application/json"}, (406, "RF4306")),
        ("whip/r/p", PUBLISHES, {"Origin": "https://elsewhere.example"}, (403, "RF1006")),
        ("whip/r/p", "", {}, (400, "RF4002")),
        ("whip/r/p", b"\xff", {}, (400, "RF4002")),
        ("whip/r/p", PUBLISHES + "a=x\r\n" * 120_000, {}, (413, "RF4001")),
        ("whip/r/p", PUBLISHES + "a=x\r\n" * 300_000, {}, (413, "RF1002")),
        ("whip/r/p", offer("recvonly", "video"), {}, (400, "RF4004")),
        ("whip/r/p", offer("sendonly", "video", "video", "video"), {}, (400, "RF4003")),
        ("whip/r/p", offer("sendonly", "video", codec="H264/90000"), {}, (406, "RF4005")),
        ("whip/r/p", PUBLISHES.replace("actpass", "passive"), {}, (406, "RF4008")),
        ("whip/r/p", PUBLISHES.replace("sha-256", "sha-512"), {}, (406, "RF4008")),
        ("whep/r/v", PUBLISHES, {}, (400, "RF4004")),
        ("whep/r/v", offer("recvonly", *["video"] * 129), {}, (400, "RF4003")),
        ("whip/no%20space/p", PUBLISHES, {}, (400, "RF4304")),
        (f"whip/r/{'p' * 65}", PUBLISHES, {}, (400, "RF4304")),
    ],
)
def test_what_cannot_be_taken_is_refused_with_its_code(
    bench: Serving, path: str, sdp: str | bytes, headers: dict[str, str], expected: tuple[int, str]
) -> None:
    assert code(post(bench, path, sdp, **headers)) == expected
    good = offer("recvonly", "video") if path.startswith("whep") else PUBLISHES
    again = post(bench, path.replace("no%20space", "r").replace("p" * 65, "p"), good)
    assert again.status_code == 201, "nothing is left of it"
    asking.delete(f"{bench.url}{again.headers['location']}")


def test_other_methods_are_told_which_ones_there_are(bench: Serving) -> None:
    endpoint = f"{bench.url}/bench/whip/room/p"
    options = asking.options(endpoint)
    assert (options.status_code, options.headers["accept-post"]) == (204, "application/sdp")
    assert "access-control-allow-origin" not in options.headers, "no page of elsewhere asks"
    for method in ("GET", "PUT", "PATCH", "DELETE"):
        answered = asking.request(method, endpoint)
        assert (code(answered), answered.headers["allow"]) == ((405, "RF1005"), "OPTIONS, POST")
    answered = asking.get(f"{bench.url}/bench/session/x")
    assert (code(answered), answered.headers["allow"]) == ((405, "RF1005"), "DELETE, OPTIONS")


@pytest.fixture
async def made() -> Iterator[Ingest]:
    made = Ingest(PlainForwarder("127.0.0.1"))
    made.listen()
    yield made
    made.forwarder.close()


async def test_rooms_and_sessions_are_bounded(made: Ingest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ingest, "MOST_ROOMS", 2)
    monkeypatch.setattr(ingest, "MOST_SESSIONS", 4)
    begun = [await made.begin(Role.PUBLISHER, room, "p", PUBLISHES) for room in ("a", "b")]
    with pytest.raises(Refusal, match="RF4303"):
        await made.begin(Role.PUBLISHER, "c", "p", PUBLISHES)
    for id_ in ("q", "r"):
        await made.begin(Role.PUBLISHER, "a", id_, PUBLISHES)
    with pytest.raises(Refusal, match="RF4303"):
        await made.begin(Role.PUBLISHER, "a", "s", PUBLISHES)
    made.end(begun[1][0].token)
    await made.begin(Role.PUBLISHER, "c", "p", PUBLISHES)


async def test_a_room_takes_more_than_a_meeting_and_not_without_end(made: Ingest) -> None:
    async def come(number: int) -> None:
        await made.begin(Role.SUBSCRIBER, "hall", f"v{number}", offer("recvonly", "audio"))

    for number in range(1024):
        await come(number)
    with pytest.raises(Refusal, match="RF4102"):
        await come(1024)


async def test_a_connection_that_is_never_heard_of_ends_by_itself(made: Ingest) -> None:
    session, _ = await made.begin(Role.PUBLISHER, "room", "p", PUBLISHES)
    made.gone(b"room", session.leaf)
    with pytest.raises(Refusal, match="RF4302"):
        made.end(session.token)
    made.gone(b"room", session.leaf)
