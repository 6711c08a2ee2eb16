"""The application, put together. Not here: starting it (process)."""

from fastapi import FastAPI
from starlette.types import ASGIApp

from ringfence import __version__
from ringfence.server import api, bench, pages, problems, routelog
from ringfence.server.headers import Headers, Limit


def build(services: api.Services, files: dict[str, pages.File]) -> ASGIApp:
    # The interactive documentation of FastAPI fetches from a third party: there is none.
    app = FastAPI(
        title="Ringfence",
        version=__version__,
        openapi_url="/api/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    problems.install(app)
    app.include_router(api.router(services))
    app.include_router(routelog.router(services.delivery.routes))
    if services.ingest is not None:
        app.include_router(bench.router(services.ingest, services.origins))
    app.include_router(pages.router(files))
    app.add_middleware(Limit)
    # A machine of a local network keeps its names also when it serves them without TLS again.
    secure = services.url.startswith("https:") and not services.config.tls_local
    # Around everything, so that the answer to a request that failed has them too.
    return Headers(app, services.origins, secure)
