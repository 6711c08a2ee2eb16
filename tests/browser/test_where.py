"""Where a meeting is: each page names the nodes, says why they are allowed, and shows one code for all."""

import json
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from .person import Person

Three = tuple[Person, Person, Person]


@pytest.fixture(scope="module")
def three(resident: Callable[..., Person]) -> Three:
    people = resident("Ada"), resident("Ben"), resident("Cleo")
    link = people[0].new_meeting("Parish council")
    people[0].ask_to_join().is_in()
    people[1].join(link)
    people[2].join(link)
    return people


def codes(people: tuple[Person, ...]) -> set[tuple[str, int]]:
    """Codes with epochs, when all show the same epoch."""
    last = people[-1]
    last.until(lambda: len({p.code()[1] for p in people}) == 1, "the pages never show the same epoch", 40)
    return {p.code() for p in people}


def test_the_code_is_the_same_on_all_pages_and_moves_with_the_epoch(three: Three) -> None:
    ada, ben, cleo = three
    ((code, epoch),) = codes(three)
    assert re.fullmatch(r"(\d{5} ){3}\d{5}", code)
    cleo.leave()
    ada.until(lambda: ada.code()[1] > epoch and ben.code()[1] > epoch, "stays in the old epoch", 40)
    ((later, later_epoch),) = codes((ada, ben))
    assert later_epoch > epoch
    assert later != code


def test_the_panel_names_the_node_its_operator_and_why_it_is_allowed(three: Three) -> None:
    ada = three[0]
    node = json.loads(ada.page.evaluate("fetch('/api/v1/node').then((answer) => answer.text())"))
    place = ada.place()
    expect(place).to_be_visible()
    text = place.inner_text()
    assert node["name"] in text
    assert node["operator"]["name"] in text
    assert node["node"] in text
    for word in ("Stated", "Checked by your browser", "Stated by the operator", "allowed"):
        assert word.lower() in text.lower()
    assert re.search(r"RF2\d{3}", text), "each reason has its code"
    assert "127.0.0.1" in text
    ada.picture("where")


def test_before_joining_the_page_says_where_and_why(three: Three, somebody: Callable[..., Person]) -> None:
    ada = three[0]
    host = ada.place().inner_text()
    newcomer = somebody("Dora")
    link = newcomer.new_meeting("Choir")
    text = newcomer.page.get_by_role("main").inner_text()
    expect(newcomer.button("Join")).to_be_visible(timeout=10000)
    text = newcomer.page.get_by_role("main").inner_text()
    assert "Choir" in text
    node = json.loads(newcomer.page.evaluate("fetch('/api/v1/node').then((answer) => answer.text())"))
    assert node["operator"]["name"] in text
    assert node["operator"]["name"] in host
    assert re.search("fence", text, re.IGNORECASE)
    newcomer.picture("before-join")
    assert "#" in link
    assert "#" not in newcomer.page.url, "the key does not stay in the address bar"
