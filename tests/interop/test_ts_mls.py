"""Our group and ts-mls join each other on ciphersuite 1, through a real server, with keys that agree.
Either side adds the other; both gates, the server's and the member's, judge each commit."""

from collections.abc import Callable

from browser.native import Native
from lying import cbor
from lying.accomplice import Accomplice
from lying.documents import Owner, unb64

from .wire import Wire

Theirs = Callable[..., Accomplice]
Ours = Callable[..., Native]


def agree(native: Native, *members: Accomplice) -> None:
    """The SFrame base keys of every leaf are the same on both sides."""
    for member in members:
        epoch, context = member.state["epoch"], member.charter + member.route
        leaves = [one["leaf"] for one in member.state["members"]]
        for leaf in leaves:
            native.wait(lambda e, at=(epoch, leaf): e["t"] == "held" and (e["epoch"], e["leaf"]) == at)
            key = unb64(member.ask("export", leaf=leaf, context=context)["key"])
            assert key == native.keys[epoch, leaf]


def test_a_group_by_ts_mls_adds_a_member_of_ours(owner: Owner, wire: Wire, theirs: Theirs, ours: Ours) -> None:
    tess = theirs(owner.link, owner.host).found()
    olga = ours(owner.link, wire.url, "Olga")
    tess.welcome_next()
    olga.phase("in")
    agree(olga, tess)


def test_a_group_of_ours_adds_a_member_by_ts_mls(owner: Owner, wire: Wire, theirs: Theirs, ours: Ours) -> None:
    olga = ours(owner.link, wire.url, "Olga").phase("in")
    tess = theirs(owner.link).join()
    agree(olga, tess)
    assert tess.ledger[0]["admission"], "the ledger came with the welcome"


def test_each_reads_what_the_other_seals(owner: Owner, wire: Wire, theirs: Theirs, ours: Ours) -> None:
    olga = ours(owner.link, wire.url, "Olga").phase("in")
    tess = theirs(owner.link).join()
    tess.seal(t="chat", id="1", text="from ts-mls")
    olga.wait(lambda e: e["t"] == "chat" and e["text"] == "from ts-mls")
    olga.tell(t="chat", text="from ours")
    said: list[dict] = []
    while not any(one.get("text") == "from ours" for one in said):
        message = tess.expect("sealed")
        said.append(cbor.decode(unb64(tess.ask("process", message=unb64(message["message"]))["text"])))


def test_a_third_joins_over_either(owner: Owner, wire: Wire, theirs: Theirs, ours: Ours) -> None:
    olga = ours(owner.link, wire.url, "Olga").phase("in")
    tess = theirs(owner.link).join()
    agree(olga, tess)
    theo = theirs(owner.link).join()
    tess.expect("confirmed")
    agree(olga, tess, theo)
