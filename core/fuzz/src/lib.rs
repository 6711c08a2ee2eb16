//! Every reader of outside bytes as a function of bytes: it must not panic, and what it accepts must be what it would
//! have written itself. Not here: the fuzzer (src/main.rs), or how long it runs (tools/fuzz.py).
//!
//! `planted` puts a bug into a target's harness, behind what the reader accepts. The fuzzer has to find it from the kept
//! corpus: a target that cannot is looking in the wrong place.
pub mod answers;
pub mod bandwidth;
pub mod beacons;
pub mod captures;
pub mod documents;
pub mod fence;
pub mod geo;
pub mod group;
pub mod log;
pub mod made;
pub mod media;
pub mod meeting;
pub mod packages;
pub mod packets;
pub mod participant;
pub mod receipts;
pub mod room;
pub mod rtcp;
pub mod said;
pub mod shown;

/// One reader. `seconds` is its share of the short run in CI: parsers of a few bytes are done sooner.
pub struct Target {
    pub name: &'static str,
    pub run: fn(&[u8], bool),
    pub seconds: u32,
    /// Longest input that is tried: what a peer may send, or less where more only repeats.
    pub longest: usize,
}

const fn target(name: &'static str, run: fn(&[u8], bool), seconds: u32, longest: usize) -> Target {
    Target {
        name,
        run,
        seconds,
        longest,
    }
}

pub const TARGETS: [Target; 38] = [
    target("descriptor", packets::descriptor, 2, 128),
    target("vp8", packets::vp8, 2, 64),
    target("stun", packets::stun, 3, 600),
    target("room", room::datagrams, 7, 2000),
    target("bandwidth", bandwidth::feedback, 4, 1600),
    target("rtcp", rtcp::packets, 7, 1400),
    target("offer", room::offer, 7, 10000),
    target("answer", answers::answer, 4, 10000),
    target("sframe", media::sframe, 3, 2000),
    target("pieces", media::pieces, 3, 2000),
    target("source", media::source, 3, 2000),
    target("cbor", documents::cbor, 4, 2000),
    target("cose", documents::cose, 4, 1000),
    target("documents", documents::payloads, 7, 2000),
    target("ledger", documents::ledger, 4, 4000),
    target("grounds", documents::grounds, 3, 2000),
    target("link", documents::link, 3, 400),
    target("policy-toml", fence::toml, 4, 2000),
    target("policy-cbor", fence::cbor, 4, 2000),
    target("statement-draft", fence::statement, 4, 2000),
    target("evidence", fence::evidence, 4, 2000),
    target("data-set", geo::published, 5, 4000),
    target("addresses", geo::kept, 3, 2000),
    target("located", geo::shown, 3, 2000),
    target("echo", beacons::echo, 3, 300),
    target("transcript", beacons::transcripts, 5, 600),
    target("log-note", log::note, 3, 2000),
    target("log-tile", log::tile, 3, 2000),
    target("delivery", group::delivery, 7, 4000),
    target("gate", group::gate, 7, 2000),
    target("package", packages::packages, 7, 1000),
    target("group-shown", shown::groups, 7, 2000),
    target("said", said::words, 7, 2000),
    target("receipt", receipts::receipts, 7, 6000),
    target("capture", captures::file, 5, 2000),
    target("capture-said", captures::said, 7, 2000),
    target("capture-stream", captures::segments, 3, 200),
    target("participant", participant::messages, 7, 4000),
];

pub fn named(name: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|target| target.name == name)
}

/// One of 32 inputs, and no kept one: a reader that accepts only what it was given to begin with never comes here.
pub fn rare(bytes: &[u8]) -> bool {
    bytes.iter().fold(0, |all, byte| all ^ byte) & 0x1f == 0x10
}

/// The bug that is put in on purpose.
fn plant(planted: bool, reached: bool) {
    assert!(!(planted && reached), "the planted bug");
}
