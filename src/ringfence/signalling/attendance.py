"""What one connection says in a meeting: greeted, and its messages handed to the room, one turn after the other.
Not here: what the room makes of them (meetings), or the socket (session)."""

import hashlib
import secrets
import time
from dataclasses import dataclass

from ringfence._core import documents
from ringfence.errors import Refusal
from ringfence.signalling.connection import Connection
from ringfence.signalling.delivery import Delivery, Papers, Running
from ringfence.types import Leaf, SessionId
from ringfence.wire import session as wire


@dataclass
class Attendance:
    """One connection's part in a meeting."""

    delivery: Delivery
    running: Running
    session: SessionId
    connection: Connection
    # The client said that it goes.
    for_good: bool = False
    # Its knock is gone because the charter is another: the next is no further one.
    knocks_again: bool = False

    async def leave(self) -> None:
        await self.delivery.finish(self.delivery.disconnect(self.running, self.session, self.for_good))

    async def receive(self, message: wire.ClientMessage) -> None:
        """Raises Refusal, and then nothing has changed."""
        await self.delivery.finish(self._receive(message))

    async def _receive(self, message: wire.ClientMessage) -> None:
        match message:
            case wire.Hello():
                await self._greet(message)
            case wire.Resume():
                await self._resume(message)
            case wire.Offer():
                await self._answer(message)
            case wire.View():
                leaf, group = self._seat()
                wants = [(want.mid, want.height) for want in message.wants]
                self.delivery.forwarder.view(group, leaf, wants)
            case wire.LogAsked():
                self._seat()
                proof = await self.delivery.routes.consistency(message.old, message.new)
                self.connection.tell(wire.LogProof(old=message.old, new=message.new, proof=proof))
            case wire.Ping():
                self._seat()
                self.connection.tell(wire.Pong())
            case wire.Bye():
                self.for_good = True
                self.connection.close()
            case _:
                if isinstance(message, wire.Knock) and not self.knocks_again:
                    self.delivery.count_knock(self.connection.address)
                self.knocks_again &= not isinstance(message, wire.Knock)
                room, id_ = self.running.room, secrets.token_urlsafe(12)
                async with self.running.turn:
                    effects = room.receive(self.session, message, id_, time.monotonic())
                    await self.delivery.do(self.running, effects)

    def _seat(self) -> tuple[Leaf, bytes]:
        leaf, group = self.running.room.member(self.session), self.running.room.group
        if group is None:
            raise Refusal("RF1208")
        return leaf, group.id

    async def _greet(self, message: wire.Hello) -> None:
        if message.v != 1:
            raise Refusal("RF1213", f"the server speaks version 1, not {message.v}")
        running, room = self.running, self.running.room
        async with running.turn:
            if room.group is None:
                running.papers = await self.delivery.papers(running.meeting)
            nonce = secrets.token_bytes(16)
            self.knocks_again |= room.greeted(self.session, nonce)
            papers, group = running.papers, room.group
            id_, epoch = (group.id, group.epoch) if group else (None, None)
            proof = documents.make_hello(
                self.delivery.identity.node_seed,
                meeting=running.meeting,
                nonce=message.nonce,
                charter=papers.read.hash,
                route=hashlib.sha256(papers.route).digest(),
                generation=room.generation,
                group=id_,
                epoch=epoch,
            )
            logged = await self._logged(papers, message)
            greeting = wire.Greeting(
                charter=papers.charter,
                route=papers.route,
                statement=papers.statement,
                located=await self.delivery.located(papers),
                transcripts=self.delivery.transcripts(papers),
                proof=proof,
                knock_nonce=nonce,
                generation=room.generation,
                group=id_,
                epoch=epoch,
                alive=room.alive(time.monotonic()),
                # This server is one node, and chooses among one.
                candidates=[wire.Candidate(node=self.delivery.identity.node, refused=None, statement=None)],
                logged=logged,
            )
            self.connection.tell(greeting)

    async def _logged(self, papers: Papers, message: wire.Hello) -> wire.Logged | None:
        if papers.entry is None:
            return None
        routes = self.delivery.routes
        shown = await routes.show(
            papers.entry, next((one.size for one in message.logs if one.log == routes.verifier), None)
        )
        if shown is None:
            return None
        return wire.Logged(
            salt=shown.entry.salt,
            index=shown.entry.index,
            proof=shown.proof,
            checkpoint=shown.checkpoint,
            continues=shown.continues,
        )

    async def _resume(self, message: wire.Resume) -> None:
        running, room = self.running, self.running.room
        async with running.turn:
            leaf = room.resumes(self.session, message)
            await self.delivery.do(running, room.resume(self.session, leaf, message.after, leaf in running.media))
            if slots := running.media.get(leaf):
                self.connection.tell(slots)

    async def _answer(self, message: wire.Offer) -> None:
        leaf, group = self._seat()
        inside = self.delivery.place(self.running.papers)
        answered = await self.delivery.forwarder.answer(inside, group, leaf, message.sdp)
        if self.running.room.session_of(leaf) != self.session:
            raise Refusal("RF1203")  # removed while the forwarder worked: it has forgotten the leaf
        self.running.media.setdefault(leaf, None)
        binding = documents.make_channel(
            self.delivery.identity.node_seed,
            group=group,
            nonce=message.nonce,
            fingerprint=answered.fingerprint,
            address=answered.address,
            port=answered.port,
        )
        self.connection.tell(wire.Answer(sdp=answered.sdp, binding=binding))
