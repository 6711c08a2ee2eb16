"""What every response says to the browser about itself, and how large a request may be.
Not here: the responses (api, pages)."""

from collections.abc import Iterable

from starlette.datastructures import Headers as RequestHeaders
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ringfence.errors import Refusal
from ringfence.server.problems import problem
from ringfence.wire.model import MAX_MESSAGE


def policy(origin: str) -> str:
    """Nothing from anywhere but here. Older browsers do not count WebSockets as 'self': they are named.
    An IPv6 literal cannot be (CSP3 section 2.3.1 has no such host-source)."""
    socket = "" if "[" in origin else f" {origin.replace('http', 'ws', 1)}"
    directives = {
        "default-src": "'none'",
        "script-src": "'self' 'wasm-unsafe-eval'",
        "style-src": "'self'",
        "img-src": "'self' data: blob:",
        "media-src": "'self' blob:",
        "connect-src": f"'self'{socket}",
        "worker-src": "'self'",
        "font-src": "'self'",
        "manifest-src": "'self'",
        "frame-ancestors": "'none'",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in directives.items())


class Headers:
    """ASGI middleware: the security headers of every HTTP response."""

    def __init__(self, app: ASGIApp, origins: Iterable[str], secure: bool) -> None:
        self._app = app
        # By the host that the page was asked for; behind a proxy that names another, by the public one.
        self._policies = {origin.split("//")[1]: policy(origin) for origin in origins}
        self._policy = self._policies[min(self._policies)]
        self._headers = {
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Embedder-Policy": "require-corp",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Permissions-Policy": "camera=(self), microphone=(self), geolocation=(self), payment=(), usb=()",
        }
        if secure:
            self._headers["Strict-Transport-Security"] = "max-age=31536000"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] in ("http.response.start", "websocket.http.response.start"):
                host = RequestHeaders(scope=scope).get("host", "")
                MutableHeaders(scope=message).update(self._headers)
                MutableHeaders(scope=message)["Content-Security-Policy"] = self._policies.get(host, self._policy)
            await send(message)

        await self._app(scope, receive, with_headers)


class Limit:
    """ASGI middleware: reads a request's body before anything is done, and no more than 1 MiB of it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD"):
            await self._app(scope, receive, send)
            return
        body = b""
        more = True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            body += message.get("body", b"")
            more = message.get("more_body", False)
            if len(body) > MAX_MESSAGE:
                await problem(Refusal("RF1002"))(scope, receive, send)
                return
        read = False

        async def whole() -> Message:
            nonlocal read
            if read:
                return await receive()
            read = True
            return {"type": "http.request", "body": body, "more_body": False}

        await self._app(scope, whole, send)
