"""The application, put together. Not here: starting it (process)."""

from fastapi import FastAPI

from ringfence import __version__
from ringfence.server import api, pages, problems
from ringfence.server.headers import Headers, Limit


def build(services: api.Services, files: dict[str, pages.File]) -> FastAPI:
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
    app.include_router(pages.router(files))
    app.add_middleware(Limit)
    # A machine of a local network keeps its names also when it serves them without TLS again.
    secure = services.config.scheme == "https" and not services.config.tls_local
    app.add_middleware(Headers, origins=services.origins, secure=secure)
    return app
