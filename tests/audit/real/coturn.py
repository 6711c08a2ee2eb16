"""Debian's coturn: a TURN server (RFC 8656) over UDP, TCP and TLS, for whoever knows its one name and password.
Not here: who uses it (pages.py), or what is said of it."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from captures.world import DOMAIN, TURN
from machine import PATIENT, free_port

from .certificate import Certificate
from .hosts import Host

NAME, PASSWORD = "ada", "a-word-of-a-test"


@dataclass(frozen=True)
class Relay:
    port: int
    tls_port: int

    def server(self, way: str) -> dict[str, str]:
        """What a page says of it: `way` is udp, tcp or tls (RFC 7065)."""
        scheme, port = ("turns", self.tls_port) if way == "tls" else ("turn", self.port)
        transport = "udp" if way == "udp" else "tcp"
        return {"urls": f"{scheme}:{TURN.v4}:{port}?transport={transport}", "username": NAME, "credential": PASSWORD}


@contextmanager
def coturn(host: Host, folder: Path, certificate: Certificate) -> Iterator[Relay]:
    relay = Relay(free_port(), free_port())
    settings = {
        "listening-ip": TURN.v4,
        "relay-ip": TURN.v4,
        "listening-port": relay.port,
        "tls-listening-port": relay.tls_port,
        "cert": certificate.file,
        "pkey": certificate.key,
        "realm": DOMAIN,
        "user": f"{NAME}:{PASSWORD}",
        "userdb": folder / "users",
        "pidfile": folder / "pid",
        "log-file": "stdout",
    }
    words = ("lt-cred-mech", "fingerprint", "no-cli", "no-dtls", "no-multicast-peers")
    file = folder / "turnserver.conf"
    file.write_text("\n".join([*words, *(f"{name}={value}" for name, value in settings.items())]) + "\n")
    log = folder / "log"
    with (
        log.open("w") as out,
        subprocess.Popen(host.command("turnserver", "-c", str(file)), stdout=out, stderr=out) as process,
    ):
        try:
            for port in (relay.port, relay.tls_port):
                host.reaches(TURN.v4, port)
            yield relay
        finally:
            process.terminate()
            process.wait(PATIENT)
