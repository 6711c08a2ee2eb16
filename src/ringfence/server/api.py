"""The HTTP interface: this node, and meetings; and the way into a meeting's session.
Not here: what happens in a session (signalling)."""

import ipaddress
import json
import time
from dataclasses import dataclass

from fastapi import APIRouter, Request, Response, WebSocket
from starlette.requests import HTTPConnection

from ringfence import __version__
from ringfence._core.documents import Charter
from ringfence.config import Config
from ringfence.errors import Refusal
from ringfence.media.ingest import Ingest
from ringfence.server.measuring import Measuring
from ringfence.server.origin import check_origin
from ringfence.server.problems import problem
from ringfence.signalling.delivery import Delivery
from ringfence.signalling.limits import CONNECTIONS, MEASUREMENTS, MEETINGS, PerAddress
from ringfence.signalling.session import attend
from ringfence.store.addresses import day
from ringfence.store.database import Database
from ringfence.store.files import Identity
from ringfence.store.models import Meeting as Stored
from ringfence.types import MeetingId, meeting_id
from ringfence.wire.http import (
    BeaconWord,
    Created,
    DataSet,
    Health,
    LogWord,
    Meeting,
    NewMeeting,
    Node,
    OperatorWord,
    Problem,
    Reason,
    RoundTrips,
    RoundTripsAsked,
)


@dataclass(frozen=True)
class Services:
    """What the application runs on."""

    config: Config
    url: str
    origins: frozenset[str]
    database: Database
    delivery: Delivery
    measuring: Measuring
    ingest: Ingest | None = None
    """With --bench-ingest."""

    @property
    def identity(self) -> Identity:
        """It is renewed while the server runs."""
        return self.delivery.identity


def _address(connection: HTTPConnection) -> str:
    return connection.client.host if connection.client else ""


def router(services: Services) -> APIRouter:
    routes = APIRouter(responses={"4XX": {"model": Problem}, "5XX": {"model": Problem}})
    creations = PerAddress("meetings", MEETINGS, time.monotonic)
    measurements = PerAddress("measurements", MEASUREMENTS, time.monotonic)
    connections = PerAddress("connections", CONNECTIONS, time.monotonic)

    @routes.get("/healthz")
    async def health() -> Health:
        """Whether this server can hold meetings."""
        try:
            await services.database.check()
        except Exception:
            raise Refusal("RF1008", "the store takes nothing") from None
        return Health(version=__version__)

    @routes.get("/api/v1/node")
    async def this_node() -> Node:
        """Who runs this server, in its own signed words."""
        return await _node(services)

    @routes.post("/api/v1/meetings", status_code=201, response_model=Created)
    async def create(meeting: NewMeeting, request: Request) -> Created | Response:
        """Holds a meeting, if the owner's fence allows this server."""
        check_origin(request, services.origins)
        if not creations.take(_address(request)):
            raise Refusal("RF1003", "too many meetings")
        charter = Charter.read(meeting.charter)
        if charter.version != 1:
            raise Refusal("RF1105", f"this is version {charter.version}")
        now = int(time.time())
        if charter.ends is not None and charter.ends <= now:
            raise Refusal("RF1104", "it is over already")
        address, statement = services.config.media_address, services.identity.statement
        await services.delivery.data_sets.look(statement)
        located = services.delivery.data_sets.shown(charter.data)
        transcripts = [one.document for one in services.delivery.beacons.transcripts(charter.beacons)]
        decisions, inside = charter.decide(statement, located, transcripts, address, now)
        if inside is None:
            return problem(Refusal("RF1103"), _reasons(decisions))
        log = services.delivery.routes
        if charter.log not in (None, (log.origin, log.key)):
            raise Refusal("RF1106", f"this server writes to the log {log.origin}")
        route, entry = await services.delivery.make_route(charter, "start", None)
        stored = Stored(
            id=charter.meeting,
            charter=meeting.charter,
            route=route,
            statement=services.identity.statement_hash,
            log_index=entry.index,
            log_salt=entry.salt,
            generation=None,
            made_at=now,
        )
        await services.database.add(stored)
        return Created(meeting=charter.meeting)

    @routes.get("/api/v1/meetings/{meeting}")
    async def read(meeting: str) -> Meeting:
        """The documents that everybody with the link may check before they join."""
        papers = await services.delivery.papers(meeting_id(meeting))
        located = await services.delivery.located(papers)
        return Meeting(
            charter=papers.charter,
            route=papers.route,
            statement=papers.statement,
            located=located,
            transcripts=services.delivery.transcripts(papers),
        )

    @routes.post("/api/v1/round-trips")
    async def round_trips(asked: RoundTripsAsked, request: Request) -> RoundTrips:
        """Measures a node that the operator has named, and signs what came out."""
        check_origin(request, services.origins)
        if not measurements.take(_address(request)):
            raise Refusal("RF1003", "too many measurements")
        transcripts = await services.measuring.measured(asked.statement, asked.port)
        return RoundTrips(statement=services.identity.statement, transcripts=transcripts)

    @routes.websocket("/api/v1/meetings/{meeting}/session")
    async def session(socket: WebSocket, meeting: str) -> None:
        try:
            if "origin" not in socket.headers:
                raise Refusal("RF1006", "there is no Origin")
            check_origin(socket, services.origins)
            if not connections.take(_address(socket)):
                raise Refusal("RF1003", "too many connections")
            id_ = MeetingId(meeting_id(meeting))
            await attend(services.delivery, id_, socket, _address(socket))
        except Refusal as refusal:
            await socket.send_denial_response(problem(refusal))

    return routes


def _reasons(decisions: str) -> list[Reason]:
    """Of the roles that are refused."""
    refused = [decision for decision in json.loads(decisions) if not decision["allowed"]]
    return [Reason(role=d["role"], **reason) for d in refused for reason in d["reasons"]]


async def _node(services: Services) -> Node:
    config, identity, data_sets = services.config, services.identity, services.delivery.data_sets
    await data_sets.look(identity.statement)
    offered = data_sets.offered()
    public = ipaddress.ip_address(config.media_address).is_global
    log = services.delivery.routes
    operator = OperatorWord(id=config.operator.id, name=config.operator.name, key=identity.operator)
    return Node(
        node=identity.node,
        name=config.node.name,
        statement=identity.statement,
        operator=operator,
        log=LogWord(origin=log.origin, key=log.key, verifier=log.verifier),
        version=__version__,
        address_kind="public" if public else "private",
        country=config.node.country,
        place=config.node.place,
        data=[DataSet(kind=d.kind, name=d.name, date=day(d.date), digest=d.digest) for d in offered],
        located=data_sets.shown(d.digest for d in offered),
        beacons=[
            BeaconWord(
                key=answer.beacon,
                name=one.name,
                lat=one.lat,
                lon=one.lon,
                host=source.host,
                operator=answer.operator,
                country=answer.country,
                place=answer.place,
            )
            for source, answer, one in services.delivery.beacons.offered()
        ],
        transcripts=[one.document for one in services.delivery.beacons.transcripts()],
    )
