"""The generator keeps its word: the same seed gives the same bytes, ciphers are those of the RFCs, what is said to
repeat does, and other readers of the files see what the labels say.
Not here: the auditor."""

import shutil
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from captures import IPV6, MUTATIONS, SCENES, Label, Protocol, Tally, clean_copy, mutant, played, prefixes
from captures.__main__ import tables
from captures.protocols import quic, rtp, small
from captures.trace import key_of

TCPDUMP, TSHARK = shutil.which("tcpdump"), shutil.which("tshark")
# Each of these once, with a scene that has something for it to spoil.
PAIRS = list(zip(MUTATIONS, list(SCENES)[:: len(SCENES) // len(MUTATIONS)], strict=False))


def test_there_are_enough_of_each_kind() -> None:
    families = Counter(scene.family for scene in SCENES.values())
    assert sum(families.values()) >= 60
    assert min(families[family] for family in ("weak", "clean", "alike", "mixed")) >= 10


def test_each_label_is_asked_for_somewhere_and_alone_where_it_can_be() -> None:
    bases = {name: clean_copy(played(name)).expected.must for name in SCENES}
    weak = [found - {Label.NO_SECOND_LAYER} for name, found in bases.items() if SCENES[name].family != "mixed"]
    assert set().union(*bases.values()) == set(Label)
    # Keys that are the same are seen in blocks or beside the keys; a readable codec is media in clear.
    together = {Label.ONE_KEY, Label.CODEC_READABLE, Label.EARLY_MEDIA, Label.UNDECLARED_CONTACT}
    for label in set(Label) - together - {Label.NO_SECOND_LAYER}:
        assert {label} in weak, label


@pytest.mark.parametrize("family", ["clean", "alike"])
def test_what_is_clean_is_asked_for_nothing_but_what_was_not_seen(family: str) -> None:
    for name, scene in SCENES.items():
        if scene.family == family and name != "tone-pcmu":
            assert clean_copy(played(name)).expected.must <= {Label.NO_SECOND_LAYER}, name


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others() -> None:
    for name in list(SCENES)[::7]:
        one, again, other = (clean_copy(played(name, seed)).data for seed in (1, 1, 2))
        assert one == again, name
        assert one != other, name
    for mutation in list(MUTATIONS)[::5]:
        assert mutant("meeting", mutation, 3).data == mutant("meeting", mutation, 3).data


def test_labels_do_not_depend_on_the_seed_or_the_version_of_ip() -> None:
    for name in list(SCENES)[::2]:
        found = {clean_copy(played(name, seed, *network)).expected.must for seed, network in ((1, ()), (2, (IPV6,)))}
        assert len(found) == 1, name


def test_srtp_keys_are_those_of_rfc_3711() -> None:
    master = bytes.fromhex("E1F97A0D3E018BE0D64FA32C06DE4139")
    sealer = rtp.Sealer(rtp.Profile.CM_80, master, bytes.fromhex("0EC675AD498AFEEBB6960B3AABE6"))
    assert sealer.key.hex() == "c61e7a93744f39ee10734afe3ff7a087"
    assert sealer.salt.hex() == "30cbbc08863d8c85d49db34a9ae1"
    assert sealer.auth.hex() == "cebe321f6ff7716b6fd4ab49af256a156d38baa4"


def test_srtp_in_gcm_is_that_of_rfc_7714() -> None:
    # Section 16.1.1 has the session's key and salt, which are behind the derivation.
    sealer = rtp.Sealer(rtp.Profile.GCM_128, bytes(16), bytes(12))
    sealer.key, sealer.salt = bytes(range(16)), b"Quid pro quo"
    sealed = sealer.rtp(bytes.fromhex("8040f17b8041f8d35501a0b2"), b"Gallia est omnis divisa in partes tres")
    assert sealed[12:28].hex() == "f24de3a3fb34de6cacba861c9d7e4bca"
    assert sealed[-16:].hex() == "899d7f27beb16a9152cf765ee4390cce"


def test_quic_keys_are_those_of_rfc_9001_and_rfc_9369() -> None:
    first = bytes.fromhex("8394c8f03e515708")
    keys = {
        quic.V1: ("1f369613dd76d5467730efcbe3b1a22d", "9f50449e04a0e810283a1e9933adedd2"),
        quic.V2: ("8b1a0bc121284290a29e0971b5cd045d", "45b95e15235d6f45a6b19cbcb0294ba9"),
    }
    for version, (key, hp) in keys.items():
        sealer = quic.Initial(version, first, client=True)
        assert (sealer.key.hex(), sealer.hp.hex()) == (key, hp)


def test_sframe_keys_and_headers_are_those_of_rfc_9605() -> None:
    sender = small.SFrame(bytes(range(16)), 0x123)
    assert sender.key.hex() == "d34f547f4ca4f9a7447006fe7fcbf768"
    assert sender.salt.to_bytes(12).hex() == "75234edefe07819026751816"
    assert small.sframe_header(0x123, 0x4567).hex() == "9901234567"
    assert small.sframe_header(7, 0).hex() == "70"


def blocks_that_repeat(name: str) -> int:
    """Blocks of 16 bytes with 12 distinct ones that two different packets of media share, at any offset below 64."""
    seen: dict[bytes, set[bytes]] = {}
    for frame in played(name).frames:
        data = frame.packet[-frame.payload :] if frame.soft else b""
        for start in range(0, 64):
            block = data[start : start + 16]
            if len(set(block)) >= 12:
                seen.setdefault(block, set()).add(data[start:])
    return sum(len(where) > 1 for where in seen.values())


def test_blocks_repeat_in_ecb_and_nowhere_else() -> None:
    for name in SCENES:
        if "ecb" in name or name == "app-2020":
            assert blocks_that_repeat(name) > 3, name
    for name in ("media-ctr", "media-gcm", "silence-ctr", "srtp-gcm-128", "quiet", "zoom-gcm", "random-udp", "zeros"):
        assert blocks_that_repeat(name) == 0, name


def test_senders_share_blocks_only_under_one_key() -> None:
    shared = {}
    for name in ("ecb-everybody-2020", "ecb-two-keys"):
        blocks: dict[bytes, set[bytes]] = {}
        for frame in played(name).frames:
            # The encapsulation's first header has 8 bytes; the second says by its first byte how long it is.
            data = frame.packet[-frame.payload :]
            media = data[8 + (24 if data[8] == small.ZOOM_VIDEO else 19) :]
            body = media[16:]
            for at in range(0, len(body) - 15, 16):
                blocks.setdefault(body[at : at + 16], set()).add(media[8:12])
        shared[name] = sum(len(senders) > 1 for senders in blocks.values())
    assert shared["ecb-everybody-2020"] > 3
    assert shared["ecb-two-keys"] == 0


def test_a_mutant_that_hides_nothing_still_has_every_label() -> None:
    for mutation in (
        "raw",
        "cooked-2",
        "vlan",
        "ng-many",
        "fragments",
        "reordered",
        "duplicated",
        "resent",
        "segments",
        "all",
    ):
        for name in list(SCENES)[::6]:
            labels = clean_copy(played(name)).expected.must
            assert mutant(name, mutation).expected.must == labels, (name, mutation)


def test_a_snaplen_hides_what_is_in_payloads_and_not_who_talked() -> None:
    assert mutant("app-2020", "snaplen-96").expected.must == {Label.OUTSIDE_FENCE}
    assert Label.ECB in mutant("app-2020", "snaplen-96").expected.may
    whole, cut = clean_copy(played("meeting")).expected, mutant("meeting", "snaplen-96").expected
    assert [(flow.a, flow.there, flow.back) for flow in whole.flows or ()] == [
        (flow.a, flow.there, flow.back) for flow in cut.flows or ()
    ]


def test_a_file_that_ends_early_has_the_labels_of_what_came_before() -> None:
    for seed in range(12):
        capture = mutant("keys-sip-udp", "cut", seed)
        assert capture.expected.packets is not None
        assert (Label.KEYS_IN_CLEAR in capture.expected.must) == (capture.expected.packets >= 4), seed
        assert Label.KEYS_IN_CLEAR in capture.expected.must | capture.expected.may


def test_what_is_resent_or_doubled_counts_in_its_flow() -> None:
    one, two = clean_copy(played("srtp-cm-80")).expected, mutant("srtp-cm-80", "twice").expected
    assert one.flows and two.flows
    assert two.flows[0].there.packets == 2 * one.flows[0].there.packets
    assert two.flows[0].back.ip_bytes == 2 * one.flows[0].back.ip_bytes


def test_flows_say_what_they_speak() -> None:
    (flow,) = clean_copy(played("turn-udp")).expected.flows or ()
    assert flow.protocols == {Protocol.STUN, Protocol.TURN, Protocol.SRTP, Protocol.SRTCP}
    assert flow.facts["relayed_peer"].startswith("10.20.0.9:")
    assert key_of(flow.transport, flow.a, flow.b) == key_of(flow.transport, flow.b, flow.a)


@pytest.mark.skipif(TCPDUMP is None, reason="tcpdump is not installed")
def test_tcpdump_reads_every_scene(tmp_path: Path) -> None:
    for name in SCENES:
        capture = clean_copy(played(name))
        file = tmp_path / f"{name}.pcap"
        file.write_bytes(capture.data)
        done = subprocess.run([str(TCPDUMP), "-nr", str(file)], capture_output=True, text=True)
        assert done.returncode == 0, (name, done.stderr)
        lines = [line for line in done.stdout.splitlines() if not line.startswith(("\t", " "))]
        assert len(lines) >= (capture.expected.packets or 0), name
        assert "bad" not in done.stderr


FIELDS = ("frame.time_epoch", "frame.len", "ip.src", "ip.dst", "ipv6.src", "ipv6.dst", "udp.srcport", "udp.dstport")


@pytest.mark.skipif(TSHARK is None, reason="tshark is not installed")
@pytest.mark.parametrize(("mutation", "name"), [pair for pair in PAIRS if not MUTATIONS[pair[0]].spoil])
def test_tshark_counts_the_same_packets(mutation: str, name: str, tmp_path: Path) -> None:
    capture = mutant(name, mutation)
    file = tmp_path / f"capture{capture.suffix}"
    file.write_bytes(capture.data)
    command = [str(TSHARK), "-n", "-o", "ip.defragment:FALSE", "-o", "ipv6.defragment:FALSE", "-r", str(file)]
    for field in FIELDS:
        command += ["-e", field]
    done = subprocess.run([*command, "-T", "fields"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    rows = [line.split("\t") for line in done.stdout.splitlines()]
    # It shows custom blocks of a pcapng as packets without a time.
    rows = [row for row in rows if row[0]]
    assert len(rows) == capture.expected.packets
    counted = Counter(tuple(sorted((row[2] or row[4], row[3] or row[5]))) for row in rows if row[2] or row[4])
    expected: Counter[tuple[str, ...]] = Counter()
    for flow in capture.expected.flows or ():
        expected[tuple(sorted((flow.a.address, flow.b.address)))] += flow.there.packets + flow.back.packets
    for ends, packets in expected.items():
        # ICMP is in no flow.
        assert counted[ends] >= packets, ends


def test_the_readme_ends_with_the_tables_of_scenes_and_mutations() -> None:
    assert Path(__file__).with_name("README.md").read_text().endswith(f"## The scenes\n{tables()}")


def test_every_prefix_of_a_file_has_what_was_written_before_its_end() -> None:
    whole = clean_copy(played("keys-sip-udp"))
    counts, labels = [], []
    for capture in prefixes("keys-sip-udp"):
        counts.append(capture.expected.packets)
        labels.append(Label.KEYS_IN_CLEAR in capture.expected.must)
    assert len(counts) == len(whole.data)
    assert counts == sorted(counts)
    assert (counts[0], counts[-1]) == (0, (whole.expected.packets or 0) - 1)
    assert labels == sorted(labels)
    assert labels[-1]


def test_variants_are_other_accidents_to_the_same_packets() -> None:
    one, two = (mutant("meeting", "flipped", variant=number).data for number in (0, 1))
    assert len(one) == len(two)
    assert one != two
    assert sum(a != b for a, b in zip(one, two, strict=True)) < 200


def test_a_tally_tells_what_was_missed_from_what_is_false_and_leaves_out_what_may_be() -> None:
    tally = Tally()
    tally.add(clean_copy(played("clear-opus")), {Label.MEDIA_IN_CLEAR, Label.NO_SECOND_LAYER, Label.ECB})
    tally.add(clean_copy(played("silence-opus")), {Label.MEDIA_IN_CLEAR, Label.NO_SECOND_LAYER})
    tally.add(clean_copy(played("early-media")), {Label.NO_SECOND_LAYER})
    assert tally.wrong == [("clear-opus", Label.CODEC_READABLE, "missed"), ("clear-opus", Label.ECB, "false")]
    assert (tally.precision(Label.ECB), tally.recall(Label.CODEC_READABLE)) == (0, 0)
    assert (tally.precision(Label.MEDIA_IN_CLEAR), tally.recall(Label.MEDIA_IN_CLEAR)) == (1, 1)
    assert tally.found[Label.MEDIA_IN_CLEAR] == 1
    assert len(tally.table().splitlines()) == 1 + len(Label) - 2
