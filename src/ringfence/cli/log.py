"""`ringfence log verify`: a whole log of routes, read from a server or a folder, and checked against its checkpoint.
Not here: the checks (core/routelog)."""

import argparse
import json
import sys
from collections.abc import Callable
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

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
    read, own_key = _source(arguments.log)
    given = arguments.key is not None
    key = (arguments.key if given else own_key()).strip()
    origin, size, root = _checked(key, read)
    if arguments.format == "json":
        words.show({"origin": origin, "size": size, "root": root.hex(), "key": key})
    else:
        print(f"{words.printable(origin)}: {words.count(size, 'entry', 'entries')}, each where the checkpoint says")
        print(f"  Root of the tree: {root.hex()}")
        print(f"  Signed by the key: {words.printable(key)}")
        if not given:
            about = "That is the key which the log itself gives. If you have it from elsewhere, give it with --key."
            words.say("  ", about)
    return 0


def _source(log: str) -> tuple[Read, Callable[[], str]]:
    """What reads its files, and what says whose log it is. Raises RF5001 for what is neither address nor folder."""
    try:
        url = urlsplit(log)
    except ValueError:
        raise Refusal("RF5001", f"{log} is not the address of a server") from None
    if url.scheme in ("http", "https"):
        server = Server(url)
        return (lambda path: server.read(f"/log/{path}")), server.key
    folder = Folder(Path(log))
    return folder.read, folder.key


def _checked(key: str, read: Read) -> tuple[str, int, bytes]:
    """Raises RF2304 to RF2315, RF2322, and what `read` raises, as it said it."""
    failed: list[Refusal] = []

    def telling(path: str) -> bytes | None:
        try:
            return read(path)
        except Refusal as refusal:
            failed.append(refusal)
            raise

    try:
        return routelog.verify(key, telling, _progress())
    except Refusal:
        if failed:
            raise failed[0] from None
        raise


def _progress() -> Callable[[int, int], None]:
    """A line that counts, for who looks on."""
    if not sys.stderr.isatty():
        return lambda done, of: None

    def tell(done: int, of: int) -> None:
        end = "\n" if done == of else ""
        print(f"\r{done:,} of {of:,} entries", end=end, file=sys.stderr, flush=True)

    return tell


class Folder:
    """The files of a log, or a copy of them."""

    def __init__(self, folder: Path) -> None:
        """Raises RF5001 for what is none."""
        if not folder.is_dir():
            raise Refusal("RF5001", f"{folder} is neither a folder nor an address that begins with https://")
        self._folder = folder

    def read(self, path: str) -> bytes | None:
        """None for what is not there. Raises RF2323."""
        try:
            return (self._folder / path).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise Refusal("RF2323", f"{self._folder / path}: {error.strerror}") from None

    def key(self) -> str:
        """Raises RF5001 where there is none."""
        found = self.read(VERIFIER)
        if found is None:
            raise Refusal("RF5001", f"{self._folder} has no file `{VERIFIER}`: say with --key whose log it is")
        return found.decode(errors="replace")


class Server:
    """One connection for all files of a log."""

    def __init__(self, url: SplitResult) -> None:
        """Raises RF5001 for what is no address."""
        kind = HTTPSConnection if url.scheme == "https" else HTTPConnection
        self._url = f"{url.scheme}://{url.netloc}"
        try:
            if not url.hostname:
                raise ValueError
            self._connection = kind(url.hostname, url.port, timeout=SECONDS)
        except (ValueError, HTTPException):
            raise Refusal("RF5001", f"{self._url} is not the address of a server") from None

    def read(self, path: str) -> bytes | None:
        """None for what is not there. Raises RF2325."""
        try:
            self._connection.request("GET", path, headers={"User-Agent": f"ringfence/{__version__}"})
            with self._connection.getresponse() as answer:
                content: bytes = answer.read(LONGEST + 1)
        except (HTTPException, OSError, ValueError) as error:  # ValueError: a name that none can be
            self._connection.close()
            said = (error.strerror if isinstance(error, OSError) else str(error)) or type(error).__name__
            raise Refusal("RF2325", f"{self._url}{path}: {said}") from None
        if answer.status not in (200, 404):
            raise Refusal("RF2325", f"{self._url}{path}: {answer.status} {answer.reason}")
        if len(content) > LONGEST:
            raise Refusal("RF2325", f"{self._url}{path} is longer than {LONGEST >> 20} MiB")
        return content if answer.status == 200 else None

    def key(self) -> str:
        """Raises RF5001 where it says none."""
        try:
            return str(json.loads(self.read("/api/v1/node") or b"")["log"]["verifier"])
        except (ValueError, KeyError, TypeError):
            raise Refusal("RF5001", f"{self._url} does not say whose log it has: say it with --key") from None
