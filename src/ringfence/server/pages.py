"""The client that browsers run: the files that `vite build` made, from memory.
Not here: what they do (web/)."""

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from fastapi import APIRouter, Request, Response

from ringfence.errors import Refusal

# Not every system knows these.
TYPES = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".wasm": "application/wasm",
    ".bin": "application/octet-stream",
    ".woff2": "font/woff2",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
}
COMPRESSED = {".js", ".css", ".html", ".svg", ".wasm", ".bin", ".json", ".webmanifest"}
FOREVER = "public, max-age=31536000, immutable"


@dataclass
class File:
    name: str
    content: bytes = field(repr=False)
    # By Brotli (RFC 7932), made with the pages: it takes seconds to make.
    brotli: bytes | None = field(repr=False, default=None)

    @property
    def suffix(self) -> str:
        return Path(self.name).suffix

    @property
    def type(self) -> str:
        return TYPES.get(self.suffix) or mimetypes.guess_type(self.name)[0] or "text/plain"

    @cached_property
    def tag(self) -> str:
        return f'"{hashlib.sha256(self.content).hexdigest()[:32]}"'

    @cached_property
    def gzipped(self) -> bytes:
        return gzip.compress(self.content, 9, mtime=0)

    def response(self, request: Request) -> Response:
        # Names in assets/ hold a hash of the content: they never change.
        caching = FOREVER if self.name.startswith("assets/") else "no-cache"
        headers = {"Cache-Control": caching, "ETag": self.tag, "Vary": "Accept-Encoding"}
        content, coding = self._as(_accepted(request.headers.get("accept-encoding", "")))
        if coding is not None:
            # Other bytes, another tag (RFC 9110 section 8.8.3.3).
            headers |= {"Content-Encoding": coding, "ETag": f'{self.tag[:-1]}-{coding}"'}
        known = request.headers.get("if-none-match", "")
        if headers["ETag"] in (tag.strip().removeprefix("W/") for tag in known.split(",")):
            return Response(status_code=304, headers=headers)
        return Response(content, headers=headers, media_type=self.type)

    def _as(self, accepted: set[str]) -> tuple[bytes, str | None]:
        if self.brotli is not None and "br" in accepted:
            return self.brotli, "br"
        if self.suffix in COMPRESSED and "gzip" in accepted:
            return self.gzipped, "gzip"
        return self.content, None


def _accepted(codings: str) -> set[str]:
    """Those that are not refused by a weight of zero (RFC 9110 section 12.5.3)."""
    parts = (coding.lower().replace(" ", "").partition(";q=") for coding in codings.split(","))
    return {name for name, _, weight in parts if not weight or weight.strip("0.")}


def load(folder: Path) -> dict[str, File]:
    """Raises RF5006 when there are no pages."""
    files = {}
    if folder.is_dir():
        for path in sorted(folder.rglob("*")):
            if path.is_file() and path.suffix != ".br":
                name = path.relative_to(folder).as_posix()
                smaller = path.with_name(f"{path.name}.br")
                files[name] = File(name, path.read_bytes(), smaller.read_bytes() if smaller.exists() else None)
    if "index.html" not in files:
        raise Refusal("RF5006", str(folder))
    return files


def router(files: dict[str, File]) -> APIRouter:
    routes = APIRouter(include_in_schema=False)

    @routes.get("/")
    @routes.get("/m/{meeting}")
    async def page(request: Request) -> Response:
        return files["index.html"].response(request)

    @routes.get("/{name:path}")
    async def file(name: str, request: Request) -> Response:
        found = files.get(name)
        if found is None:
            raise Refusal("RF1004")
        return found.response(request)

    return routes
