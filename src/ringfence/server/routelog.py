"""The log of routes over HTTP, as C2SP's tlog-tiles has it: anybody may read it, and it tells them nothing of meetings.
Not here: the log (store)."""

from fastapi import APIRouter, Response

from ringfence.errors import Refusal
from ringfence.store.routes import RouteLog

# A tile that is full never changes; a partial one is read by its size, and goes when it is full.
FOREVER = "public, max-age=31536000, immutable"


def router(log: RouteLog) -> APIRouter:
    routes = APIRouter()

    @routes.get("/log/{path:path}", response_class=Response)
    async def read(path: str) -> Response:
        """The checkpoint, a tile or a bundle of entries."""
        found = await log.file(path)
        if found is None:
            raise Refusal("RF1004", "the log has no such file")
        if path == "checkpoint":
            return Response(found, media_type="text/plain; charset=utf-8", headers={"Cache-Control": "no-cache"})
        return Response(found, media_type="application/octet-stream", headers={"Cache-Control": FOREVER})

    return routes
