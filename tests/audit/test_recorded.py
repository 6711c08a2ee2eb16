"""What is said of real captures that are kept (`recorded.py`): the same as of the whole ones (`real`), without root or
a browser."""

import shutil
import subprocess
from pathlib import Path

import pytest

from audit.labelled import PLACES, RULES
from audit.recorded import FOLDER
from captures.world import ME
from machine import PATIENT
from ringfence import audit
from ringfence.audit import Question

MEDIA = {"stun", "dtls", "srtp", "srtcp"}
# All that is found, all that flows carry, and the profiles of SRTP that were agreed on in clear.
KNOWN = {
    "chromium-quic": ({"no-media-seen"}, {"quic"}, set()),
    # The fence knows of no participants.
    "direct": ({"no-end-to-end-seen", "fence-outside", "fence-unknown"}, MEDIA, set()),
    "janus-aes-cm": ({"no-end-to-end-seen", "signalling-in-clear"}, MEDIA | {"http", "web_socket"}, {0x0001}),
    "janus-aes-gcm": ({"no-end-to-end-seen", "signalling-in-clear"}, MEDIA | {"http", "web_socket"}, {0x0008}),
    "names": ({"no-media-seen", "old-tls"}, {"dns", "tls", "quic"}, set()),
    "own-call": ({"no-end-to-end-seen", "signalling-in-clear"}, MEDIA | {"http", "web_socket"}, {0x0008}),
    "turn-client-tls": ({"no-media-seen"}, {"tls"}, set()),
    "turn-tcp": ({"no-end-to-end-seen", "fence-outside"}, MEDIA | {"turn"}, set()),
    "turn-tls": ({"no-media-seen"}, {"tls"}, set()),
    "turn-udp": ({"no-end-to-end-seen", "fence-outside"}, MEDIA | {"turn"}, set()),
}
KEPT = sorted(FOLDER.glob("*.pcap.gz"))


def test_all_that_is_kept_is_small_and_known() -> None:
    assert {file.name.removesuffix(".pcap.gz") for file in KEPT} == set(KNOWN)
    assert all(file.stat().st_size < 100_000 for file in KEPT)


@pytest.mark.parametrize("file", KEPT, ids=lambda file: file.name.removesuffix(".pcap.gz"))
def test_what_is_said_of_it_is_true(file: Path) -> None:
    findings, protocols, profiles = KNOWN[file.name.removesuffix(".pcap.gz")]
    seen = audit.open(file)
    report = seen.report(Question(audit.given([ME.v4]), PLACES, RULES))
    assert {one.id for one in report.findings} == findings
    assert {one for flow in seen.flows() for one in flow.protocols} == protocols
    hellos = [one for flow in seen.flows() for one in flow.all("server_hello")]
    assert {profile for one in hellos if (profile := one.get("srtp_profile"))} == profiles


@pytest.mark.skipif(shutil.which("editcap") is None, reason="tshark is not installed (make deps)")
@pytest.mark.parametrize("form", ["pcapng", "nsecpcap", "modpcap"])
def test_in_another_form_it_is_the_same(form: str, tmp_path: Path) -> None:
    """As Wireshark's tools write it."""
    kept = FOLDER / "turn-udp.pcap.gz"
    subprocess.run(["editcap", "-F", form, str(kept), str(tmp_path / form)], check=True, timeout=PATIENT)
    assert audit.open(tmp_path / form).scan.flows == audit.open(kept).scan.flows
