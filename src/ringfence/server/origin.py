"""Which pages may ask. Not here: which ones are the server's own (config)."""

from starlette.requests import HTTPConnection

from ringfence.errors import Refusal


def check_origin(connection: HTTPConnection, origins: frozenset[str]) -> None:
    """A browser says which page asks (RFC 6454 section 7): only our own may. Raises RF1006."""
    origin = connection.headers.get("origin")
    if origin is not None and origin not in origins:
        raise Refusal("RF1006")
