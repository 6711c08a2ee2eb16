"""A client of WebRTC that is neither a browser nor ours (aiortc) publishes and watches as it is.
Not here: what is refused (test_bench_ingest)."""

import asyncio
from collections.abc import Callable

import httpx
import pytest
from aiortc import MediaStreamTrack, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import AudioStreamTrack, VideoStreamTrack

from conftest import Serving
from machine import PATIENT

Change = Callable[[str], str]


def unnamed(sdp: str) -> str:
    """Its lines have names of letters that the server's library does not know."""
    lines = [line.replace("BUNDLE 0 1", "BUNDLE line-0 line-1") for line in sdp.splitlines()]
    return "".join(line.replace("a=mid:", "a=mid:line-") + "\r\n" for line in lines)


async def connect(url: str, peer: RTCPeerConnection, change: Change) -> str:
    """Offers, is answered, and gives back the session."""
    await peer.setLocalDescription(await peer.createOffer())
    async with httpx.AsyncClient(timeout=PATIENT) as client:
        sdp = change(peer.localDescription.sdp)
        answered = await client.post(url, content=sdp, headers={"Content-Type": "application/sdp"})
    assert answered.status_code == 201, answered.text
    answer = answered.text.replace("line-", "")
    await peer.setRemoteDescription(RTCSessionDescription(answer, "answer"))
    return answered.headers["location"]


@pytest.mark.parametrize("change", [str, unnamed])
async def test_what_it_publishes_it_can_decode(serve: Callable[..., Serving], change: Change) -> None:
    url = f"{serve('--bench-ingest').url}/bench"
    publisher, viewer = RTCPeerConnection(), RTCPeerConnection()
    tracks: dict[str, MediaStreamTrack] = {}
    viewer.on("track", lambda track: tracks.update({track.kind: track}))
    try:
        publisher.addTrack(VideoStreamTrack())
        publisher.addTrack(AudioStreamTrack())
        await connect(f"{url}/whip/room/p", publisher, change)
        for kind in ("video", "audio"):
            viewer.addTransceiver(kind, direction="recvonly")
        await connect(f"{url}/whep/room/v", viewer, change)
        async with asyncio.timeout(PATIENT):
            for kind in ("video", "audio"):
                for _ in range(20):
                    await tracks[kind].recv()
    finally:
        await publisher.close()
        await viewer.close()
