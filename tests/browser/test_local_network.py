"""A meeting on a local network: two people join by HTTPS at the machine's own address there, with its own authority.

The browser is told to take the server's very certificate, by the SHA-256 of its public key: an authority in Chromium's
own store would need certutil, which is not installed everywhere. That the certificate holds under the authority, and
that nobody takes it without, is in tests/server/test_local_tls.py.
"""

import base64
import hashlib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from playwright.sync_api import Browser, Playwright

from machine import free_port

from .conftest import CHROMIUM, people
from .network import OUTSIDE, Capture
from .person import FLAGS
from .server import Server


@pytest.fixture(scope="module")
def lan(alone: Capture | None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    if alone is None:
        pytest.skip("an address that is not loopback's wants a network of our own, and that wants root")
    server = Server(tmp_path_factory.mktemp("lan") / "data", free_port(), "--tls-local")
    yield server
    server.stop()


def pin(certificate: Path) -> str:
    key = x509.load_pem_x509_certificate(certificate.read_bytes()).public_key()
    der = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(hashlib.sha256(der).digest()).decode()


@pytest.fixture
def trusting(playwright: Playwright, lan: Server) -> Iterator[Browser]:
    taken = f"--ignore-certificate-errors-spki-list={pin(lan.data / 'tls' / 'tls.pem')}"
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, taken])
    yield browser
    browser.close()


def test_two_people_meet_at_the_address_of_the_network(lan: Server, trusting: Browser) -> None:
    address = urlsplit(lan.url)
    assert (address.scheme, address.hostname) == ("https", OUTSIDE)
    with people(trusting, lan.url) as somebody:
        ada, ben = somebody("Ada"), somebody("Ben")
        link = ada.new_meeting("Harbour office")
        assert link.startswith(lan.url)
        ada.ask_to_join().is_in()
        ben.join(link)
        ada.sees("Ben")
        ben.sees("Ada")
        for person in (ada, ben):
            pair = person.statistics("candidate-pair", nominated=True)[0]
            remote = person.statistics("remote-candidate", id=pair["remoteCandidateId"])[0]
            assert remote["address"] == OUTSIDE
            assert person.page.evaluate("window.violations") == []


def test_a_browser_that_was_told_nothing_refuses(lan: Server, browser: Browser) -> None:
    page = browser.new_page()
    with pytest.raises(Exception, match="ERR_CERT_AUTHORITY_INVALID"):
        page.goto(lan.url)
    page.close()
