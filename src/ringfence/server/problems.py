"""Errors over HTTP: RFC 9457 problem details with the stable code.
Not here: the list of errors (ringfence.errors)."""

import logging
from collections.abc import Sequence

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from ringfence.errors import Refusal, entry
from ringfence.wire.http import Problem, Reason
from ringfence.wire.model import wrong

log = logging.getLogger(__name__)

STATUS = {
    "RF1001": 400,
    "RF1002": 413,
    "RF1003": 429,
    "RF1004": 404,
    "RF1005": 405,
    "RF1006": 403,
    "RF1007": 500,
    "RF1008": 503,
    "RF1009": 503,
    "RF1101": 404,
    "RF1102": 409,
    "RF1103": 409,
    "RF1104": 409,
    "RF1205": 503,
    "RF1301": 404,
    "RF1302": 403,
    "RF1304": 409,
    "RF1305": 409,
    "RF4001": 413,
    "RF4002": 400,
    "RF4003": 400,
    "RF4004": 400,
    "RF4005": 406,
    "RF4007": 406,
    "RF4008": 406,
    "RF4102": 503,
    "RF4301": 409,
    "RF4302": 404,
    "RF4303": 503,
    "RF4304": 400,
    "RF4305": 415,
    "RF4306": 406,
}
# What is wrong about a document that was understood as a request (RFC 9110 section 15.5.21).
OTHERWISE = 422


def problem(refusal: Refusal, reasons: Sequence[Reason] = ()) -> Response:
    status, words = STATUS.get(refusal.code, OTHERWISE), entry(refusal.code)
    body = Problem(
        type=f"urn:ringfence:error:{words.name}",
        title=words.title,
        status=status,
        detail=refusal.detail or words.why,
        code=refusal.code,
        do=words.do,
        reasons=list(reasons),
    )
    headers = {"Cache-Control": "no-store"} | ({"Retry-After": "5"} if status == 429 else {})
    content = body.model_dump_json(exclude_defaults=True)
    return Response(content, status, headers, media_type="application/problem+json")


def install(app: FastAPI) -> None:
    @app.exception_handler(Refusal)
    async def refused(request: Request, refusal: Refusal) -> Response:
        return problem(refusal)

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        first = error.errors()[0]
        return problem(Refusal("RF1001", wrong(first["type"], first["loc"])))

    @app.exception_handler(HTTPException)
    async def not_routed(request: Request, error: HTTPException) -> Response:
        if error.status_code == 400:  # a body that is not even text
            return problem(Refusal("RF1001", "the body cannot be read"))
        return problem(Refusal("RF1005" if error.status_code == 405 else "RF1004"))

    @app.exception_handler(Exception)
    async def failed(request: Request, error: Exception) -> Response:
        log.error("a request failed", exc_info=error)
        return problem(Refusal("RF1007"))
