"""The fence when a meeting is made: what each preset can do here is said, and what is refused stays so."""

import re
from collections.abc import Callable

from playwright.sync_api import expect

from .person import Person

DEFAULT = "Only this server"


def test_this_server_is_the_fence_unless_another_is_chosen(somebody: Callable[..., Person]) -> None:
    ada = somebody("Ada")
    dialog = ada.begin_meeting("Choir")
    fence = dialog.get_by_role("radiogroup", name="Fence")
    expect(fence.get_by_role("radio", name=DEFAULT)).to_be_checked()
    expect(fence.get_by_text(re.compile("allows 1 of 1 server"))).to_be_visible()
    ada.picture("new-meeting")


def test_presets_say_beforehand_that_a_private_address_satisfies_none_of_them(
    somebody: Callable[..., Person],
) -> None:
    ada = somebody("Ada")
    dialog = ada.begin_meeting("Choir")
    fence = dialog.get_by_role("radiogroup", name="Fence")
    expect(fence.get_by_role("radio", name=DEFAULT)).to_be_checked()
    expect(dialog.get_by_text(re.compile("private address", re.IGNORECASE)).first).to_be_visible()
    expect(dialog.get_by_text(re.compile("operator.s word", re.IGNORECASE)).first).to_be_visible()


def test_a_fence_that_excludes_this_server_makes_no_meeting(somebody: Callable[..., Person]) -> None:
    ada = somebody("Ada")
    dialog = ada.begin_meeting("Choir")
    fence = dialog.get_by_role("radiogroup", name="Fence")
    expect(fence.get_by_role("radio", name=DEFAULT)).to_be_checked()
    ada.pick(fence.get_by_role("radio", name="European Union"))
    expect(fence.get_by_text(re.compile("allows 0 of 1 server")).first).to_be_visible()
    ada.press("Create meeting")
    ada.until(lambda: any(code.startswith("RF2") for code in ada.alerts()), "is told no reason")
    expect(ada.page.get_by_role("textbox", name="Meeting link")).to_have_count(0)
    ada.picture("fence-refuses")
