"""What tests have to know of the machine that they run on: how slow it may be, and which ports nobody has.
Not here: what people are promised; that is measured on a machine that does nothing else (bench/)."""

import ctypes
import os
import random
import socket
import sys
from pathlib import Path

# Seconds for anything that has to come. Two cores hold browsers, encoders and a server, and maybe a build beside them.
PATIENT = 60
# Below those that the system gives to whoever connects: there a port would be taken between looking and listening, or
# while a server is away. Above those that browsers refuse.
EPHEMERAL = Path("/proc/sys/net/ipv4/ip_local_port_range")
PORTS = range(20_000, int(EPHEMERAL.read_text().split()[0]) if EPHEMERAL.exists() else 32_768)

# linux/prctl.h, linux/capability.h
PR_CAPBSET_DROP, CAP_SYS_NICE = 24, 23


def give_up_priority() -> None:
    """From here on no process of ours comes before others, as on the machines of people, who are not root.

    Root's Chromium puts its threads for sound, network and drawing before all others, and not those on which its pages
    run: where several share two cores, those stand still for seconds.
    """
    if sys.platform == "linux" and os.geteuid() == 0:
        ctypes.CDLL(None).prctl(PR_CAPBSET_DROP, CAP_SYS_NICE, 0, 0, 0)


def free_port() -> int:
    """At random: several of these tests run at once."""
    for port in random.sample(PORTS, len(PORTS)):
        with socket.socket() as probe:
            try:
                probe.bind(("", port))
            except OSError:
                continue
        return port
    raise OSError("every port is taken")
