"""Debian's Janus, with its echo: whoever calls it gets back what they send. It has no second layer of encryption.
Not here: who calls it (pages.py), or what is said of the call."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from captures.world import SFU
from machine import PATIENT, free_port

from .hosts import Host
from .waiting import wait

LIBRARIES = Path("/usr/lib/x86_64-linux-gnu/janus")
CONFIGURATION = """
general: {{
  configs_folder = "{folder}"
  plugins_folder = "{folder}/plugins"
  transports_folder = "{folder}/transports"
  events_folder = "{folder}/none"
  loggers_folder = "{folder}/none"
}}
nat: {{ ice_enforce_list = "{address}" }}
"""
SOCKETS = """
general: {{
  json = "compact"
  ws = true
  ws_port = {port}
}}
"""


@contextmanager
def janus(host: Host, folder: Path) -> Iterator[str]:
    """The address of its WebSocket."""
    port = free_port()
    for kind, name in (("plugins", "echotest"), ("transports", "websockets")):
        (folder / kind).mkdir()
        library = f"libjanus_{name}.so"
        (folder / kind / library).symlink_to(LIBRARIES / kind / library)
    (folder / "none").mkdir()
    (folder / "janus.jcfg").write_text(CONFIGURATION.format(folder=folder, address=SFU.v4))
    (folder / "janus.transport.websockets.jcfg").write_text(SOCKETS.format(port=port))
    log = folder / "log"
    command = ["janus", "--disable-colors", "--configs-folder", str(folder), "--config", str(folder / "janus.jcfg")]
    with log.open("w") as out, subprocess.Popen(host.command(*command), stdout=out, stderr=out) as process:
        try:
            wait(lambda: "Websockets server started" in log.read_text(), lambda: log.read_text()[-2000:])
            yield f"ws://{SFU.v4}:{port}"
        finally:
            process.terminate()
            process.wait(PATIENT)
