"""Frames on both sides of the page's transforms: as the encoder made them, and as they leave the page.
Listens inside the page's worker, in the browser only: the server and the page's own code are as they are."""

import base64
from dataclasses import dataclass

from playwright.sync_api import BrowserContext, Page, Route, Worker

from .sframe import Header

# Goes before the worker's own code. A frame object comes out of `readable` and goes into `writable` of
# its transformer; a frame that grew in between was sealed, one that shrank was opened.
LISTEN = """
{
  const proto = self.RTCRtpScriptTransformer?.prototype;
  const getter = (name) => Object.getOwnPropertyDescriptor(proto, name).get;
  const before = new WeakMap();
  self.overheard = [];
  self.kept = [];
  self.listening = false;
  self.keeping = false;
  const through = new WeakMap();
  const once = (key, make) => through.get(key) ?? (through.set(key, make()), through.get(key));
  const note = (frame) => {
    const after = frame.data.slice(0), was = before.get(frame);
    if (was === undefined) return;
    const sealing = after.byteLength > was.byteLength;
    if (self.keeping) self.kept.push(sealing ? was : after);
    self.overheard.push({
      at: Date.now(),
      sent: sealing,
      codec: frame.getMetadata().mimeType,
      video: "type" in frame,
      type: frame.type ?? null,
      plain: sealing ? was : after,
      whole: sealing ? after : was,
    });
  };
  if (proto) {
    const readable = getter("readable"), writable = getter("writable");
    Object.defineProperty(proto, "readable", { get() {
      const real = readable.call(this);
      return once(real, () => real.pipeThrough(new TransformStream({
        transform(frame, next) {
          if (self.listening) before.set(frame, frame.data.slice(0));
          next.enqueue(frame);
        },
      })));
    } });
    Object.defineProperty(proto, "writable", { get() {
      const real = writable.call(this);
      return once(real, () => {
        const { readable, writable } = new TransformStream({
          transform(frame, next) {
            if (self.listening) note(frame);
            next.enqueue(frame);
          },
        });
        readable.pipeTo(real);
        return writable;
      });
    } });
  }
}
"""
TAKE = """() => {
  const text = (buffer) => {
    const bytes = new Uint8Array(buffer);
    let out = "";
    for (let at = 0; at < bytes.length; at += 8192)
      out += String.fromCharCode(...bytes.subarray(at, at + 8192));
    return btoa(out);
  };
  return self.overheard.splice(0).map((f) => ({ ...f, plain: text(f.plain), whole: text(f.whole) }));
}"""


@dataclass(frozen=True)
class Frame:
    at: float
    sent: bool
    video: bool
    type: str | None
    plain: bytes
    whole: bytes  # as it leaves or reaches the page
    codec: str = "audio/opus"

    @property
    def clear_size(self) -> int:
        """What frames.md lets be read: nothing of Opus and VP9, the first byte of VP8, ten of a key frame."""
        if self.codec != "video/VP8":
            return 0
        return 10 if self.plain[0] & 1 == 0 else 1

    @property
    def clear(self) -> bytes:
        return self.whole[: self.clear_size]

    @property
    def sealed(self) -> bytes:
        return self.whole[self.clear_size :]

    @property
    def header(self) -> Header:
        return Header.read(self.sealed)


def overhear(context: BrowserContext) -> None:
    """Puts the listener before the code of every worker of these pages."""
    before_workers(context, LISTEN)


def before_workers(context: BrowserContext, code: str) -> None:
    def answer(route: Route) -> None:
        # A server closes a connection that was idle: who asks on it at that moment asks once more, as browsers do.
        response = route.fetch(max_retries=3)
        route.fulfill(response=response, body=code + response.text())

    context.route(lambda url: "worker" in url.rsplit("/", 1)[-1], answer)


class Ear:
    """Hears the transforms of one page from now on. With `keep`, the page's own process keeps the plain frames:
    a browser writes the next ones over them within a second, and who looks through its memory takes longer."""

    def __init__(self, page: Page, keep: bool = False) -> None:
        self._workers: list[Worker] = []
        for worker in page.workers:
            if worker.evaluate("() => self.overheard !== undefined"):
                worker.evaluate("(keep) => { self.keeping = keep; self.listening = true; }", keep)
                self._workers.append(worker)
        if not self._workers:
            raise AssertionError("no worker of the page can be overheard")

    def take(self) -> list[Frame]:
        """What was heard since the last time."""
        return [
            Frame(
                at=f["at"] / 1000,
                sent=f["sent"],
                video=f["video"],
                type=f["type"],
                plain=base64.b64decode(f["plain"]),
                whole=base64.b64decode(f["whole"]),
                codec=f["codec"],
            )
            for worker in self._workers
            for f in worker.evaluate(TAKE)
        ]

    def close(self) -> None:
        for worker in self._workers:
            worker.evaluate("() => { self.listening = false; self.overheard.length = 0; }")
