"""The owner changes the rules during the call: everybody is told in words, and from then on they hold."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from .person import DEFAULT_FENCE, Person, agreed

OURS = """name = "Ours, by the operator's word"
version = 1

[allow]
nodes = ["{node}"]

[evidence]
minimum = "stated"
"""
Three = tuple[Person, Person, Person, str]


@pytest.fixture(scope="module")
def three(resident: Callable[..., Person]) -> Three:
    """The owner, two guests, and the link."""
    ada, ben, cleo = resident("Adelheid"), resident("Benedikt"), resident("Cleo")
    link = ada.new_meeting("Parish council")
    ada.ask_to_join().is_in()
    ben.join(link)
    cleo.join(link)
    ada.sees("Cleo")
    return ada, ben, cleo, link


def change(owner: Person, panel: str = "People") -> Locator:
    """The dialog in which the rules are changed."""
    owner.panel(panel)
    owner.press("Change the rules")
    dialog = owner.page.get_by_role("dialog", name="Change the rules")
    expect(dialog.get_by_role("radio", name=DEFAULT_FENCE, exact=True)).to_be_visible()
    return dialog


def confirm(owner: Person, *words: str) -> None:
    """The owner reads what would differ, in the words in which all are told, and puts it in force."""
    owner.press("See what changes")
    dialog = owner.page.get_by_role("dialog", name="What would change")
    differs = dialog.get_by_role("region", name="What everybody will be told")
    for said in words:
        expect(differs.get_by_text(said, exact=True)).to_be_visible()
    owner.picture("rules-what-would-change")
    dialog.get_by_role("button", name="Change for everybody", exact=True).click()


def told(person: Person, *words: str) -> None:
    """A banner says it, until it was read."""
    banner = person.page.get_by_role("region", name="Rules of this meeting")
    for said in words:
        expect(banner.get_by_text(said, exact=True)).to_be_visible()
    understood = banner.get_by_role("button", name="Understood", exact=True)
    understood.click()
    expect(understood).to_have_count(0)


def test_a_lobby_and_a_second_host_are_told_to_all_and_hold_from_then_on(
    three: Three, somebody: Callable[..., Person]
) -> None:
    ada, ben, cleo, link = three
    change(ada)
    ada.choose("Who can join", "People I admit")
    confirm(ada, "A host has to let people in.")
    for guest in (ben, cleo):
        told(guest, "The owner changed the rules of this meeting", "A host has to let people in.")
    told(ada, "You changed the rules of this meeting", "A host has to let people in.")
    walt = somebody("Walt")
    walt.open(link).ask_to_join()
    walt.is_waiting()

    ada.panel("People")
    ada.press("Make host: Benedikt")
    ada.press("Make host")
    told(ben, "You are a host now: you can let people in, and remove them.")
    told(cleo, "Benedikt is a host now.")
    told(ada, "Benedikt is a host now.")
    walt_at_the_door = ben.button(re.compile("^Admit.*Walt"))
    expect(walt_at_the_door).to_be_visible()
    ben.picture("rules-second-host")
    ben.admit("Walt")
    walt.is_in()
    walt.sees("Adelheid")
    ben.remove("Walt")
    walt.reads_removed()
    cleo.panel("People")
    expect(cleo.button(re.compile("^(Remove|Make|Change)"))).to_have_count(0)


def test_who_was_made_host_is_host_after_a_reload_until_it_is_taken_back(three: Three) -> None:
    ada, ben, cleo, _ = three
    ben.page.reload()
    ben.is_in()
    ben.panel("People")
    expect(ben.button("Remove Cleo")).to_be_visible()
    ada.panel("People")
    ada.press("Benedikt shall be no host")
    ada.press("End it")
    told(ben, "You are no host any more.")
    expect(ben.button("Remove Cleo")).to_have_count(0)
    told(cleo, "Benedikt is no host any more.")
    told(ada, "Benedikt is no host any more.")


def test_another_fence_is_told_with_its_sentences_and_media_goes_on_under_new_keys(three: Three) -> None:
    ada, ben, cleo, _ = three
    before = agreed(ada, ben, cleo)
    dialog = change(ada, "Where this meeting is")
    ada.choose("Fence", "Write my own")
    node = ada.page.evaluate("fetch('/api/v1/node').then((answer) => answer.json())")["node"]
    dialog.get_by_role("textbox", name="Policy").fill(OURS.format(node=node))
    # Of this very policy: other cards may say the same of other fences.
    card = dialog.locator("label", has=ada.page.get_by_role("radio", name="Write my own"))
    expect(card.get_by_text(re.compile("allows 1 of 1 server"))).to_be_visible()
    ada.picture("rules-own-fence")
    confirm(ada, "The fence is “Ours, by the operator's word” now.")
    for guest in (ben, cleo):
        told(guest, "The fence is “Ours, by the operator's word” now.")
        expect(guest.place().get_by_text(re.compile("inside the fence “Ours"))).to_be_visible()
    told(ada, "You changed the rules of this meeting")
    pages = (ada, ben, cleo)
    # A code that is shown stays for some seconds, so that it can be read out.
    ada.until(lambda: agreed(*pages) != before, "the code stays the same")
    for person in pages:
        for other in pages:
            if other is not person:
                person.sees(other.name)
    ben.picture("rules-where")


def test_a_fence_that_excludes_this_server_changes_nothing(three: Three) -> None:
    ada, ben, *_ = three
    epoch = agreed(ada, ben)[1]
    change(ada)
    ada.choose("Fence", "European Union")
    ada.press("See what changes")
    ada.until(lambda: any(code.startswith("RF2") for code in ada.alerts()), "is told no reason")
    ada.picture("rules-refused")
    ada.press("Cancel")
    assert ben.code()[1] == epoch
    ada.chat("We stay where we are")
    ben.reads("We stay where we are")


def test_before_joining_the_page_follows_a_change(three: Three, somebody: Callable[..., Person]) -> None:
    ada, _, _, link = three
    dora = somebody("Dora")
    dora.open(link)
    expect(dora.button("Join")).to_be_visible()
    change(ada)
    ada.choose("Who can join", "Anyone with the link")
    ada.choose("Fence", DEFAULT_FENCE)
    confirm(ada)
    told(
        dora,
        "The owner changed the rules of this meeting",
        "Whoever has the link can come in; but where a host removed somebody, a host lets people in until the meeting "
        "has ended and begins anew.",
    )
    expect(dora.page.get_by_text(re.compile("inside the fence “Only this server”", re.IGNORECASE))).to_be_visible()
    dora.picture("rules-before")
