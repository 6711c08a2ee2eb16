"""`ringfence log verify`: a whole log of routes, read from a server or a folder, and checked against its checkpoint.
Not here: the checks (core/routelog)."""

import argparse
import json
import sys
from collections.abc import Callable
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path
from urllib.parse import urlsplit

from ringfence import __version__
from ringfence._core import routelog
from ringfence.cli import words
from ringfence.errors import Refusal

# A bundle of 256 entries of the longest kind is 16 MiB; ours are 9 kB.
LONGEST = 17 << 20
SECONDS = 30
VERIFIER = "verifier"

Read = Callable[[str], bytes | None]


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    about = "Checks logs of routes."
    group = commands.add_parser("log", help="logs of routes", description=about)
    jobs = group.add_subparsers(dest="job", metavar="JOB", required=True)
    check = words.job(
        jobs, "verify", _verify, "reads a whole log and checks every entry and tile against its signed checkpoint"
    )
    check.add_argument("log", metavar="URL|DIR", help="a server such as https://meet.example, or a folder")
    check.add_argument(
        "--key", help="its name and public key in one line (default: what the server or the folder says)"
    )


def _verify(arguments: argparse.Namespace) -> int:
    url = urlsplit(arguments.log)
    if url.scheme in ("http", "https"):
        server = Server(arguments.log)
        key = arguments.key or _key_of_server(server, arguments.log)

        def read(path: str) -> bytes | None:
            return server.read(f"/log/{path}")

    else:
        read = _folder(Path(arguments.log))
        key = arguments.key or _key_of_folder(read)
    origin, size, root = routelog.verify(key.strip(), read, _progress())
    if arguments.format == "json":
        words.show({"origin": origin, "size": size, "root": root.hex(), "key": key.strip()})
    else:
        print(f"{origin}: {size:,} {'entry' if size == 1 else 'entries'}, each where the checkpoint says")
        print(f"  root of the tree {root.hex()}")
        print(f"  signed by {key.strip()}")
        if not arguments.key:
            print("  The key is what the log itself says: compare it with the one in a receipt, or give it with --key.")
    return 0


def _progress() -> Callable[[int, int], None]:
    """A line that counts, for who looks on."""
    if not sys.stderr.isatty():
        return lambda done, of: None

    def tell(done: int, of: int) -> None:
        end = "\n" if done == of else ""
        print(f"\r{done:,} of {of:,} entries", end=end, file=sys.stderr, flush=True)

    return tell


def _folder(folder: Path) -> Read:
    if not folder.is_dir():
        raise Refusal("RF5001", f"{folder} is neither a folder nor an address that begins with https://")

    def read(path: str) -> bytes | None:
        try:
            return (folder / path).read_bytes()
        except FileNotFoundError:
            return None

    return read


def _key_of_folder(read: Read) -> str:
    found = read(VERIFIER)
    if found is None:
        raise Refusal("RF5001", f"the folder has no file `{VERIFIER}`: say with --key whose log it is")
    return found.decode(errors="replace")


class Server:
    """One connection for all files of a log."""

    def __init__(self, url: str) -> None:
        """Raises RF5001 for what is no address."""
        parts = urlsplit(url)
        kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        try:
            self._connection = kind(parts.hostname or "", parts.port, timeout=SECONDS)
        except ValueError:
            raise Refusal("RF5001", f"{url} is not the address of a server") from None
        self._url = f"{parts.scheme}://{parts.netloc}"

    def read(self, path: str) -> bytes | None:
        """None for what is not there. Raises RF2323."""
        try:
            self._connection.request("GET", path, headers={"User-Agent": f"ringfence/{__version__}"})
            with self._connection.getresponse() as answer:
                content: bytes = answer.read(LONGEST + 1)
        except (HTTPException, OSError) as error:
            self._connection.close()
            raise Refusal("RF2323", f"{self._url}{path}: {error or type(error).__name__}") from None
        if answer.status not in (200, 404):
            raise Refusal("RF2323", f"{self._url}{path}: {answer.status} {answer.reason}")
        if len(content) > LONGEST:
            raise Refusal("RF2323", f"{self._url}{path} is longer than {LONGEST >> 20} MiB")
        return content if answer.status == 200 else None


def _key_of_server(server: Server, url: str) -> str:
    found = server.read("/api/v1/node")
    try:
        log = json.loads(found or b"")["log"]
        return str(log["verifier"])
    except (ValueError, KeyError, TypeError):
        raise Refusal("RF5001", f"{url} does not say whose log it has: say it with --key") from None
