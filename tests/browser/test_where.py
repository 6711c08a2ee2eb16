"""Where a meeting is: each page names the nodes, says why they are allowed, and shows one code for all."""

import json
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from .person import Person, agreed

Three = tuple[Person, Person, Person]


@pytest.fixture(scope="module")
def three(resident: Callable[..., Person]) -> Three:
    people = resident("Ada"), resident("Ben"), resident("Cleo")
    link = people[0].new_meeting("Parish council")
    people[0].ask_to_join().is_in()
    people[1].join(link)
    people[2].join(link)
    return people


def test_the_code_is_the_same_on_all_pages_and_moves_with_the_epoch(three: Three) -> None:
    ada, ben, cleo = three
    code, epoch = agreed(*three)
    assert re.fullmatch(r"(\d{5} ){3}\d{5}", code)
    cleo.leave()
    ada.until(lambda: ada.code()[1] > epoch and ben.code()[1] > epoch, "stays in the old epoch")
    later, later_epoch = agreed(ada, ben)
    assert later_epoch > epoch
    assert later != code


def test_the_panel_names_the_node_its_operator_and_why_it_is_allowed(three: Three) -> None:
    ada = three[0]
    node = json.loads(ada.page.evaluate("fetch('/api/v1/node').then((answer) => answer.text())"))
    place = ada.place()
    for words in (node["name"], node["operator"]["name"], node["node"], "127.0.0.1"):
        expect(place).to_contain_text(words)
    for words in ("Stated", "Checked by your browser", "Stated by the operator", "allowed"):
        expect(place).to_contain_text(words, ignore_case=True)
    expect(place).to_contain_text(re.compile(r"RF2\d{3}"))  # each reason has its code
    ada.picture("where")


def test_before_joining_the_page_says_where_and_why(three: Three, somebody: Callable[..., Person]) -> None:
    ada = three[0]
    newcomer = somebody("Dora")
    link = newcomer.new_meeting("Choir")
    expect(newcomer.button("Join")).to_be_visible()
    page = newcomer.page.get_by_role("main")
    expect(page).to_contain_text("Choir")
    node = json.loads(newcomer.page.evaluate("fetch('/api/v1/node').then((answer) => answer.text())"))
    for place in (page, ada.place()):
        expect(place).to_contain_text(node["operator"]["name"])
    expect(page).to_contain_text("fence", ignore_case=True)
    newcomer.picture("before-join")
    assert "#" in link
    assert "#" not in newcomer.page.url, "the key does not stay in the address bar"
