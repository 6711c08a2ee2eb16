"""Microphone, camera and speaker are chosen before a call and in it, remembered, and replaced when unplugged.
Chromium's own fake devices: four cameras (the second is a depth sensor that cannot be sent), three microphones,
three speakers."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from .person import Person, begins

# Chromium cannot unplug a fake device. So the one event of unplugging is made by the page: the device's track ends
# and enumerateDevices leaves it out, as both do when a real one goes; plugging in is the other way round.
PLUGS = """
  const media = navigator.mediaDevices;
  const list = media.enumerateDevices.bind(media);
  const gone = new Set();
  const tracks = new Set();
  const open = media.getUserMedia.bind(media);
  media.getUserMedia = async (wanted) => {
    const stream = await open(wanted);
    for (const track of stream.getTracks()) tracks.add(track);
    if (!stream.getTracks().some(({ label }) => gone.has(label))) return stream;
    for (const track of stream.getTracks()) track.stop();
    throw new DOMException("Requested device not found", "NotFoundError");
  };
  media.enumerateDevices = async () => (await list()).filter(({ label }) => !gone.has(label));
  window.unplug = (label) => {
    gone.add(label);
    for (const track of tracks) {
      if (track.label !== label || track.readyState === "ended") continue;
      track.stop();
      track.dispatchEvent(new Event("ended"));
    }
    media.dispatchEvent(new Event("devicechange"));
  };
  window.plug = (label) => {
    gone.delete(label);
    media.dispatchEvent(new Event("devicechange"));
  };
"""
# The page has looked at what is left before the device is there again: it asks first, and is answered in order.
OUT_AND_IN = """async (label) => {
  window.unplug(label);
  for (let look = 0; look < 3; look++) await navigator.mediaDevices.enumerateDevices();
  window.plug(label);
}"""
# The labels of the devices whose tracks are sent.
SENT = """() => window.connections.at(-1).getSenders()
  .map(({ track }) => track?.label ?? null).filter((label) => label !== null).sort()"""
# What the audio elements play on, by the name of the device.
PLAYING = """async () => {
  const all = await navigator.mediaDevices.enumerateDevices();
  const name = (id) => all.find((d) => d.kind === "audiooutput" && d.deviceId === id)?.label ?? id;
  return [...document.querySelectorAll("audio")].map((audio) => name(audio.sinkId));
}"""


@pytest.fixture(scope="module")
def two(resident: Callable[..., Person]) -> tuple[Person, Person, str]:
    ada, ben = resident("Ada"), resident("Ben")
    ada.context.add_init_script(PLUGS)
    link = ada.new_meeting("Rehearsal")
    ada.ask_to_join().is_in()
    ben.join(link)
    return ada, ben, link


def choice(person: Person, kind: str) -> Locator:
    return person.page.get_by_role("combobox", name=kind)


def choose(person: Person, kind: str, label: str) -> None:
    choice(person, kind).select_option(label=label)


def chosen(person: Person, kind: str) -> str:
    return choice(person, kind).evaluate("(select) => select.selectedOptions[0].label")


def sends(person: Person, *labels: str) -> None:
    wanted = sorted(labels)
    person.until(lambda: person.page.evaluate(SENT) == wanted, f"does not send from {wanted}")


def says(person: Person, words: str) -> None:
    expect(person.page.get_by_role("status", name="What happened")).to_contain_text(words)


def test_each_device_can_be_chosen_during_the_call(two: tuple[Person, Person, str]) -> None:
    ada, ben, _ = two
    ada.press("Devices")
    choose(ada, "Camera", "fake_device_3")
    choose(ada, "Microphone", "Fake Audio Input 2")
    choose(ada, "Speaker", "Fake Audio Output 1")
    ada.picture("devices-window")
    ada.page.keyboard.press("Escape")
    sends(ada, "fake_device_3", "Fake Audio Input 2")
    ada.until(lambda: set(ada.page.evaluate(PLAYING)) == {"Fake Audio Output 1"}, "sound comes from elsewhere")
    ben.sees("Ada")
    ada.sees("Ben")


def test_the_choice_is_remembered_and_can_be_changed_before_a_call(two: tuple[Person, Person, str]) -> None:
    ada, ben, link = two
    ada.page.goto("about:blank")  # a page that is loaded again goes back in without asking
    ada.open(link)
    expect(choice(ada, "Camera")).to_be_visible()
    for kind, label in (
        ("Camera", "fake_device_3"),
        ("Microphone", "Fake Audio Input 2"),
        ("Speaker", "Fake Audio Output 1"),
    ):
        ada.until(lambda: chosen(ada, kind) == label, f"{kind} is not {label}")  # noqa: B023
    choose(ada, "Microphone", "Fake Audio Input 1")
    ada.picture("devices-before")
    ada.ask_to_join().is_in()
    sends(ada, "fake_device_3", "Fake Audio Input 1")
    ben.sees("Ada")


def test_unplugging_takes_the_next_best_and_names_both(two: tuple[Person, Person, str]) -> None:
    ada, ben, _ = two
    ada.page.evaluate("window.unplug('Fake Audio Input 1')")
    says(ada, "Fake Audio Input 1 is gone. Fake Default Audio Input is used now")
    ada.picture("devices-unplugged")
    sends(ada, "fake_device_3", "Fake Default Audio Input")
    ada.page.evaluate("window.unplug('fake_device_3')")
    says(ada, "fake_device_3 is gone. fake_device_0 is used now")
    sends(ada, "fake_device_0", "Fake Default Audio Input")
    ben.sees("Ada")
    expect(ben.mark("Ada", "muted")).to_have_count(0)
    ada.page.evaluate("window.unplug('Fake Audio Output 1')")
    says(ada, "Fake Audio Output 1 is gone. Fake Default Audio Output is used now")

    def by_the_browser() -> bool:
        playing = set(ada.page.evaluate(PLAYING))
        return playing != set() and playing <= {"", "default"}

    ada.until(by_the_browser, "sound still goes to what is gone, or nowhere")


def test_plugging_in_is_noticed_and_what_was_chosen_is_used_again(two: tuple[Person, Person, str]) -> None:
    ada, ben, _ = two
    ada.page.evaluate("window.plug('fake_device_3')")
    says(ada, "fake_device_3 is there and is used now")
    sends(ada, "fake_device_3", "Fake Default Audio Input")
    ada.page.evaluate(OUT_AND_IN, "Fake Audio Input 2")
    says(ada, "Fake Audio Input 2 was plugged in. Choose it under Devices")
    sends(ada, "fake_device_3", "Fake Default Audio Input")
    ben.sees("Ada")


def test_the_last_camera_unplugged_is_said_with_its_code(two: tuple[Person, Person, str]) -> None:
    ada, ben, _ = two
    for camera in ("fake_device_0", "fake_device_1", "fake_device_2", "fake_device_3"):
        ada.page.evaluate(f"window.unplug('{camera}')")
    ada.is_told("RF6204")
    expect(ben.mark("Ada", "camera off")).to_be_visible()
    expect(ada.button(begins("Start camera"))).to_be_visible()
    ada.page.evaluate("window.plug('fake_device_0')")
    expect(ada.page.get_by_role("alert").filter(has_text=re.compile(r"RF\d{4}"))).to_have_count(0)
    ben.sees("Ada")


def test_on_a_phone_they_are_chosen_beside_the_preview_and_join_stays_in_sight(
    two: tuple[Person, Person, str], somebody: Callable[..., Person]
) -> None:
    _, ben, link = two
    cleo = somebody("Cleo", viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    cleo.open(link)
    expect(cleo.button("Join")).to_be_in_viewport()
    expect(choice(cleo, "Microphone")).to_have_count(0)
    cleo.press("Devices")
    choose(cleo, "Microphone", "Fake Audio Input 2")
    cleo.picture("devices-phone")
    cleo.press("Close")
    expect(cleo.button("Devices")).to_be_focused()
    cleo.ask_to_join().is_in()
    sends(cleo, "fake_device_0", "Fake Audio Input 2")
    ben.sees("Cleo")
