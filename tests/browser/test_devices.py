"""Browsers and devices that cannot do all: said plainly, and never an unsealed call."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from .person import Person

WITHOUT_TRANSFORMS = """
  delete window.RTCRtpScriptTransform;
  window.opened = 0;
  const devices = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = (wanted) => { window.opened++; return devices(wanted); };
"""
# As Chromium answers when the person presses "Block", or has no such device.
REFUSED = """
  navigator.mediaDevices.getUserMedia = () =>
    Promise.reject(new DOMException("%s", "%s"));
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
    assert any(code.startswith("RF6") for code in old.alerts())
    expect(old.button("Join")).to_have_count(0)
    assert old.page.evaluate("[window.connections.length, window.opened]") == [0, 0]
    expect(ada.tile("Otto")).to_have_count(0)
    old.picture("unsupported")


@pytest.mark.parametrize(
    "error", [("Permission denied", "NotAllowedError"), ("Requested device not found", "NotFoundError")]
)
def test_without_camera_and_microphone_one_is_told_and_can_join(
    error: tuple[str, str], call: tuple[Person, str], somebody: Callable[..., Person]
) -> None:
    ada, link = call
    name = f"Quiet {error[1]}"
    quiet = somebody(name)
    quiet.page.add_init_script(REFUSED % error)
    quiet.open(link)
    expect(quiet.page.get_by_text(re.compile("camera|microphone", re.IGNORECASE)).first).to_be_visible()
    assert any(code.startswith("RF") for code in quiet.alerts())
    quiet.picture(f"devices-{error[1]}")
    quiet.ask_to_join().is_in()
    quiet.sees("Ada")
    expect(ada.tile(name)).to_be_visible()
