"""A whole meeting by keyboard alone, and on a phone by touch alone: where the focus goes, and what is said aloud.
Nothing here clicks with a mouse; what pages look like to a screen reader otherwise is axe-core's (web/tests)."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from .conftest import people
from .person import Person, agreed
from .server import Server
from .sharing import is_large, is_shown, screen, write

NAMED = "(e) => (e.getAttribute('aria-label') ?? e.labels?.[0]?.innerText ?? e.innerText).split('\\n')[0].trim()"
PHONE = {"width": 390, "height": 844}


class Keys:
    """Somebody without a mouse."""

    def __init__(self, person: Person) -> None:
        self.person, self.page = person, person.page

    def focused(self) -> Locator:
        return self.page.locator(":focus")

    def tab_to(self, role: str, name: str) -> Locator:
        """Goes forward, as far as once around, until it is there."""
        wanted = self.page.get_by_role(role, name=name, exact=True)
        expect(wanted.first).to_be_enabled()
        for _ in range(60):
            if wanted.evaluate_all("(all) => all.some((one) => one === document.activeElement)"):
                return wanted
            self.page.keyboard.press("Tab")
        raise AssertionError(f"Tab does not reach {role} {name}")

    def press(self, role: str, name: str, key: str = "Enter") -> None:
        self.tab_to(role, name)
        self.page.keyboard.press(key)

    def write(self, name: str, text: str) -> None:
        self.tab_to("textbox", name)
        self.page.keyboard.type(text)

    def order(self, steps: int) -> list[str]:
        """What Tab reaches next, one after another."""
        found = []
        for _ in range(steps):
            self.page.keyboard.press("Tab")
            found.append(self.focused().evaluate(NAMED))
        return found


def says(page: Page, text: str | re.Pattern[str]) -> None:
    """A live region has this, so that a screen reader says it."""
    live = page.locator("[role=status], [role=alert], [role=log], [aria-live=polite]")
    expect(live.filter(has_text=text).first).to_be_attached()


def without_a_mouse(person: Person) -> Keys:
    person.context.grant_permissions(
        ["camera", "microphone", "clipboard-write", "clipboard-read"], origin=person.origin
    )
    return Keys(person)


@pytest.fixture
def ada(somebody: Callable[..., Person]) -> Keys:
    return without_a_mouse(somebody("Ada"))


def create(keys: Keys, title: str, who: str) -> str:
    """Makes a meeting and copies its link; answers what was copied."""
    page = keys.page
    page.goto(keys.person.origin)
    keys.press("button", "New meeting")
    name = page.get_by_role("textbox", name="Meeting name")
    expect(name).to_be_focused()
    expect(page.get_by_role("radio", name="Only this server")).to_be_checked()
    page.keyboard.type(title)
    assert keys.order(1) == ["Anyone with the link"]
    if who == "People I admit":
        page.keyboard.press("ArrowDown")
    expect(page.get_by_role("radio", name=who)).to_be_checked()
    keys.press("button", "Create meeting")
    expect(page.get_by_role("textbox", name="Meeting link")).to_be_focused()
    keys.press("button", "Copy link")
    says(page, "Copied")
    copied = page.evaluate("() => navigator.clipboard.readText()")
    assert re.search(r"/m/[\w-]{22}#[\w-]{43}$", copied)
    return copied


def go_in(keys: Keys) -> None:
    keys.write("Your name", keys.person.name)
    keys.page.keyboard.press("Enter")
    keys.person.is_in()
    # Join is gone with its page: reading goes on at the head of the call.
    expect(keys.page.get_by_role("heading", level=1)).to_be_focused()


def test_a_dialog_that_is_closed_gives_the_focus_back(ada: Keys) -> None:
    ada.page.goto(ada.person.origin)
    ada.press("button", "New meeting")
    expect(ada.page.get_by_role("textbox", name="Meeting name")).to_be_focused()
    ada.page.keyboard.press("Escape")
    expect(ada.page.get_by_role("button", name="New meeting")).to_be_focused()


def test_a_form_that_lacks_something_says_it_and_goes_there(ada: Keys) -> None:
    ada.page.goto(ada.person.origin)
    ada.press("button", "New meeting")
    expect(ada.page.get_by_role("radio", name="Only this server")).to_be_checked()
    ada.press("button", "Create meeting")
    says(ada.page, "Give the meeting a name")
    expect(ada.page.get_by_role("textbox", name="Meeting name")).to_be_focused()


def test_a_meeting_is_made_shared_held_and_left_by_keyboard(ada: Keys, somebody: Callable[..., Person]) -> None:
    page = ada.page
    link = create(ada, "Parish council", "People I admit")
    ada.press("link", "Open meeting")
    go_in(ada)

    # mute, and what is said of it
    ada.press("button", "Mute", "Space")
    says(page, "Your microphone is muted")
    expect(page.get_by_role("button", name="Unmute")).to_be_focused()
    before = ["Stop camera", "Share screen", "Devices", "Chat", "People", "Where this meeting is", "Leave"]
    assert ada.order(7) == before

    # admit: the knock is said, and the keyboard's place is kept when it is answered
    ben = somebody("Ben").open(link).ask_to_join()
    says(page, "Ben asks to come in")  # for some seconds
    ben.is_waiting()
    says(ben.page, "Nothing of the meeting has been sent")
    ada.press("button", "Admit Ben")
    says(page, "Ben came in")
    ben.is_in()
    expect(page.get_by_role("heading", level=1)).to_be_focused()

    # chat
    ada.press("button", "Chat")
    expect(page.get_by_role("textbox", name="Message")).to_be_focused()
    page.keyboard.type("Good morning")
    page.keyboard.press("Enter")
    expect(page.get_by_role("log").get_by_text("Good morning")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Chat", exact=True)).to_be_focused()
    ben.chat("Good morning, Ada")
    says(page, "1 new message")

    # verify
    ada.press("button", "Where this meeting is")
    expect(page.get_by_role("heading", name="Where this meeting is")).to_be_focused()
    says(page, re.compile(r"\d{5} \d{5} \d{5} \d{5}"))
    agreed(ada.person, ben)
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Where this meeting is", exact=True)).to_be_focused()

    # remove: first not, then yes
    ada.press("button", "People")
    expect(page.get_by_role("heading", name="People")).to_be_focused()
    ada.press("button", "Remove Ben")
    expect(page.get_by_role("alertdialog").get_by_role("button", name="Cancel")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Remove Ben")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("alertdialog").get_by_role("button", name="Cancel")).to_be_focused()
    assert ada.order(1) == ["Remove"]
    page.keyboard.press("Enter")
    ben.reads_removed()
    expect(ben.page.get_by_role("heading", level=1)).to_be_focused()
    expect(page.get_by_role("button", name="Remove Ben")).to_have_count(0)
    expect(page.get_by_role("heading", name="People")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="People", exact=True)).to_be_focused()

    ada.press("button", "Leave")
    expect(page.get_by_role("heading", name="You left the meeting")).to_be_focused()


def test_a_screen_is_shared_by_keyboard_and_all_that_happens_is_said(
    somebody: Callable[..., Person], sharing_browser: Browser
) -> None:
    ada = without_a_mouse(somebody("Ada", sharing_browser))
    page = ada.page
    link = create(ada, "Parish council", "Anyone with the link")
    ada.press("link", "Open meeting")
    go_in(ada)
    ben = without_a_mouse(somebody("Ben"))
    ben.page.goto(link)
    go_in(ben)
    head = ben.page.get_by_role("heading", level=1)
    ben.person.sees("Ada")
    write(ada.person)
    after = ["Devices", "Chat", "People", "Where this meeting is", "Leave"]

    for key in ("Enter", "Space"):
        ada.press("button", "Share screen", key)
        says(page, "You are sharing your screen and its sound.")
        expect(page.get_by_role("button", name="Stop sharing")).to_be_focused()
        assert ada.order(5) == after
        is_shown(ben.person, "Ada")
        is_large(ben.person, "Ada")
        says(ben.page, "Ada shares their screen")
        expect(head).to_be_focused()  # what others do moves nobody's place

        ada.press("button", "Stop sharing", key)
        says(page, "Your screen is not shared")
        expect(page.get_by_role("button", name="Share screen")).to_be_focused()
        assert ada.order(5) == after
        expect(screen(ben.person, "Ada")).to_have_count(0)
        says(ben.page, "Nobody else shares a screen")
        expect(head).to_be_focused()

    # From anywhere by one key, which leaves the place as it is.
    ada.tab_to("button", "Chat")
    page.keyboard.press("s")
    is_shown(ben.person, "Ada")
    expect(page.get_by_role("button", name="Chat", exact=True)).to_be_focused()
    page.keyboard.press("s")
    expect(screen(ben.person, "Ada")).to_have_count(0)
    says(page, "Your screen is not shared")
    expect(page.get_by_role("button", name="Chat", exact=True)).to_be_focused()


def test_the_same_by_touch_on_a_phone(browser: Browser, server: Server) -> None:
    with people(browser, server.url) as somebody:
        ada = somebody("Ada", viewport=PHONE, has_touch=True, is_mobile=True)
        page = ada.page

        def tap(role: str, name: str) -> None:
            page.get_by_role(role, name=name, exact=True).tap()

        page.goto(ada.origin)
        tap("button", "New meeting")
        expect(page.get_by_role("radio", name="Only this server")).to_be_checked()
        page.get_by_role("textbox", name="Meeting name").fill("Parish council")
        tap("radio", "People I admit")
        tap("button", "Create meeting")
        link = page.get_by_role("textbox", name="Meeting link")
        expect(link).to_have_value(re.compile("#"))
        address = link.input_value()
        tap("link", "Open meeting")
        page.get_by_role("textbox", name="Your name").fill("Ada")
        tap("button", "Join")
        ada.is_in()
        ben = somebody("Ben").open(address).ask_to_join()
        tap("button", "Admit Ben")
        ben.is_in()
        ada.sees("Ben")
        tap("button", "Mute")
        expect(page.get_by_role("button", name="Unmute")).to_be_visible()
        tap("button", "Chat")
        page.get_by_role("textbox", name="Message").fill("Good morning")
        tap("button", "Send")
        ben.reads("Good morning")
        tap("button", "Close")
        tap("button", "Where this meeting is")
        expect(page.get_by_test_id("verification-code")).to_be_visible()
        tap("button", "Close")
        tap("button", "People")
        tap("button", "Remove Ben")
        page.get_by_role("alertdialog").get_by_role("button", name="Remove", exact=True).tap()
        ben.reads_removed()
        tap("button", "Leave")
        expect(page.get_by_role("heading", name="You left the meeting")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
