"""What the lying server has: the real server's process, its folder with its keys, and a second node.
Signs what such a server can sign, and nothing that needs an owner, a link or a member."""

import json
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from . import cbor
from .documents import Fields, Key, Owner, b64, inner, payload, sha256, unb64
from .proxy import Lie, LyingServer, Message, Session

Documents = dict[str, bytes]  # charter, route, statement
Change = Callable[[Documents], Documents]
Proof = Callable[[Session, Message], bytes]


@dataclass
class World:
    server: LyingServer
    node: Key
    operator: Key
    statement: bytes  # the genuine one
    operator_id: str
    policy: Fields  # only this server
    other_node: Key
    log: Key
    log_origin: str

    def owner(self, **changes: Any) -> Owner:
        operator = {"id": self.operator_id, "key": self.operator.public}
        changes.setdefault("until", int(time.time()) + 86400)
        return Owner(self.policy, operator, **changes)

    def hold(self, owner: Owner, charter: bytes | None = None) -> str:
        """Has the real server hold a meeting; answers its link."""
        body = json.dumps({"charter": b64(charter or owner.charter())}).encode()
        request = urllib.request.Request(
            f"{self.server.real}/api/v1/meetings",
            body,
            {
                "Content-Type": "application/json",
                "Origin": self.server.url,
                "Host": self.server.url.removeprefix("http://"),
            },
        )
        with urllib.request.urlopen(request) as answer:
            assert answer.status == 201
        return owner.link.url(self.server.url)

    def stated(self, node: Key, operator: Key | None = None, **changes: Any) -> bytes:
        """A node statement: signed by the node inside and by an operator outside."""
        fields = payload(inner(self.statement)) | {"node": node.public} | changes
        return (operator or self.operator).sign("statement", node.sign("node", fields))

    def routed(self, route: bytes, statement: bytes, by: Key, named: Key, **changes: Any) -> bytes:
        """A route record to `named`, signed by `by`."""
        fields = payload(route)
        node = fields["nodes"][0] | {"node": named.public, "statement": sha256(statement)}
        alone = sha256(cbor.encode([{"node": named.public, "refused": None}]))
        return by.sign("route", fields | {"nodes": [node], "by": by.public, "candidates": alone} | changes)

    def serving(self, change: Change, proof: Proof | None = None) -> Lie:
        """Other documents wherever the page is given any, and a hello that vouches for them."""

        def told(message: Message) -> Message:
            before = {k: unb64(message[k]) for k in ("charter", "route", "statement")}
            return message | {k: b64(v) for k, v in change(before).items()}

        def hello(session: Session, message: Message) -> Message:
            message = told(message)
            # Whichever node the route names is the only one in its list.
            named = payload(unb64(message["route"]))["nodes"][0]["node"]
            message["candidates"] = [{"node": b64(named), "refused": None, "statement": None}]
            return message | {"proof": b64((proof or self.vouch)(session, message))}

        return Lie(meeting=told, hello=hello)

    def routed_node(self, message: Message) -> Key:
        """Whichever node of ours the route names: it has to sign the hello."""
        named = payload(unb64(message["route"]))["nodes"][0]["node"]
        return self.other_node if named == self.other_node.public else self.node

    def vouch(self, session: Session, message: Message, key: Key | None = None, **changes: Any) -> bytes:
        """The proof of a hello, as the node signs it."""
        return (key or self.routed_node(message)).sign("hello", self.hello(session, message) | changes)

    def hello(self, session: Session, message: Message) -> Fields:
        return {
            "meeting": payload(unb64(message["route"]))["meeting"],
            "nonce": unb64(session.last("said", "hello")["nonce"]),
            "charter": sha256(unb64(message["charter"])),
            "route": sha256(unb64(message["route"])),
            "generation": message["generation"],
            "group": unb64(message["group"]) if message["group"] else None,
            "epoch": message["epoch"],
        }

    def bind(self, binding: bytes, key: Key | None = None, **changes: Any) -> bytes:
        """A channel binding with other content, signed by the node or by another key."""
        return (key or self.node).sign("channel", payload(binding) | changes)
