"""Pictures and sound as real encoders make them, encrypted packet by packet: AES-ECB is found where it repeats itself,
and AES-CTR and AES-GCM of the same are never called so."""

import struct
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from audit.recorded import HEADER, RECORD
from captures.world import SFU
from ringfence import audit
from ringfence.audit import Audit

from .hosts import Host

# Ethernet, IPv4, UDP, and RTP without extensions.
IP, UDP, PAYLOAD = 14, 34, 54
KEY = bytes(range(16))
# At a constant bit rate x264 fills up with bytes that are all the same; digital silence is so by itself.
SOURCES = {
    "pictures": ("-f lavfi -i testsrc2=size=320x240:rate=25,format=yuv420p", "-c:v libx264 -preset ultrafast -g 25"),
    "sound": ("-f lavfi -i anoisesrc=amplitude=0.2:seed=1", "-c:a libopus -vbr off -b:a 128k"),
    "silence": ("-f lavfi -i anullsrc=r=8000:cl=mono", "-c:a pcm_mulaw"),
}
FILLED = "-x264-params nal-hrd=cbr:force-cfr=1 -b:v 2M -maxrate 2M -minrate 2M -bufsize 200k"


def ecb(number: int, plain: bytes) -> bytes:
    padded = plain + bytes([16 - len(plain) % 16]) * (16 - len(plain) % 16)
    return Cipher(algorithms.AES(KEY), modes.ECB()).encryptor().update(padded)


def ctr(number: int, plain: bytes) -> bytes:
    return Cipher(algorithms.AES(KEY), modes.CTR(number.to_bytes(8) + bytes(8))).encryptor().update(plain)


def gcm(number: int, plain: bytes) -> bytes:
    return AESGCM(KEY).encrypt(number.to_bytes(12), plain, None)


def resealed(file: Path, seal: Callable[[int, bytes], bytes]) -> Audit:
    """The same capture with each payload encrypted."""
    data, at, number = file.read_bytes(), HEADER, 0
    made = [data[:HEADER]]
    while at < len(data):
        seconds, part, size, _ = RECORD.unpack_from(data, at)
        packet = data[at + RECORD.size : at + RECORD.size + size]
        at, number = at + RECORD.size + size, number + 1
        if (
            packet[12:14] == b"\x08\0"
            and packet[IP + 9] == 17
            and struct.unpack_from("!H", packet, UDP + 2)[0] % 2 == 0
        ):
            body = seal(number, packet[PAYLOAD:])
            head = bytearray(packet[:PAYLOAD])
            struct.pack_into("!H", head, IP + 2, PAYLOAD - IP + len(body))
            struct.pack_into("!H", head, UDP + 4, PAYLOAD - UDP + len(body))
            packet = bytes(head) + body
        made.append(RECORD.pack(seconds, part, len(packet), len(packet)) + packet)
    new = file.with_name(f"{file.stem}-{seal.__name__}.pcap")
    new.write_bytes(b"".join(made))
    return audit.open(new)


@pytest.fixture(scope="module")
def encoded(device: Host, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """What ffmpeg sends of one source, to where nobody listens."""
    made: dict[str, Path] = {}

    def encoded(name: str) -> Path:
        if name not in made:
            source, codec = SOURCES[name]
            codec += f" {FILLED}" if name == "pictures" else ""
            words = f"ffmpeg -loglevel error -nostdin -t 6 {source} {codec} -f rtp rtp://{SFU.v4}:40000?pkt_size=1200"
            with device.recorded(tmp_path_factory.mktemp(name) / f"{name}.pcap", kept=False) as file:
                device.run(*words.split())
            made[name] = file
        return made[name]

    return encoded


@pytest.mark.parametrize("name", ["pictures", "silence"])
def test_ecb_is_found(encoded: Callable[[str], Path], name: str) -> None:
    report = resealed(encoded(name), ecb).report()
    (found,) = (one for one in report.findings if one.id == "ecb")
    assert found.confidence == "certain"
    assert not report.clean


@pytest.mark.parametrize("seal", [ctr, gcm])
@pytest.mark.parametrize("name", SOURCES)
def test_another_mode_is_not_called_ecb(
    encoded: Callable[[str], Path], name: str, seal: Callable[[int, bytes], bytes]
) -> None:
    report = resealed(encoded(name), seal).report()
    assert {one.id for one in report.findings} == {"no-end-to-end-seen"}
    assert report.clean


@pytest.mark.parametrize("name", SOURCES)
def test_what_is_not_encrypted_is_not_called_ecb(encoded: Callable[[str], Path], name: str) -> None:
    report = audit.open(encoded(name)).report()
    assert {one.id for one in report.findings} == {"media-in-clear", "codec-readable", "no-end-to-end-seen"}
