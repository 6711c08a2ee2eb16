"""A page of text that somebody shares from their browser, and how it is seen by others.
Not here: the button that shares it: each test presses its own."""

from playwright.sync_api import Locator, Page, expect

from .person import SHOWN, Person

TITLE = "Agenda of the parish council"
WIDE, HIGH = 1920, 1080
WORDS = "The quick brown fox jumps over the lazy dog; 0123456789, £4.50, (c) 'quoted' — and so on to the margin. "
# Text as in a document and a table: 12 to 40 px, black on white and pale on dark.
PAPER = f"""<!doctype html><title>{TITLE}</title>
<style>
  body {{ margin: 0; background: #fff; color: #111; font-family: "DejaVu Sans", sans-serif; }}
  p {{ margin: 6px 40px; white-space: nowrap; overflow: hidden; }}
  .dark {{ background: #10201f; color: #d6e4e1; margin: 0; padding: 10px 40px; }}
</style>
{"".join(f'<p style="font-size: {size}px">{WORDS * 4}</p>' for size in (12, 13, 14, 16, 20, 28, 40) * 2)}
{"".join(f'<p class="dark" style="font-size: {size}px">{WORDS * 4}</p>' for size in (12, 13, 14, 16, 20))}
<script>
  window.tone = () => {{
    const context = new AudioContext();
    const tone = new OscillatorNode(context, {{ frequency: 440 }});
    tone.connect(context.destination);
    tone.start();
  }};
</script>"""
# Answers the question which tab to share by the tab's title.
FLAG = f"--auto-select-tab-capture-source-by-title={TITLE}"


def write(person: Person) -> Page:
    page = person.context.new_page()
    page.set_viewport_size({"width": WIDE, "height": HIGH})
    page.set_content(PAPER)
    person.page.bring_to_front()
    return page


def screen(person: Person, sharer: str) -> Locator:
    return person.page.get_by_role("figure", name=f"Screen of {sharer}")


def is_shown(person: Person, sharer: str) -> Locator:
    video = screen(person, sharer).locator("video")
    expect(video).to_be_visible()
    person.until(lambda: video.evaluate(SHOWN) > 2, f"{sharer}'s screen does not come")
    return video


def is_large(person: Person, sharer: str) -> None:
    """The screen has many times the room of its sharer's face."""

    def large() -> bool:
        face = person.tile(sharer).locator("video").bounding_box()
        shared = screen(person, sharer).bounding_box()
        return shared["width"] * shared["height"] > 8 * face["width"] * face["height"]

    person.until(large, "the screen is no larger than a face")
