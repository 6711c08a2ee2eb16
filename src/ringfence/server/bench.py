"""With --bench-ingest: load generators over HTTP, publishers by WHIP (RFC 9725) and subscribers by WHEP.
Not here: their rooms (media/ingest.py), or that the server is reached from this machine alone (config)."""

from fastapi import APIRouter, Request, Response

from ringfence.errors import Refusal
from ringfence.media.ingest import Ingest, Role
from ringfence.server.origin import check_origin
from ringfence.server.problems import problem

SDP = "application/sdp"
OTHER_METHODS = ["GET", "HEAD", "PUT", "PATCH", "DELETE", "POST"]


def router(ingest: Ingest, origins: frozenset[str]) -> APIRouter:
    routes = APIRouter(include_in_schema=False)

    async def begin(role: Role, room: str, id_: str, request: Request) -> Response:
        check_origin(request, origins)
        if _kind(request.headers.get("content-type", "")) != SDP:
            raise Refusal("RF4305")
        if not _accepts(request.headers.get("accept", "*/*")):
            raise Refusal("RF4306")
        try:
            offer = (await request.body()).decode()
        except UnicodeDecodeError:
            raise Refusal("RF4002", "it is not UTF-8") from None
        session, answer = await ingest.begin(role, room, id_, offer)
        headers = {"Location": f"/bench/session/{session.token}", "Cache-Control": "no-store"}
        return Response(answer, 201, headers, media_type=SDP)

    @routes.post("/bench/whip/{room}/{id_}")
    async def publish(room: str, id_: str, request: Request) -> Response:
        return await begin(Role.PUBLISHER, room, id_, request)

    @routes.post("/bench/whep/{room}/{id_}")
    async def subscribe(room: str, id_: str, request: Request) -> Response:
        return await begin(Role.SUBSCRIBER, room, id_, request)

    @routes.delete("/bench/session/{token}")
    async def end(token: str, request: Request) -> Response:
        check_origin(request, origins)
        ingest.end(token)
        return Response(status_code=200)

    # RFC 9725 section 4.2: what may be posted, for who asks; and section 4.3.1: candidates are not taken one by one.
    for path, allowed in (
        ("/bench/whip/{room}/{id_}", "OPTIONS, POST"),
        ("/bench/whep/{room}/{id_}", "OPTIONS, POST"),
        ("/bench/session/{token}", "DELETE, OPTIONS"),
    ):
        _others(routes, path, allowed)
    return routes


def _others(routes: APIRouter, path: str, allowed: str) -> None:
    headers = {"Allow": allowed}

    @routes.options(path)
    async def options() -> Response:
        accepted = {"Accept-Post": SDP} if "POST" in allowed else {}
        return Response(status_code=204, headers=headers | accepted)

    @routes.api_route(path, methods=[method for method in OTHER_METHODS if method not in allowed])
    async def other() -> Response:
        refused = problem(Refusal("RF1005"))
        refused.headers.update(headers)
        return refused


def _kind(value: str) -> str:
    """Without parameters (RFC 9110 section 8.3.1)."""
    return value.split(";")[0].strip().lower()


def _accepts(value: str) -> bool:
    """Whether an answer in SDP is wanted (RFC 9110 section 12.5.1)."""
    kinds = {_kind(one) for one in value.split(",") if "q=0" not in one.replace(" ", "").split(";")[1:]}
    return bool(kinds & {SDP, "application/*", "*/*"})
