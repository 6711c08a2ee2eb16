"""Without a lie the same server, proxy, pages and accomplice hold a call: so the other tests can fail.
What a lie breaks is in the other files."""

import pytest
from playwright.sync_api import Browser

from .page import Victim


def test_a_page_in_an_honest_call_sends_media_and_alerts_nobody(call):
    meeting = call()
    assert meeting.victim.alert().all_inner_texts() == []


@pytest.mark.parametrize("admission", ["link", "lobby"])
def test_the_honest_accomplice_lets_pages_in_that_see_each_other(call, browser: Browser, world, admission: str):
    first = call(admission=admission)
    with Victim(browser, world.server.url) as second:
        second.open(first.link).ask_to_join("Walt")
        first.host.welcome_next()
        second.is_in()
        first.victim.sees()
        second.sees()
        assert first.victim.alert().all_inner_texts() + second.alert().all_inner_texts() == []


def test_the_same_documents_signed_again_by_those_who_may_are_believed(world, victim):
    owner = world.owner()
    link = world.hold(owner)
    world.server.lie = world.serving(lambda served: served)
    victim.open(link).ask_to_join()
    victim.is_in()
    assert victim.alert().count() == 0
