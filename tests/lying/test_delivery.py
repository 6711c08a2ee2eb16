"""Genuine messages, delivered falsely: repeated, out of order, withheld, to the wrong group or an older one.
Messages that are false in themselves are in test_commits.py."""

import os
from collections.abc import Callable
from typing import Any

import pytest

from . import cbor
from .accomplice import Accomplice, book
from .call import Call
from .documents import Key, b64, unb64
from .proxy import Lie, Message, Session
from .world import World


def test_a_repeated_commit_is_refused_by_name(call, accomplices):
    meeting = call()
    before = len(meeting.session.told)
    join(meeting, accomplices)
    commit = meeting.session.wait("told", "commit", after=before)
    meeting.session.tell(commit)
    meeting.refused("commit-repeated")


def test_commits_in_another_order_are_refused_by_name(call, accomplices):
    held: list[Message] = []

    def turned_round(session: Session, message: Message) -> list[Message]:
        held.append(message)
        return held[::-1] if len(held) == 2 else []

    lie = Lie()
    meeting = call(lie)
    lie.rewrites["commit"] = turned_round
    join(meeting, accomplices)
    join(meeting, accomplices)
    # The first of the two may be the page's own, which comes back late where the second takes its time.
    meeting.refused("commit-withheld | commit-repeated | commit-not-echoed")


def test_a_withheld_commit_is_refused_when_others_speak_of_later_epochs(call, accomplices):
    lie = Lie()
    meeting = call(lie)
    lie.rewrites["commit"] = lambda session, message: None
    join(meeting, accomplices)
    meeting.host.beat()
    # Whether the page is told by what others say, or by its own commit, which does not come back either.
    meeting.refused("commit-withheld | commit-not-echoed")


def test_a_page_whose_own_commit_never_comes_back_says_so(world: World, victim, accomplices):
    owner = world.owner()
    link = world.hold(owner)
    world.server.lie = Lie(commit=lambda session, message: None)
    victim.open(link).ask_to_join()
    session = world.server.lie.session()
    session.wait("heard", "founded")
    guest = accomplices(owner.link)
    guest.knock(guest.admission(unb64(guest.hello["group"]), owner.link.key))
    session.wait("said", "commit")
    victim.refuses("commit-not-echoed")
    victim.sends_no_more()


def join(meeting: Call, accomplices: Callable[..., Accomplice]) -> Accomplice:
    guest = accomplices(meeting.owner.link)
    guest.knock(guest.admission(unb64(guest.hello["group"]), meeting.owner.link.key))
    meeting.host.welcome_next()
    guest.welcomed()
    return guest


# What is fed instead of the welcome to the group that the hello spoke of.


def twin(
    host: Accomplice,
    session: Session,
    message: Message,
    ghost: bool = False,
    psk: bool = True,
    **group: Any,
) -> Message:
    """Another group for the same meeting, whose founder helps the server; the victim is welcome."""
    knock = session.last("said", "knock")
    other = Accomplice(host.server, host.attacker, host.link, host.host)
    other.hello = host.hello
    group.setdefault("generation", 1)
    other.make_group(**{"group": unb64(host.state["group"])} | group)
    adds = [unb64(knock["package"])] + ([other.ghost(None).package] if ghost else [])
    plan = other.plan([unb64(knock["admission"])], adds=adds, psks=other.psks if psk else [])
    other.ledger = other.ledger_after({"admissions": [unb64(knock["admission"])], "removals": []}, 1)
    return message | {
        "welcome": plan["welcome"],
        "tree": other.ask("merge")["tree"],
        "ledger": b64(book(other.ledger)),
    }


def genuine_twin(host: Accomplice, session: Session, message: Message) -> Message:
    return twin(host, session, message)


def of_another_group(host: Accomplice, session: Session, message: Message) -> Message:
    return twin(host, session, message, group=os.urandom(32))


def of_an_older_generation(host: Accomplice, session: Session, message: Message) -> Message:
    return twin(host, session, message, generation=0)


def of_another_charter(host: Accomplice, session: Session, message: Message) -> Message:
    return twin(host, session, message, charter=os.urandom(32))


def of_another_route(host: Accomplice, session: Session, message: Message) -> Message:
    return twin(host, session, message, route=os.urandom(32))


def of_a_founder_without_a_right(host: Accomplice, session: Session, message: Message) -> Message:
    return twin(host, session, message, by=Key())


def with_a_ghost_beside(host: Accomplice, session: Session, message: Message) -> Message:
    return twin(host, session, message, ghost=True)


def without_the_psk(host: Accomplice, session: Session, message: Message) -> Message:
    return twin(host, session, message, psk=False)


def with_a_ghost_in_the_ledger(host: Accomplice, session: Session, message: Message) -> Message:
    ledger = cbor.decode(unb64(message["ledger"]))
    entries = ledger["entries"]
    return message | {"ledger": b64(book([*entries, entries[-1] | {"member": bytes(32)}]))}


def with_a_former_charter_that_never_was(host: Accomplice, session: Session, message: Message) -> Message:
    former = [{"until": 1, "charter": unb64(host.hello["charter"])}]
    return message | {"ledger": b64(book(cbor.decode(unb64(message["ledger"]))["entries"], former))}


def without_the_founder_in_the_ledger(host: Accomplice, session: Session, message: Message) -> Message:
    return message | {"ledger": b64(book(cbor.decode(unb64(message["ledger"]))["entries"][1:]))}


def with_the_tree_of_before(host: Accomplice, session: Session, message: Message) -> Message:
    return message | {"tree": host.first_tree}


WELCOMES = {
    of_another_group: "welcome-foreign",
    of_an_older_generation: "welcome-foreign | generation-older | greeting-mismatch",
    of_another_charter: "welcome-foreign | charter-change",
    of_another_route: "welcome-foreign | route-change",
    of_a_founder_without_a_right: "genesis-not-allowed",
    with_a_ghost_beside: "admission-missing",
    with_a_ghost_in_the_ledger: "ledger-mismatch | ledger-inconsistent",
    with_a_former_charter_that_never_was: "charter-not-next | ledger-mismatch",
    without_the_founder_in_the_ledger: "ledger-mismatch | ledger-inconsistent | field-wrong",
    with_the_tree_of_before: "welcome-unreadable",
}


@pytest.mark.parametrize(("wrong", "name"), WELCOMES.items(), ids=lambda v: getattr(v, "__name__", ""))
def test_a_wrong_welcome_is_refused_by_name(call, wrong, name: str):
    meeting = call(lambda host: Lie(welcome=lambda s, w: wrong(host, s, w)), flows=False)
    meeting.victim.refuses(name)
    meeting.victim.never_sent()


def test_a_welcome_without_the_links_secret_is_refused_by_name(call):
    meeting = call(lambda host: Lie(welcome=lambda s, w: without_the_psk(host, s, w)), flows=False)
    meeting.victim.refuses("psk-missing")
    meeting.victim.never_sent()


def test_an_old_welcome_is_refused_by_name(world: World, victim, accomplices):
    owner = world.owner()
    link = world.hold(owner)
    host = accomplices(owner.link, owner.host).found()
    guest = accomplices(owner.link)
    guest.knock(guest.admission(unb64(guest.hello["group"]), owner.link.key))
    host.welcome_next()
    guest.welcomed()
    old = next(m for m in guest.inbox if m["t"] == "welcome")
    world.server.lie = Lie(welcome=lambda session, message: old)
    victim.open(link).ask_to_join()
    host.welcome_next()
    victim.refuses("welcome-unreadable")
    victim.never_sent()


def test_a_generation_that_is_over_is_refused_by_name(world: World, victim, accomplices):
    owner = world.owner()
    link = world.hold(owner)
    accomplices(owner.link, owner.host).found().close()
    second = accomplices(owner.link, owner.host).found(generation=2)
    victim.open(link).ask_to_join()
    second.welcome_next()
    victim.is_in()

    def older(session: Session, message: Message) -> Message:
        message = message | {"generation": 1}
        return message | {"proof": b64(world.vouch(session, message))}

    world.server.lie = Lie(hello=older)
    victim.open(link).try_to_join()
    victim.refuses("generation-older")
    victim.never_sent()
