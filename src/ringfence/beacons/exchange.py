"""One HTTP request to a server that the operator named or runs, and no more of an answer than is wanted.
Not here: which server, or what its answer means (asking, transcripts)."""

import asyncio
import ssl
from pathlib import Path
from urllib.parse import urlsplit

import h11

from ringfence.errors import Refusal

CHUNK = 1 << 16


async def exchange(
    url: str, body: bytes | None = None, *, longest: int, seconds: float, authority: Path | None = None
) -> tuple[int, bytes]:
    """The status and the body of the answer. Nothing is followed elsewhere, and nothing is asked twice. `authority`: of
    a server's own that may have signed its certificate.

    Raises RF1311 where nobody answers in time, RF1312 where more or other than HTTP comes.
    """
    parts = urlsplit(url)
    host, secure = parts.hostname or "", parts.scheme == "https"
    try:
        async with asyncio.timeout(seconds):
            context = ssl.create_default_context() if secure else None
            if context is not None and authority is not None:
                context.load_verify_locations(authority)
            reader, writer = await asyncio.open_connection(host, parts.port or (443 if secure else 80), ssl=context)
            try:
                return await _talk(reader, writer, parts.netloc, parts.path, body, longest)
            finally:
                writer.transport.abort()
    except TimeoutError:
        raise Refusal("RF1311", f"{parts.netloc}: no whole answer within {seconds:.0f} s") from None
    except ssl.SSLCertVerificationError as error:
        raise Refusal("RF1311", f"{parts.netloc}: {error.verify_message}") from None
    except OSError as error:
        raise Refusal("RF1311", f"{parts.netloc}: {error.strerror or type(error).__name__}") from None
    except h11.RemoteProtocolError:
        raise Refusal("RF1312", f"{parts.netloc}: it does not speak HTTP/1.1") from None


async def _talk(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, host: str, path: str, body: bytes | None, longest: int
) -> tuple[int, bytes]:
    http = h11.Connection(h11.CLIENT)
    headers = {"Host": host, "Accept": "application/json, application/problem+json", "Connection": "close"}
    if body is not None:
        headers |= {"Content-Type": "application/json", "Content-Length": str(len(body))}
    method = "GET" if body is None else "POST"
    request = h11.Request(method=method, target=path, headers=list(headers.items()))
    for event in (request, h11.Data(data=body or b""), h11.EndOfMessage()):
        writer.write(http.send(event) or b"")
    await writer.drain()
    status, answer = 0, b""
    while True:
        match http.next_event():
            case h11.NEED_DATA:
                http.receive_data(await reader.read(CHUNK))
            case h11.Response(status_code=status):
                pass
            case h11.Data(data=data):
                answer += data
                if len(answer) > longest:
                    raise Refusal("RF1312", f"{host}: the answer is longer than {longest >> 10} KiB")
            case h11.EndOfMessage():
                return status, answer
            case h11.ConnectionClosed():
                raise Refusal("RF1312", f"{host}: the answer is cut off")
