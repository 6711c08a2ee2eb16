"""A member by the book until told otherwise: founds, knocks, admits and commits as docs/protocol says.
Talks to the real server directly, so that a test decides alone what the page under attack is told."""

import contextlib
import json
import os
import time
from dataclasses import dataclass
from typing import Any

import aiohttp

from machine import PATIENT

from . import cbor
from .documents import Key, Link, b64, payload, sha256, unb64
from .mls import Attacker, read
from .proxy import LyingServer, Message

PSK = "ringfence link"


@dataclass
class Ghost:
    """A key package of somebody, and what it would enter the ledger with."""

    package: bytes
    admission: bytes | None


def entry(member: bytes, admission: bytes, added: int) -> dict[str, Any]:
    """A line of the ledger."""
    return {
        "member": member,
        "admission": admission,
        "added": added,
        "removed": None,
        "by": None,
    }


def book(entries: list[dict[str, Any]], former: list[dict[str, Any]] | None = None) -> bytes:
    """A ledger as it is hashed and handed to who joins."""
    return cbor.encode({"former": former or [], "entries": entries})


def grounds(**of: Any) -> dict[str, Any]:
    """What a commit carries beside its proposals."""
    return {"admissions": [], "removals": [], "lost": [], "charter": None} | of


class OvertakenError(Exception):
    """Another commit of this epoch was first."""


class Accomplice:
    """One membership; `role` host needs the host's key."""

    count = 0

    def __init__(self, server: LyingServer, attacker: Attacker, link: Link, host: Key | None = None) -> None:
        Accomplice.count += 1
        self.name = f"accomplice {Accomplice.count}"
        self.server, self.attacker, self.link, self.host = server, attacker, link, host
        self.member = Key()
        self.leaf = unb64(self.ask("new")["leaf"])
        self.ask("psk", id=PSK, psk=link.psk)
        self.inbox: list[Message] = []
        self.knocks: dict[str, Message] = {}
        self.present: list[int] = []
        self.ledger: list[dict[str, Any]] = []
        self.state: dict[str, Any] = {}
        self.provisional = b""
        self.committed: str | None = None

    def ask(self, op: str, **arguments: Any) -> Any:
        return self.attacker.ask(self.name, op, **arguments)

    # the wire

    def connect(self) -> Message:
        address = f"{self.server.real}/api/v1/meetings/{b64(self.link.meeting)}/session"

        async def opened() -> aiohttp.ClientWebSocketResponse:
            headers = {"Origin": self.server.url, "Host": self.server.url.removeprefix("http://")}
            return await self.server.client.ws_connect(address, headers=headers, max_msg_size=1 << 21)

        self.socket = self.server.run(opened())
        self.send(t="hello", v=1, nonce=b64(os.urandom(16)))
        self.hello = self.expect("hello")
        return self.hello

    def close(self) -> None:
        """Goes for good."""
        with contextlib.suppress(ConnectionError, RuntimeError, TimeoutError):
            self.send(t="bye")
            while True:
                self.next(2)
        self.server.run(self.socket.close())

    def send(self, **message: Any) -> None:
        self.server.run(self.socket.send_str(json.dumps(message)))

    def next(self, seconds: float) -> Message:
        frame = self.server.run(self.socket.receive(timeout=seconds), seconds + 1)
        if frame.type is not aiohttp.WSMsgType.TEXT:
            raise ConnectionError(f"{self.name}: the server closed: {frame.data} {frame.extra}")
        message = json.loads(frame.data)
        self.inbox.append(message)
        return message

    def expect(self, t: str, seconds: float = PATIENT, follow: bool = True, or_: str | None = None) -> Message:
        """Follows the meeting until a message of this type, or of the other, has come."""
        until = time.monotonic() + seconds
        while True:
            message = self.next(max(0.1, until - time.monotonic()))
            if follow:
                self.follow(message)
            if message["t"] in (t, or_):
                return message
            if message["t"] == "error" and message["code"] == "RF3202":
                raise OvertakenError
            if message["t"] == "error":
                raise RuntimeError(f"{self.name} waits for {t}: {message}")

    def follow(self, message: Message) -> None:
        match message["t"]:
            case "commit":
                self.provisional = unb64(message["commit"])
                if message["commit"] != self.committed:
                    self.send(t="checked", epoch=message["epoch"], ok=True)
            case "confirmed":
                done = self.ask("process", message=self.provisional)
                if done["kind"] in ("commit", "own"):
                    nothing: dict[str, Any] = {"admissions": [], "removals": []}
                    data = unb64(done["aad"])
                    self.enter(cbor.decode(data) if data else nothing, done["state"])
                self.state = done["state"]
            case "knock":
                self.knocks[message["id"]] = message
            case "settled":
                self.knocks.pop(message["id"], None)
            case "present":
                self.present = message["leaves"]

    # the documents

    @property
    def charter(self) -> bytes:
        return sha256(unb64(self.hello["charter"]))

    @property
    def route(self) -> bytes:
        return sha256(unb64(self.hello["route"]))

    @property
    def psks(self) -> list[str]:
        return [PSK]

    def certify(self, group: bytes, by: Key | None = None) -> None:
        """The credential: the member key signs the leaf's MLS key."""
        fields = {
            "meeting": self.link.meeting,
            "group": group,
            "member": self.member.public,
            "leaf": self.leaf,
            "serial": 0,
        }
        self.ask("identity", identity=(by or self.member).sign("leaf", fields))

    def admission(self, group: bytes, by: Key, member: bytes | None = None, /, **changes: Any) -> bytes:
        fields = {
            "meeting": self.link.meeting,
            "group": group,
            "member": member or self.member.public,
            "role": "guest",
            "charter": self.charter,
            "nonce": os.urandom(16),
            "by": by.public,
        }
        return by.sign("admission", fields | changes)

    def removal(self, member: bytes, by: Key, /, **changes: Any) -> bytes:
        line = next(e for e in self.ledger if e["member"] == member and e["removed"] is None)
        fields = {
            "meeting": self.link.meeting,
            "group": unb64(self.state["group"]),
            "member": member,
            "added": line["added"],
            "by": by.public,
        }
        return by.sign("removal", fields | changes)

    def extension(self, ledger: list[dict[str, Any]], /, **changes: Any) -> bytes:
        now = cbor.decode(unb64(self.state["extension"]))
        return cbor.encode(now | {"ledger": sha256(book(ledger))} | changes)

    def amended(self, ledger: list[dict[str, Any]], charter: bytes, /, **changes: Any) -> bytes:
        """The extension under another charter, as its committer writes it."""
        former = [{"until": self.state["epoch"] + 1, "charter": unb64(self.hello["charter"])}]
        written = {"ledger": sha256(book(ledger, former)), "charter": sha256(charter)}
        return self.extension(ledger, **written | changes)

    def enter(self, data: dict[str, Any], state: dict[str, Any]) -> None:
        """Writes the ledger as every member does when a commit is merged."""
        self.ledger = self.ledger_after(data, state["epoch"])

    def ledger_after(self, data: dict[str, Any], epoch: int) -> list[dict[str, Any]]:
        ledger = [dict(line) for line in self.ledger]
        for document in data["removals"]:
            said = payload(document)
            for line in ledger:
                if line["member"] == said["member"] and line["removed"] is None:
                    line |= {"removed": epoch, "by": said["by"]}
        for document in data["admissions"]:
            said = payload(document)
            ledger.append(entry(said["member"], document, epoch))
        return ledger

    # the meeting, by the book

    def found(self, generation: int = 1) -> "Accomplice":
        made, genesis = self.make_group(generation)
        self.send(t="found", genesis=b64(genesis), group_info=made["group_info"], tree=made["tree"])
        self.expect("founded")
        self.first_tree = made["tree"]
        return self

    def make_group(
        self,
        generation: int,
        group: bytes | None = None,
        by: Key | None = None,
        **extension: Any,
    ) -> tuple[dict[str, Any], bytes]:
        """A group of this meeting, whether or not a server will ever hear of it."""
        group = group or os.urandom(32)
        by = by or self.host or self.link.key
        self.certify(group)
        genesis = by.sign(
            "genesis",
            {
                "meeting": self.link.meeting,
                "generation": generation,
                "group": group,
                "member": self.member.public,
                "role": "host" if self.host else "guest",
                "charter": self.charter,
                "by": by.public,
            },
        )
        self.ledger = [entry(self.member.public, genesis, 0)]
        context = {
            "charter": self.charter,
            "route": self.route,
            "log": None,
            "generation": generation,
            "ledger": sha256(book(self.ledger)),
            "mode": payload(unb64(self.hello["charter"]))["admission"],
        }
        made = self.ask("found", group=group, extension=cbor.encode(context | extension))
        self.state = self.ask("state")
        return made, genesis

    def knock(self, admission: bytes | None = None) -> None:
        group = unb64(self.hello["group"])
        self.certify(group)
        package = self.ask("package")["package"]
        proof = self.link.key.sign(
            "knock",
            {
                "meeting": self.link.meeting,
                "group": group,
                "member": self.member.public,
                "package": sha256(unb64(package)),
                "nonce": unb64(self.hello["knock_nonce"]),
            },
        )
        self.send(
            t="knock",
            package=package,
            admission=b64(admission) if admission else None,
            proof=b64(proof),
            names=[],
        )

    def join(self) -> "Accomplice":
        """A guest of a link meeting, let in by whoever is there."""
        self.knock(self.admission(unb64(self.hello["group"]), self.link.key))
        self.welcomed()
        return self

    def welcomed(self) -> None:
        said = self.expect("welcome")
        self.state = self.ask("join", welcome=unb64(said["welcome"]), tree=unb64(said["tree"]))
        self.ledger = cbor.decode(unb64(said["ledger"]))["entries"]

    def plan(
        self,
        admissions: list[bytes] | None = None,
        removals: list[bytes] | None = None,
        lost: list[int] | None = None,
        charter: bytes | None = None,
        change: dict[str, Any] | None = None,
        **commit: Any,
    ) -> Message:
        """A commit with the ledger that it calls for, and whatever is false about it on top."""
        data = grounds(admissions=admissions or [], removals=removals or [], lost=lost or [], charter=charter)
        ledger = self.ledger_after(data, self.state["epoch"] + 1)
        if charter is not None:
            commit.setdefault("extension", self.amended(ledger, charter, **(change or {})))
        elif data["admissions"] or data["removals"] or change:
            commit.setdefault("extension", self.extension(ledger, **(change or {})))
        made = self.ask("commit", aad=cbor.encode(data), **commit)
        return {
            "t": "commit",
            "epoch": self.state["epoch"],
            "commit": made["commit"],
            "group_info": made["group_info"],
            "welcome": made["welcome"],
        }

    def told(self, plan: Message) -> Message:
        """The commit as a server passes it on to the members."""
        return {k: plan[k] for k in ("t", "epoch", "commit")}

    def admit(self, knock: Message, role: str = "guest") -> None:
        """Lets a knock in: its own admission, or one of the host's."""
        group = unb64(self.state["group"])
        admission = knock.get("admission")
        if admission is None:
            admission = b64(self.admission(group, self.host, unb64(knock["member"]), role=role))
        for _ in range(3):
            plan = self.plan([unb64(admission)], adds=[unb64(knock["package"])], psks=self.psks)
            self.committed = plan["commit"]
            self.send(**plan, welcomes=[{"knock": knock["id"]}])
            try:
                if self.expect("confirmed", or_="reopened")["t"] == "confirmed":
                    return
                self.ask("clear")  # nobody could use it: again
            except OvertakenError:  # a page was quicker to let them in
                self.ask("clear")
                self.expect("confirmed")
                if knock["id"] in self.knocks:
                    self.expect("settled")
                return
        raise RuntimeError(f"{self.name}: the server takes no commit")

    def welcome_next(self, seconds: float = PATIENT) -> Message:
        """Waits for a knock and lets it in."""
        knock = self.expect("knock", seconds)
        self.admit(knock)
        self.beat()
        return knock

    def seal(self, **content: Any) -> None:
        message = self.ask("seal", text=cbor.encode(content))["message"]
        self.send(t="sealed", message=message, to=None)

    def beat(self) -> None:
        extension = cbor.decode(unb64(self.state["extension"]))
        self.seal(t="seen", epoch=self.state["epoch"], ledger=extension["ledger"], log=None)

    def leaf_of(self, member: bytes) -> int:
        for one in self.state["members"]:
            if payload(unb64(one["identity"]))["member"] == member:
                return one["leaf"]
        raise LookupError("not in the group")

    def ghost(self, admission_by: Key | None, certified_by: Key | None = None, **changes: Any) -> Ghost:
        """A fake member, admitted and certified by whoever is asked."""
        ghost = Accomplice(self.server, self.attacker, self.link)
        ghost.hello = self.hello
        group = unb64(self.state["group"])
        ghost.certify(group, certified_by)
        package = read(ghost.ask("package"), "package")
        admission = None
        if admission_by:
            admission = self.admission(group, admission_by, ghost.member.public, **changes)
        return Ghost(package, admission)

    def plan_with(self, ghost: Ghost, **commit: Any) -> Message:
        return self.plan([ghost.admission], adds=[ghost.package], psks=self.psks, **commit)
