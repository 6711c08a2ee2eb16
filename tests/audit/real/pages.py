"""Pages that hold calls with other servers than ours, in a real browser: of no application, and no more than it takes.
Not here: pages of Ringfence (browser.person)."""

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page

from browser.person import FLAGS as OURS

from .waiting import wait

# Nothing is fetched: the test answers. A name that is secure without TLS, so that there are cameras.
ORIGIN = "http://localhost:9/"
FLAGS = [flag for flag in OURS if flag != "--allow-loopback-in-peer-connection"]

# What all of these pages share.
COMMON = """
  window.pictures = () => navigator.mediaDevices.getUserMedia({ audio: true, video: { width: 320, height: 240 } });
  window.gathered = async (connection) => {
    while (connection.iceGatheringState !== "complete") await new Promise((next) => setTimeout(next, 20));
    return connection.localDescription;
  };
  window.received = async (connection) => {
    const lines = [...(await connection.getStats()).values()].filter((line) => line.type === "inbound-rtp");
    const of = (kind) => lines.find((line) => line.kind === kind)?.packetsReceived ?? 0;
    return Math.min(of("audio"), of("video"));
  };
"""

# To Janus's echo. `setup` replaces what the offer says of who begins DTLS (RFC 8842): "passive" makes Janus begin,
# "active" the browser.
ECHO = """async ({ address, setup }) => {
  const socket = new WebSocket(address, "janus-protocol");
  await new Promise((next, failed) => Object.assign(socket, { onopen: next, onerror: failed }));
  const waiting = new Map();
  const say = (message) => {
    const transaction = String(Math.random());
    socket.send(JSON.stringify({ ...message, transaction }));
    return new Promise((next) => waiting.set(transaction, next));
  };
  socket.onmessage = ({ data }) => {
    const message = JSON.parse(data);
    if (message.janus !== "ack") waiting.get(message.transaction)?.(message);
  };
  const session_id = (await say({ janus: "create" })).data.id;
  const handle_id = (await say({ janus: "attach", session_id, plugin: "janus.plugin.echotest" })).data.id;
  const connection = (window.connection = new RTCPeerConnection());
  const stream = await window.pictures();
  for (const track of stream.getTracks()) connection.addTrack(track, stream);
  await connection.setLocalDescription();
  const sdp = (await window.gathered(connection)).sdp.replaceAll("a=setup:actpass", `a=setup:${setup}`);
  const body = { audio: true, video: true };
  const answer = await say({ janus: "message", session_id, handle_id, body, jsep: { type: "offer", sdp } });
  await connection.setRemoteDescription(answer.jsep);
  window.leave = () => (connection.close(), say({ janus: "destroy", session_id }));
}"""

# One half of a call between two pages, relayed by TURN alone; the test carries what one says to the other.
RELAYED = """async ({ servers, said }) => {
  const policy = servers.length ? "relay" : "all";
  const connection = (window.connection = new RTCPeerConnection({ iceServers: servers, iceTransportPolicy: policy }));
  const stream = await window.pictures();
  for (const track of stream.getTracks()) connection.addTrack(track, stream);
  if (said) await connection.setRemoteDescription(said);
  await connection.setLocalDescription();
  window.leave = () => connection.close();
  return (await window.gathered(connection)).toJSON();
}"""
ANSWERED = "(said) => window.connection.setRemoteDescription(said)"


@contextmanager
def page(browser: Browser) -> Iterator[Page]:
    """With camera and microphone."""
    context = browser.new_context(permissions=["camera", "microphone"], bypass_csp=True)
    made = context.new_page()
    made.route("**/*", lambda route: route.fulfill(body="<title>A call</title>", content_type="text/html"))
    made.add_init_script(COMMON)
    made.goto(ORIGIN)
    yield made
    context.close()


def receives(page: Page, packets: int) -> None:
    """Waits for so many of sound, and of pictures, from the other side."""

    def received() -> int:
        count: int = page.evaluate("window.received(window.connection)")
        return count

    wait(lambda: received() >= packets, lambda: f"only {received()} packets came")
