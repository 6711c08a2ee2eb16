"""Browsers as load generators: WHIP and WHEP by their own RTCPeerConnection, and no way from there into a meeting.
Not here: what HTTP refuses (tests/server)."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from machine import PATIENT, free_port

from .person import Person
from .server import Server

# As plain as a client can be: no candidates, no names of ours, and lines that are left open in both directions.
CLIENT = """
async (asked) => {
  const peer = new RTCPeerConnection();
  if (asked.publishes) {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video: { width: 640, height: 360 } });
    for (const track of stream.getTracks()) peer.addTrack(track, stream);
  } else {
    for (const kind of asked.lines) peer.addTransceiver(kind, { direction: "recvonly" });
  }
  await peer.setLocalDescription();
  let offer = peer.localDescription.sdp;
  if (!asked.descriptor) {
    offer = offer.split("\\r\\n").filter((line) => !line.includes("dependency-descriptor")).join("\\r\\n");
  }
  const answered = await fetch(asked.path, {
    method: "POST",
    headers: { "Content-Type": "application/sdp" },
    body: offer,
  });
  const text = await answered.text();
  if (answered.status !== 201) return { status: answered.status, text };
  window.peers = [...(window.peers ?? []), peer];
  await peer.setRemoteDescription({ type: "answer", sdp: text });
  return { status: 201, text, location: answered.headers.get("Location"), at: window.peers.length - 1 };
}
"""
RECEIVED = """
async (at) => {
  const found = [];
  for (const of of (await window.peers[at].getStats()).values()) {
    if (of.type === "inbound-rtp") found.push({ kind: of.kind, mid: of.mid, packets: of.packetsReceived,
      frames: of.framesDecoded ?? 0, lost: of.packetsLost });
  }
  return found;
}
"""


@pytest.fixture(scope="module")
def bench(alone: object, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("bench") / "data", free_port(), "--bench-ingest")
    yield server
    server.stop()


@pytest.fixture
def page(browser: Browser, bench: Server) -> Iterator[Page]:
    page = browser.new_page()
    page.goto(bench.url)
    yield page
    page.close()


def publish(page: Page, room: str, id_: str, *, descriptor: bool = False) -> dict[str, Any]:
    asked = {"publishes": True, "path": f"/bench/whip/{room}/{id_}", "descriptor": descriptor}
    return taken(page.evaluate(CLIENT, asked))


def watch(page: Page, room: str, id_: str, *lines: str) -> dict[str, Any]:
    asked = {"publishes": False, "lines": lines, "path": f"/bench/whep/{room}/{id_}", "descriptor": False}
    return taken(page.evaluate(CLIENT, asked))


def taken(answered: dict[str, Any]) -> dict[str, Any]:
    assert answered["status"] == 201, answered["text"]
    return answered


def received(page: Page, session: dict[str, Any]) -> list[dict[str, Any]]:
    return page.evaluate(RECEIVED, session["at"])


def until(page: Page, session: dict[str, Any], frames: int, videos: int = 1) -> list[dict[str, Any]]:
    """What was received, once so many pictures of so many lines were decoded."""
    found: list[dict[str, Any]] = []
    for _ in range(PATIENT * 10):
        found = received(page, session)
        if sum(one["frames"] >= frames for one in found) >= videos:
            return found
        page.wait_for_timeout(100)
    raise AssertionError(found)


@pytest.mark.parametrize("descriptor", [False, True])
def test_what_a_publisher_sends_is_decoded_by_who_watches(page: Page, descriptor: bool) -> None:
    room = f"plain-{descriptor}"
    assert "a=recvonly" in publish(page, room, "p", descriptor=descriptor)["text"]
    viewer = watch(page, room, "v", "audio", "video")
    assert "a=sendonly" in viewer["text"]
    found = until(page, viewer, 20)
    assert {one["kind"] for one in found if one["packets"] > 20} == {"audio", "video"}


def test_lines_are_filled_in_the_order_in_which_publishers_come_also_later_and_free_lines_again(page: Page) -> None:
    viewer = watch(page, "order", "v", "video", "video")
    first = publish(page, "order", "a")
    assert [one["mid"] for one in until(page, viewer, 5) if one["frames"]] == ["0"]
    publish(page, "order", "b")
    until(page, viewer, 5, videos=2)
    assert page.evaluate("async (path) => (await fetch(path, { method: 'DELETE' })).status", first["location"]) == 200
    before = max(one["frames"] for one in received(page, viewer))
    publish(page, "order", "c")
    until(page, viewer, before + 10, videos=2)


def test_what_ends_is_not_sent_any_more(page: Page) -> None:
    publish(page, "ends", "p")
    ended, other = (watch(page, "ends", id_, "video") for id_ in ("ended", "other"))
    until(page, ended, 5)
    end = "async (path) => (await fetch(path, { method: 'DELETE' })).status"
    assert page.evaluate(end, ended["location"]) == 200
    assert page.evaluate(end, ended["location"]) == 404
    before = until(page, other, 5)[0]["frames"]
    stopped = received(page, ended)[0]["packets"]
    until(page, other, before + 20)
    # What was on its way when it ended may still have come.
    assert received(page, ended)[0]["packets"] <= stopped + 20


def test_a_meeting_is_not_reached_by_its_id_from_either_side(browser: Browser, bench: Server, page: Page) -> None:
    host, guest = Person(browser, bench.url, "Hanna"), Person(browser, bench.url, "Gert")
    link = host.new_meeting("Sealed")
    host.ask_to_join().is_in()
    guest.join(link)
    host.sees("Gert")
    tiles = host.page.locator("video").count()
    meeting = link.split("/m/")[1].split("#")[0]
    viewer = watch(page, meeting, "v", "video", "video", "audio", "audio", "audio")
    publish(page, meeting, "p")
    found = until(page, viewer, 20)
    assert sum(one["packets"] > 0 for one in found) == 2, "of the publisher, and of nobody else"
    guest.sees("Hanna")
    assert host.page.locator("video").count() == tiles, "nobody has come in"
    guest.close()
    host.close()


def test_no_room_of_load_is_a_meeting(page: Page) -> None:
    publish(page, "no-meeting", "p")
    status = "async (path) => (await fetch(path)).status"
    assert page.evaluate(status, "/api/v1/meetings/no-meeting") == 404
    described = page.evaluate("async () => (await fetch('/api/v1/openapi.json')).text()")
    assert "/bench" not in described
