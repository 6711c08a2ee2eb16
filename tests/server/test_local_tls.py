"""The certificate authority of a server on a local network: made once, renewed in time, trusted by nobody unasked."""

import datetime
import json
import re
import shutil
import ssl
import subprocess
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from cryptography import x509

from conftest import RINGFENCE
from machine import PATIENT
from ringfence.errors import Refusal
from ringfence.server import local_tls
from ringfence.server.local_tls import RENEW, VALID, Files

NOW = datetime.datetime(2026, 11, 24, 9, tzinfo=datetime.UTC)
NAMES = ("127.0.0.1", "192.168.1.20", "fd00::20", "library", "library.local", "localhost")


def kept(files: Files) -> tuple[bytes, bytes, bytes]:
    return files.authority.read_bytes(), files.chain.read_bytes(), files.key.read_bytes()


def leaf(files: Files) -> x509.Certificate:
    return x509.load_pem_x509_certificate(files.chain.read_bytes())


def test_it_is_for_the_names_that_were_asked_for_and_all_of_it_is_for_its_user_alone(tmp_path: Path) -> None:
    files = local_tls.prepare(tmp_path / "tls", NAMES, NOW)
    said = leaf(files).extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert {str(name.value) for name in said} == set(NAMES)
    assert (tmp_path / "tls").stat().st_mode & 0o777 == 0o700
    assert {file.stat().st_mode & 0o777 for file in (tmp_path / "tls").iterdir()} == {0o600}


def test_the_next_start_changes_nothing_and_other_names_only_the_certificate(tmp_path: Path) -> None:
    before = kept(local_tls.prepare(tmp_path, NAMES, NOW))
    assert kept(local_tls.prepare(tmp_path, NAMES, NOW + datetime.timedelta(days=1))) == before
    after = kept(local_tls.prepare(tmp_path, (*NAMES, "10.0.0.7"), NOW))
    assert after[0] == before[0]
    assert after[1] != before[1]


def test_it_is_renewed_before_it_ends_under_the_same_authority(tmp_path: Path) -> None:
    before = kept(local_tls.prepare(tmp_path, NAMES, NOW))
    day = datetime.timedelta(days=1)
    assert kept(local_tls.prepare(tmp_path, NAMES, NOW + VALID - RENEW - day)) == before
    late = NOW + VALID - RENEW + day
    files = local_tls.prepare(tmp_path, NAMES, late)
    assert files.authority.read_bytes() == before[0]
    assert leaf(files).not_valid_after_utc == late + VALID


def test_a_damaged_certificate_is_made_anew_and_a_damaged_authority_is_named(tmp_path: Path) -> None:
    files = local_tls.prepare(tmp_path, NAMES, NOW)
    files.chain.write_bytes(b"damaged")
    local_tls.check(local_tls.prepare(tmp_path, NAMES, NOW).chain, files.key, NOW)
    files.authority.write_bytes(b"damaged")
    with pytest.raises(Refusal) as refused:
        local_tls.prepare(tmp_path, NAMES, NOW)
    assert refused.value.code == "RF5011"


def test_an_authority_that_ends_soon_or_has_another_key_is_named(tmp_path: Path) -> None:
    local_tls.prepare(tmp_path / "one", NAMES, NOW)
    with pytest.raises(Refusal, match="RF5011"):
        local_tls.prepare(tmp_path / "one", NAMES, NOW + local_tls.AUTHORITY - VALID + datetime.timedelta(days=1))
    local_tls.prepare(tmp_path / "two", NAMES, NOW)
    shutil.copy(tmp_path / "two" / "ca.key", tmp_path / "one" / "ca.key")
    with pytest.raises(Refusal, match="RF5011"):
        local_tls.prepare(tmp_path / "one", NAMES, NOW)


def test_a_key_that_others_can_read_stops_it(tmp_path: Path) -> None:
    local_tls.prepare(tmp_path, NAMES, NOW)
    (tmp_path / "ca.key").chmod(0o644)
    with pytest.raises(Refusal, match="RF5004"):
        local_tls.prepare(tmp_path, NAMES, NOW)


@pytest.mark.parametrize("days", [-2, 91])
def test_a_certificate_that_is_not_of_today_is_an_error_with_its_day(tmp_path: Path, days: int) -> None:
    then = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=days)
    files = local_tls.prepare(tmp_path / "tls", NAMES, then)
    given = ("--tls-cert", str(files.chain), "--tls-key", str(files.key))
    command = [RINGFENCE, "serve", "--port", "0", "--data", str(tmp_path / "data"), *given]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENT)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith("RF5005")
    assert re.search(r"(ended|begins) on \d{4}-\d\d-\d\d", line)


def test_who_trusts_the_authority_reaches_the_server_on_the_address_it_says_and_nobody_else_does(serve) -> None:
    serving = serve("--tls-local")
    assert serving.url.startswith("https://")
    trusting = ssl.create_default_context(cafile=str(serving.data / "tls" / "ca.pem"))
    with urllib.request.urlopen(f"{serving.url}/healthz", context=trusting) as answer:
        assert json.load(answer)["status"]
        assert "strict-transport-security" not in answer.headers
    with pytest.raises(urllib.error.URLError, match="CERTIFICATE_VERIFY_FAILED"):
        urllib.request.urlopen(f"{serving.url}/healthz")


def test_the_page_for_other_devices_has_the_authority_its_fingerprint_and_what_to_do(serve) -> None:
    serving = serve("--tls-local")
    said = "".join(serving.process.stdout.readline() for _ in range(3))
    page = re.search(r"open (http://\S+) on it", said)
    assert page is not None
    assert serving.url in said
    with urllib.request.urlopen(page[1]) as answer:
        text = answer.read().decode()
    fingerprint = Files.of(serving.data / "tls").fingerprint
    assert fingerprint in said
    assert fingerprint in text
    for system in ("Windows", "macOS", "iPhone", "Android", "Linux", "Firefox"):
        assert system in text
    with urllib.request.urlopen(f"{page[1]}/ringfence-ca.crt") as answer:
        fetched = answer.read()
    assert fetched == (serving.data / "tls" / "ca.pem").read_bytes()
    assert b"PRIVATE" not in fetched


def test_it_ends_cleanly_when_it_is_told_to(serve) -> None:
    assert serve("--tls-local").stop() == 0
