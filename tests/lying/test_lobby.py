"""Lies to who may admit: knocks passed as admitted, with no admission, a forged one, or another's package.
The victim is whoever would commit: the host's own page, or a guest's when the host seems gone."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, expect

from .accomplice import Accomplice
from .call import Call
from .documents import Key, Link, b64, sha256, unb64
from .page import Victim
from .proxy import Message
from .world import World


def knock_of(one: Accomplice, by: Key | None) -> Message:
    """A knock as the server would pass it on, said to need nobody's click."""
    group = unb64(one.hello["group"])
    one.certify(group)
    package = one.ask("package")["package"]
    fields = {
        "meeting": one.link.meeting,
        "group": group,
        "member": one.member.public,
        "package": sha256(unb64(package)),
        "nonce": bytes(16),
    }
    return {
        "t": "knock",
        "id": "k" * 8,
        "package": package,
        "admission": b64(one.admission(group, by)) if by else None,
        "proof": b64(one.link.key.sign("knock", fields)),
        "names": [],
        "member": b64(one.member.public),
        "auto": True,
    }


def not_admitted(ghost: Accomplice) -> Message:
    return knock_of(ghost, None)


def admitted_by_the_link(ghost: Accomplice) -> Message:
    return knock_of(ghost, ghost.link.key)


def admitted_by_itself(ghost: Accomplice) -> Message:
    return knock_of(ghost, ghost.member)


# In a lobby: a link holder who was never admitted, and a server that says they were.
LOBBY = (not_admitted, admitted_by_the_link, admitted_by_itself)


@pytest.mark.parametrize("knock", LOBBY, ids=lambda v: v.__name__)
def test_a_guest_left_alone_admits_nobody_to_a_lobby(call, accomplices, knock: Callable[[Accomplice], Message]):
    meeting = call(admission="lobby")
    ghost = accomplices(meeting.owner.link)
    alone(meeting, knock(ghost))
    meeting.victim.refuses("knock-unfounded")
    meeting.victim.sends()  # twice: time enough to commit, if it would
    meeting.victim.sends()
    assert "commit" not in said(meeting)


def alone(meeting: Call, *told: Message) -> None:
    leaf = next(e["leaf"] for e in meeting.host.state["members"] if e["leaf"] != 0)
    meeting.session.tell({"t": "present", "leaves": [leaf]}, *told)


def said(meeting: Call) -> set[str]:
    return {message["t"] for message in meeting.session.said}


# In a link meeting: the server has no link key, so it forges, or uses what an honest guest said.


def proof_of_no_link_holder(ghost: Accomplice) -> Message:
    forger = Link(ghost.link.meeting, bytes(16), ghost.link.owner_half)
    return knock_of(ghost, ghost.link.key) | {"proof": b64(forger.key.sign("knock", {"meeting": ghost.link.meeting}))}


def admission_of_no_link_holder(ghost: Accomplice) -> Message:
    return knock_of(ghost, Key())


def package_of_another(ghost: Accomplice) -> Message:
    genuine = knock_of(ghost, ghost.link.key)
    other = Accomplice(ghost.server, ghost.attacker, ghost.link)
    other.certify(unb64(ghost.hello["group"]))
    return genuine | {"package": other.ask("package")["package"]}


LINK = {
    proof_of_no_link_holder: "signature-wrong",
    admission_of_no_link_holder: "knock-unfounded",
    package_of_another: "knock-elsewhere",
}


@pytest.mark.parametrize(("knock", "name"), LINK.items(), ids=lambda v: getattr(v, "__name__", ""))
def test_a_forged_knock_brings_nobody_in(call, accomplices, knock, name: str):
    meeting = call()
    alone(meeting, knock(accomplices(meeting.owner.link)))
    meeting.victim.refuses(name)
    meeting.victim.sends()  # twice: time enough to commit, if it would
    meeting.victim.sends()
    assert "commit" not in said(meeting)


@pytest.fixture
def host_page(browser: Browser, world: World) -> Iterator[tuple[Victim, Link]]:
    """The owner's own page in a lobby meeting that it made."""
    with Victim(browser, world.server.url) as host:
        page = host.open(world.server.url).page
        page.get_by_role("button", name="New meeting").click()
        page.get_by_role("textbox", name="Meeting name").fill("Parents' evening")
        page.get_by_role("radio", name="People I admit").check()
        expect(page.get_by_role("radio", name="Only this server")).to_be_checked()
        page.get_by_role("button", name="Create meeting").click()
        shown = page.get_by_role("textbox", name="Meeting link")
        expect(shown).to_have_value(re.compile("#"))
        link = shown.input_value()
        host.open(link).ask_to_join("Hanna")
        host.is_in()
        yield host, Link.parse(link)


@pytest.mark.parametrize("knock", LOBBY, ids=lambda v: v.__name__)
def test_the_hosts_page_admits_nobody_without_a_click(
    host_page, world: World, accomplices, knock: Callable[[Accomplice], Message]
):
    host, link = host_page
    session = world.server.lie.session()
    ghost = accomplices(link)
    session.tell(knock(ghost))
    admit = host.page.get_by_role("button", name=re.compile("^Admit"))
    expect(admit.or_(host.alert()).first).to_be_visible()
    assert "commit" not in {m["t"] for m in session.said}


def test_the_host_is_told_when_the_server_swaps_who_was_admitted(host_page, world: World, accomplices):
    host, link = host_page
    session = world.server.lie.session()
    session.tell(package_of_another(accomplices(link)) | {"admission": None, "auto": False})
    admit = host.page.get_by_role("button", name=re.compile("^Admit"))
    expect(admit.or_(host.alert()).first).to_be_visible()
    if admit.count():
        admit.first.click()
    host.refuses("knock-elsewhere")
    assert "commit" not in {m["t"] for m in session.said}
