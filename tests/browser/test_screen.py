"""A screen is shared with its sound: as sharp for others as it was, sealed like everything else, and ended from
either side. Chromium captures a real tab of the sharer's browser; only its question which one is answered by a flag."""

import base64
import json
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect

from .frames import Ear
from .person import Person
from .sharing import HIGH, WIDE, is_large, is_shown, screen, write

SCREEN_SOUND = 2  # docs/protocol/frames.md
SIZE = "(video) => [video.videoWidth, video.videoHeight]"
# Compares what a video shows with a picture of the page that was shared. `psnr`: of luminance, in dB. `ink`: of all
# pixels that are strokes in either, the share that are in both. `blurred`: the same of the picture at half its size
# and back, which is what would arrive if a smaller layer were sent.
COMPARE = """async (video, png) => {
  const bytes = Uint8Array.from(atob(png), (letter) => letter.charCodeAt(0));
  const page = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
  const [width, height] = [page.width, page.height];
  const luminance = (paint) => {
    const canvas = new OffscreenCanvas(width, height);
    const pen = canvas.getContext("2d");
    pen.imageSmoothingQuality = "high";
    paint(pen);
    const { data } = pen.getImageData(0, 0, width, height);
    const out = new Float32Array(width * height);
    for (let i = 0; i < out.length; i++)
      out[i] = 0.299 * data[4 * i] + 0.587 * data[4 * i + 1] + 0.114 * data[4 * i + 2];
    return out;
  };
  const shared = luminance((pen) => pen.drawImage(page, 0, 0));
  const shown = luminance((pen) => pen.drawImage(video, 0, 0, width, height));
  const small = new OffscreenCanvas(width / 2, height / 2);
  small.getContext("2d").drawImage(page, 0, 0, width / 2, height / 2);
  const blurred = luminance((pen) => pen.drawImage(small, 0, 0, width, height));
  const psnr = (other) => {
    let sum = 0;
    for (let i = 0; i < shared.length; i++) sum += (shared[i] - other[i]) ** 2;
    return 10 * Math.log10(255 ** 2 / (sum / shared.length));
  };
  const ink = (other) => {
    let [both, either] = [0, 0];
    for (let i = 0; i < shared.length; i++) {
      const [a, b] = [shared[i] < 128, other[i] < 128];
      both += a && b;
      either += a || b;
    }
    return both / either;
  };
  return { psnr: psnr(shown), ink: ink(shown), blurred: { psnr: psnr(blurred), ink: ink(blurred) } };
}"""


@pytest.fixture(scope="module")
def two(resident: Callable[..., Person], sharing_browser: Browser) -> tuple[Person, Person]:
    ada, ben = resident("Ada", sharing_browser), resident("Ben", sharing_browser, heard=True)
    link = ada.new_meeting("Parish council")
    ada.ask_to_join().is_in()
    ben.join(link)
    ben.sees("Ada")
    return ada, ben


@pytest.fixture(scope="module")
def paper(two: tuple[Person, Person]) -> Page:
    """What Ada shares: a page of text in a tab beside the meeting."""
    return write(two[0])


def test_a_shared_screen_is_large_for_others_and_its_owner_reads_that_they_share(
    two: tuple[Person, Person], paper: Page
) -> None:
    ada, ben = two
    ada.press("Share screen")
    expect(ada.button("Stop sharing")).to_be_visible()
    expect(ada.page.get_by_text("You are sharing your screen and its sound.")).to_be_visible()
    is_shown(ben, "Ada")

    is_large(ben, "Ada")
    # Faces go on beside it, and the sharer still sees the others as before.
    ben.sees("Ada")
    ada.sees("Ben")
    expect(screen(ada, "Ada")).to_have_count(0)
    ben.picture("screen-seen")
    ada.picture("screen-shared")


def test_it_arrives_in_the_size_that_was_shared_and_can_be_read(two: tuple[Person, Person], paper: Page) -> None:
    ada, ben = two
    video = is_shown(ben, "Ada")
    ben.until(lambda: video.evaluate(SIZE) == [WIDE, HIGH], "the screen came in another size")

    def sent() -> list[int]:
        lines = ada.statistics("outbound-rtp", kind="video")
        return [line["frameHeight"] for line in lines if line.get("frameWidth") == WIDE]

    ada.until(lambda: sent() == [HIGH], lambda: f"no one layer has the size that was shared: {sent()}")
    shared = base64.b64encode(paper.screenshot()).decode()
    seen = {}

    def readable() -> bool:
        seen.update(video.evaluate(COMPARE, shared))
        return seen["psnr"] > 30 and seen["ink"] > 0.93

    ben.until(readable, lambda: f"the text cannot be read: {seen}")
    print(seen)
    # The measure tells sharp from soft: half the size would not pass.
    assert seen["blurred"]["psnr"] < 30
    assert seen["blurred"]["ink"] < 0.93


def line_of(person: Person, context: int) -> str | None:
    """The line that somebody else's stream of this kind comes on, as the server said last; None before it did."""
    said = (json.loads(frame) for frame in reversed(person.heard))
    slots = next(message["slots"] for message in said if message["t"] == "slots")
    lines = [slot["mid"] for slot in slots if slot["leaf"] is not None and slot["context"] == context]
    return lines[0] if len(lines) == 1 else None


def test_its_sound_is_heard_while_its_owner_is_muted(two: tuple[Person, Person], paper: Page) -> None:
    ada, ben = two
    ada.press("Mute")
    ben.press("Mute")
    expect(ben.mark("Ada", "muted")).to_be_visible()
    paper.evaluate("window.tone()")

    def loud() -> float:
        line = line_of(ben, SCREEN_SOUND)
        return ben.total("inbound-rtp", "totalAudioEnergy", kind="audio", mid=line) if line else 0.0

    before = loud()
    ben.until(lambda: loud() > before + 0.001, "the screen is silent")
    expect(ben.mark("Ada", "speaking")).to_have_count(0)
    ada.press("Unmute")
    ben.press("Unmute")


def test_it_is_sealed_as_what_it_is(two: tuple[Person, Person], paper: Page) -> None:
    _, ben = two
    ear = Ear(ben.page)
    frames = []

    def all_four() -> bool:
        paper.evaluate("document.body.append('.')")
        frames.extend(frame for frame in ear.take() if not frame.sent)
        return {frame.header.kid >> 21 for frame in frames} == {0, 1, 2, 3}

    ben.until(all_four, "not every stream comes under its own context")
    ear.close()
    assert all(frame.plain[frame.clear_size :] not in frame.whole for frame in frames if len(frame.plain) > 40)


def test_two_can_share_at_once(two: tuple[Person, Person], paper: Page) -> None:
    ada, ben = two
    second = write(ben)
    # By the keyboard this time.
    ben.page.locator("body").press("s")
    expect(ben.button("Stop sharing")).to_be_visible()
    is_shown(ada, "Ben")
    is_shown(ben, "Ada")
    ben.page.locator("body").press("s")
    expect(ben.button("Share screen")).to_be_visible()
    expect(screen(ada, "Ben")).to_have_count(0)
    second.close()
    is_shown(ben, "Ada")


def test_the_browser_can_end_it_and_it_can_begin_again(two: tuple[Person, Person], paper: Page) -> None:
    """Closing the tab that is shared ends the capture, as the browser's own bar does."""
    ada, ben = two
    paper.close()
    expect(ada.button("Share screen")).to_be_visible()
    expect(screen(ben, "Ada")).to_have_count(0)
    expect(ada.page.get_by_text("You are sharing")).to_have_count(0)
    ben.sees("Ada")
    again = write(ada)
    ada.press("Share screen")
    is_shown(ben, "Ada")
    ada.press("Stop sharing")
    expect(screen(ben, "Ada")).to_have_count(0)
    again.close()


def test_nothing_broke_the_content_security_policy(two: tuple[Person, Person]) -> None:
    for person in two:
        assert person.page.evaluate("window.violations") == []
        assert [line for line in person.console if line.startswith("error")] == []
