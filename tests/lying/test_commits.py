"""Hostile commits that the server passes on: ghosts, removals, external commits, swapped keys and contexts.
The committer has a true leaf in the group, so nothing but the lie is wrong with the commit."""

import os
from collections.abc import Callable

import pytest

from machine import PATIENT

from . import cbor
from .accomplice import Accomplice, book, grounds
from .call import Call
from .documents import Key, Owner, payload, sha256, unb64
from .proxy import Message

Commit = Callable[[Call], Message]


def group_of(call: Call) -> bytes:
    return unb64(call.host.state["group"])


# a ghost is added


def ghost_without_admission(call: Call) -> Message:
    ghost = call.host.ghost(None)
    return call.host.plan(adds=[ghost.package], psks=call.host.psks)


def ghost_admitted_by_a_key_of_its_own(call: Call) -> Message:
    return call.host.plan_with(call.host.ghost(Key()))


def ghost_whose_admission_is_signed_by_another(call: Call) -> Message:
    ghost = call.host.ghost(Key(), by=call.owner.link.key.public)
    return call.host.plan_with(ghost)


def ghost_admitted_by_the_link_into_a_lobby(call: Call) -> Message:
    return call.host.plan_with(call.host.ghost(call.owner.link.key))


def ghost_admitted_to_another_group(call: Call) -> Message:
    return call.host.plan_with(call.host.ghost(call.owner.link.key, group=os.urandom(32)))


def ghost_admitted_under_another_charter(call: Call) -> Message:
    return call.host.plan_with(call.host.ghost(call.owner.link.key, charter=os.urandom(32)))


def ghost_made_host_by_the_link(call: Call) -> Message:
    return call.host.plan_with(call.host.ghost(call.owner.link.key, role="host"))


def ghost_with_the_admission_of_somebody_else(call: Call) -> Message:
    ghost = call.host.ghost(call.owner.link.key, member=os.urandom(32))
    return call.host.plan_with(ghost)


def ghost_without_the_psk(call: Call) -> Message:
    ghost = call.host.ghost(call.owner.link.key)
    return call.host.plan([ghost.admission], adds=[ghost.package])


def ghost_whose_leaf_another_key_certified(call: Call) -> Message:
    ghost = call.host.ghost(call.owner.link.key, certified_by=Key())
    return call.host.plan_with(ghost)


def ghost_kept_out_of_the_ledger(call: Call) -> Message:
    """The admission is there, and the ledger's hash stays as it was."""
    ghost = call.host.ghost(call.owner.link.key)
    same = call.host.extension(call.host.ledger)
    return call.host.plan_with(ghost, extension=same)


# somebody comes in by an external commit


def outsider(call: Call, admission: Key | None, psk: bool) -> Message:
    one = Accomplice(call.host.server, call.host.attacker, call.owner.link)
    one.hello = call.host.hello
    one.certify(group_of(call))
    document = [one.admission(group_of(call), admission)] if admission else []
    info = call.host.ask("state")
    made = one.ask(
        "external",
        group_info=unb64(info["group_info"]),
        tree=unb64(info["tree"]),
        psks=one.psks if psk else [],
        aad=cbor.encode(grounds(admissions=document)),
    )
    return {"t": "commit", "epoch": info["epoch"], "commit": made["commit"]}


def external_without_psk_or_admission(call: Call) -> Message:
    return outsider(call, None, psk=False)


def external_without_psk(call: Call) -> Message:
    return outsider(call, call.owner.link.key, psk=False)


def external_without_admission(call: Call) -> Message:
    return outsider(call, None, psk=True)


# a member becomes another


def credential_swapped(call: Call) -> Message:
    other = Key()
    fields = {
        "meeting": call.owner.meeting,
        "group": group_of(call),
        "member": other.public,
        "leaf": call.host.leaf,
        "serial": 0,
    }
    return call.host.plan(identity=other.sign("leaf", fields))


def signature_key_swapped(call: Call) -> Message:
    return call.host.plan(new_key=True)


# the group's context is changed


def charter_changed(call: Call) -> Message:
    return call.host.plan(change={"charter": os.urandom(32)})


# a charter is brought that is not the owner's next


def next_charter(call: Call, by: Key, **changes: object) -> bytes:
    now = unb64(call.host.hello["charter"])
    fields = payload(now) | {"version": 2, "previous": sha256(now)}
    return by.sign("charter", fields | changes)


def charter_signed_by_a_host(call: Call) -> Message:
    return call.host.plan(charter=next_charter(call, call.owner.host))


def charter_of_another_owner(call: Call) -> Message:
    eve = Key()
    return call.host.plan(charter=next_charter(call, eve, owner=eve.public))


def charter_of_another_link(call: Call) -> Message:
    return call.host.plan(charter=next_charter(call, call.owner.key, link=Key().public))


def charter_that_skips_a_version(call: Call) -> Message:
    return call.host.plan(charter=next_charter(call, call.owner.key, version=3))


def charter_after_another_than_ours(call: Call) -> Message:
    return call.host.plan(charter=next_charter(call, call.owner.key, previous=os.urandom(32)))


def charter_in_force_brought_again(call: Call) -> Message:
    return call.host.plan(charter=unb64(call.host.hello["charter"]))


def charter_with_a_ghost_beside(call: Call) -> Message:
    ghost = call.host.ghost(call.owner.link.key)
    charter = next_charter(call, call.owner.key)
    return call.host.plan([ghost.admission], adds=[ghost.package], psks=call.host.psks, charter=charter)


def charter_kept_out_of_the_context(call: Call) -> Message:
    same = sha256(unb64(call.host.hello["charter"]))
    return call.host.plan(charter=next_charter(call, call.owner.key), change={"charter": same})


def charter_kept_out_of_the_ledger(call: Call) -> Message:
    charter = next_charter(call, call.owner.key)
    return call.host.plan(charter=charter, change={"ledger": sha256(book(call.host.ledger))})


def route_changed(call: Call) -> Message:
    return call.host.plan(change={"route": os.urandom(32)})


def generation_changed(call: Call) -> Message:
    return call.host.plan(change={"generation": 0})


def lobby_opened(call: Call) -> Message:
    return call.host.plan(change={"mode": "link"})


def ledger_rewritten(call: Call) -> Message:
    return call.host.plan(change={"ledger": os.urandom(32)})


def extension_dropped(call: Call) -> Message:
    return call.host.plan(drop_extension=True)


def unknown_field_in_the_extension(call: Call) -> Message:
    return call.host.plan(change={"observers": 1})


GHOSTS = {
    ghost_without_admission: "admission-missing",
    ghost_admitted_by_a_key_of_its_own: "admission-not-allowed",
    ghost_whose_admission_is_signed_by_another: "signature-wrong",
    ghost_admitted_to_another_group: "admission-elsewhere",
    ghost_admitted_under_another_charter: "admission-elsewhere",
    ghost_made_host_by_the_link: "admission-not-allowed",
    ghost_with_the_admission_of_somebody_else: "admission-missing | documents-surplus",
    ghost_without_the_psk: "psk-missing",
    ghost_whose_leaf_another_key_certified: "leaf-uncertified",
    ghost_kept_out_of_the_ledger: "ledger-mismatch",
    external_without_psk_or_admission: "external-commit",
    external_without_psk: "external-commit",
    external_without_admission: "external-commit",
    credential_swapped: "committer-changed-key",
    signature_key_swapped: "committer-changed-key",
    charter_changed: "charter-change",
    charter_signed_by_a_host: "signature-wrong",
    charter_of_another_owner: "charter-not-next",
    charter_of_another_link: "charter-not-next",
    charter_that_skips_a_version: "charter-not-next",
    charter_after_another_than_ours: "charter-not-next",
    charter_in_force_brought_again: "charter-not-next",
    charter_with_a_ghost_beside: "charter-with-others",
    charter_kept_out_of_the_context: "charter-change",
    charter_kept_out_of_the_ledger: "ledger-mismatch",
    route_changed: "route-change",
    generation_changed: "generation-change",
    ledger_rewritten: "ledger-mismatch",
    extension_dropped: "extension-missing",
    unknown_field_in_the_extension: "field-unknown | extension-missing",
}
LOBBY = {
    ghost_admitted_by_the_link_into_a_lobby: "admission-not-allowed",
    external_without_admission: "external-commit",
    lobby_opened: "mode-mismatch",
}


def by_name(value: object) -> str | None:
    return getattr(value, "__name__", None)


@pytest.mark.parametrize(("lie", "name"), GHOSTS.items(), ids=by_name)
def test_a_hostile_commit_is_refused_by_name(call, lie: Commit, name: str):
    meeting = call()
    meeting.session.tell(lie(meeting))
    meeting.refused(name)


@pytest.mark.parametrize(("lie", "name"), LOBBY.items(), ids=by_name)
def test_a_hostile_commit_in_a_lobby_is_refused_by_name(call, lie: Commit, name: str):
    meeting = call(admission="lobby")
    meeting.session.tell(lie(meeting))
    meeting.refused(name)


# Removals: a guest who is in the group removes the host, or the victim, and no host signed it.


def nobody_signed(guest: Accomplice, member: bytes, owner) -> list[bytes]:
    return []


def the_guest_signed(guest: Accomplice, member: bytes, owner) -> list[bytes]:
    return [guest.removal(member, guest.member)]


def the_link_signed(guest: Accomplice, member: bytes, owner) -> list[bytes]:
    return [guest.removal(member, owner.link.key)]


def forged_in_the_hosts_name(guest: Accomplice, member: bytes, owner) -> list[bytes]:
    return [guest.removal(member, guest.member, by=owner.host.public)]


def the_host_signed_for_another_time(guest: Accomplice, member: bytes, owner) -> list[bytes]:
    return [guest.removal(member, owner.host, added=99)]


def the_host_signed_for_another_group(guest: Accomplice, member: bytes, owner) -> list[bytes]:
    return [guest.removal(member, owner.host, group=os.urandom(32))]


REMOVALS = {
    nobody_signed: "removal-unsigned",
    the_guest_signed: "removal-not-by-host",
    the_link_signed: "removal-not-by-host",
    forged_in_the_hosts_name: "signature-wrong",
    the_host_signed_for_another_time: "removal-stale",
    the_host_signed_for_another_group: "admission-elsewhere | removal-stale | removal-not-by-host",
}


@pytest.mark.parametrize(("signed", "name"), REMOVALS.items(), ids=by_name)
def test_a_host_is_not_removed_without_a_hosts_word(call, accomplices, signed, name):
    meeting = call()
    guest = let_in(meeting, accomplices)
    host = meeting.host.member.public
    removals = signed(guest, host, meeting.owner)
    mode = {"mode": "lobby"} if removals else None
    told = guest.plan(removals=removals, removes=[guest.leaf_of(host)], change=mode)
    meeting.session.tell(told)
    meeting.refused(name)


def test_nobody_is_removed_by_a_commit_no_host_signed(call, accomplices):
    meeting = call()
    guest = let_in(meeting, accomplices)
    (victim,) = (
        e["member"] for e in guest.ledger if e["member"] not in (guest.member.public, meeting.host.member.public)
    )
    told = guest.plan(removes=[guest.leaf_of(victim)])
    meeting.session.tell(told, {"t": "removed"})
    meeting.refused("removal-unsigned")


def test_a_server_that_only_says_removed_is_not_believed(call):
    meeting = call()
    meeting.session.tell({"t": "removed"})
    meeting.refused("removal-unproven")


def test_a_proposal_to_remove_somebody_is_refused(call, accomplices):
    meeting = call()
    guest = let_in(meeting, accomplices)
    message = guest.ask("propose_remove", leaf=guest.leaf_of(meeting.host.member.public))["message"]
    meeting.session.tell({"t": "proposal", "message": message})
    meeting.victim.refuses("proposal-refused")  # it changes nothing, so the call goes on


def let_in(meeting: Call, accomplices: Callable[..., Accomplice]) -> Accomplice:
    """A third member, by the book; the victim follows."""
    before = len(meeting.session.told)
    guest = accomplices(meeting.owner.link)
    group = unb64(guest.hello["group"])
    guest.knock(guest.admission(group, meeting.owner.link.key))
    meeting.host.welcome_next()
    guest.welcomed()
    meeting.session.wait("told", "commit", after=before)
    return guest


def test_the_server_takes_no_charter_whose_fence_excludes_it(world, accomplices):
    """The other way round: an owner whose program does not look before it signs."""
    owner = world.owner()
    world.hold(owner)
    host = accomplices(owner.link, owner.host).found()
    now = unb64(host.hello["charter"])
    said = payload(now)
    elsewhere = said["fence"] | {"nodes": [os.urandom(32)]}
    fields = said | {"version": 2, "previous": sha256(now), "fence": elsewhere}
    host.send(**host.plan(charter=owner.key.sign("charter", fields)), welcomes=[])
    assert refusal(host) == ("RF1103", "commit")
    goes_on(owner, host, accomplices)


def test_the_server_takes_nobody_for_lost_who_is_connected(world, accomplices):
    """A host whose program says so all the same."""
    owner = world.owner()
    world.hold(owner)
    host = accomplices(owner.link, owner.host).found()
    here = goes_on(owner, host, accomplices)
    leaf = host.leaf_of(here.member.public)
    host.send(**host.plan(lost=[leaf], removes=[leaf]), welcomes=[])
    assert refusal(host) == ("RF1218", "commit")
    goes_on(owner, host, accomplices)
    assert host.leaf_of(here.member.public) == leaf


def refusal(of: Accomplice) -> tuple[str, str]:
    """Of what it has just sent, which it then drops."""
    while (answer := of.next(PATIENT))["t"] != "error":
        of.follow(answer)
    of.ask("clear")
    return answer["code"], answer["re"]


def goes_on(owner: Owner, host: Accomplice, accomplices: Callable[..., Accomplice]) -> Accomplice:
    """Somebody comes by the link, under the first charter: the epoch is open for the commit that lets them in."""
    guest = accomplices(owner.link)
    assert payload(unb64(guest.hello["charter"]))["version"] == 1
    epoch = guest.hello["epoch"]
    guest.knock(guest.admission(unb64(guest.hello["group"]), owner.link.key))
    host.welcome_next()
    guest.welcomed()
    assert guest.state["epoch"] == host.state["epoch"] == epoch + 1
    return guest
