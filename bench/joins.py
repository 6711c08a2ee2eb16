"""From the click on Join to the first decoded frame of somebody else, of two real browsers on this machine.
Not here: how a person joins (tests/browser/person.py)."""

import os
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from bench.figures import Figure, percentile
from browser.person import FLAGS, Person
from conftest import Serving

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
JOINS = 30
BUDGET = 500
# Nobody types their name sooner.
TYPING_MS = 1500
# When, on the page's clock, somebody else was seen first. Looks at each of the page's own frames: 60 a second.
FIRST_FRAME = """
  window.firstFrame = () => new Promise((found) => {
    const remote = () => new Set(window.connections.flatMap((c) => c.getReceivers().map((r) => r.track.id)));
    const look = () => {
      const theirs = remote();
      const shown = [...document.querySelectorAll("video")].some((video) =>
        video.getVideoPlaybackQuality().totalVideoFrames > 0 &&
        (video.srcObject?.getVideoTracks() ?? []).some((track) => theirs.has(track.id)));
      if (shown) found(performance.now());
      else requestAnimationFrame(look);
    };
    look();
  });
"""
CLICKED = """
  window.fromClick = new Promise((found) => {
    document.addEventListener("click", (event) => {
      if (event.target.closest("button")?.textContent.trim() !== "Join") return;
      const clicked = performance.now();
      window.firstFrame().then((at) => found(at - clicked));
    }, true);
  });
"""


def figures() -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        serving = Serving(Path(folder) / "data")
        browsers = [playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS) for _ in range(2)]
        try:
            times = joins(serving.url, *browsers)
        finally:
            for browser in browsers:
                browser.close()
            serving.stop()
    return [
        Figure(f"click to first frame, p50 of {len(times)}", percentile(times, 50), "ms"),
        Figure(f"click to first frame, p95 of {len(times)}", percentile(times, 95), "ms", BUDGET),
        Figure("click to first frame, longest", max(times), "ms"),
    ]


def joins(url: str, host_browser: Browser, guest_browser: Browser) -> list[float]:
    host = Person(host_browser, url, "Hanna")
    link = host.new_meeting("Bench")
    host.ask_to_join().is_in()
    times = []
    for _ in range(JOINS):
        guest = Person(guest_browser, url, "Gil")
        guest.context.add_init_script(FIRST_FRAME + CLICKED)
        guest.open(link).page.wait_for_timeout(TYPING_MS)
        guest.ask_to_join()
        times.append(float(guest.page.evaluate("() => window.fromClick")))
        guest.leave()
        guest.close()
    host.close()
    return times
