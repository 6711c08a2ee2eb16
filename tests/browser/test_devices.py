"""Browsers and devices that cannot do all: said plainly, and never an unsealed call.
Choosing and unplugging are in test_choosing_devices.py."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Playwright, expect

from .conftest import CHROMIUM
from .person import FLAGS, Person

WITHOUT_TRANSFORMS = """
  delete window.RTCRtpScriptTransform;
  window.opened = 0;
  const devices = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = (wanted) => { window.opened++; return devices(wanted); };
"""
# As Chromium answers when there is no such device or another program has it; until `window.mend()`.
REFUSED = """
  const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = () =>
    Promise.reject(new DOMException("%s", "%s"));
  window.mend = () => { navigator.mediaDevices.getUserMedia = open; };
"""


@pytest.fixture(scope="module")
def call(resident: Callable[..., Person]) -> tuple[Person, str]:
    ada = resident("Ada")
    link = ada.new_meeting("Choir")
    ada.ask_to_join().is_in()
    return ada, link


def test_a_browser_that_cannot_seal_gets_a_clear_message_and_no_media(
    call: tuple[Person, str], somebody: Callable[..., Person]
) -> None:
    ada, link = call
    old = somebody("Otto")
    old.page.add_init_script(WITHOUT_TRANSFORMS)
    old.open(link)
    expect(old.page.get_by_text(re.compile("cannot seal|cannot be used", re.IGNORECASE)).first).to_be_visible()
    old.until(lambda: any(code.startswith("RF6") for code in old.alerts()), "is told no code")
    expect(old.button("Join")).to_have_count(0)
    assert old.page.evaluate("[window.connections.length, window.opened]") == [0, 0]
    expect(ada.tile("Otto")).to_have_count(0)
    old.picture("unsupported")


@pytest.mark.parametrize(
    ("text", "error", "code"),
    [
        ("Permission denied", "NotAllowedError", "RF6207"),
        ("Requested device not found", "NotFoundError", "RF6210"),
        ("Could not start video source", "NotReadableError", "RF6202"),
    ],
)
def test_without_camera_and_microphone_one_is_told_and_can_join(
    text: str, error: str, code: str, call: tuple[Person, str], somebody: Callable[..., Person]
) -> None:
    ada, link = call
    name = f"Quiet {error}"
    quiet = somebody(name)
    quiet.page.add_init_script(REFUSED % (text, error))
    quiet.open(link)
    quiet.until(lambda: code in quiet.alerts(), f"is not told {code}")
    quiet.picture(f"devices-{error}")
    quiet.ask_to_join().is_in()
    quiet.sees("Ada")
    expect(ada.tile(name)).to_be_visible()
    # What was wrong is mended during the call: one press, and the others see and hear them.
    quiet.page.evaluate("window.mend()")
    quiet.button("Try again").first.click()
    ada.sees(name)
    expect(quiet.page.get_by_role("alert").filter(has_text=code)).to_have_count(0)


@pytest.fixture(scope="module")
def strict_browser(playwright: Playwright, alone: object) -> Iterator[Browser]:
    """A Chromium that asks before it gives a page a camera, instead of always saying yes."""
    flags = [flag for flag in FLAGS if flag != "--use-fake-ui-for-media-stream"]
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
    yield browser
    browser.close()


def block(person: Person) -> None:
    """What the person chooses in the browser's own settings of the page."""
    chromium = person.context.browser.new_browser_cdp_session()
    targets = chromium.send("Target.getTargets")["targetInfos"]
    context = next(t["browserContextId"] for t in targets if t["url"] == person.page.url)
    for name in ("camera", "microphone"):
        setting = {"permission": {"name": name}, "setting": "denied", "origin": person.origin}
        chromium.send("Browser.setPermission", {**setting, "browserContextId": context})
    chromium.detach()


def test_who_blocked_camera_and_microphone_reads_how_to_allow_them_and_tries_again(
    call: tuple[Person, str], somebody: Callable[..., Person], strict_browser: Browser
) -> None:
    ada, link = call
    shy = somebody("Shy", strict_browser)
    shy.open(shy.origin)
    block(shy)
    shy.open(link)
    shy.is_told("RF6207")
    alert = shy.page.get_by_role("alert")
    # The words of this browser's family, and no other's.
    expect(alert).to_contain_text("two sliders")
    expect(alert).not_to_contain_text("Safari")
    shy.picture("devices-blocked")
    shy.context.grant_permissions(["camera", "microphone"], origin=shy.origin)
    alert.get_by_role("button", name="Try again").click()
    expect(alert).to_have_count(0)
    expect(shy.button("Mute")).to_be_visible()
    shy.ask_to_join().is_in()
    ada.sees("Shy")
