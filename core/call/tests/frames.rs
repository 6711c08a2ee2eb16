//! What becomes of frames: nothing passes while media is closed, none opens twice, on another's line, or with keys that
//! are over; what comes a moment too soon waits. Not here: connections.

use ringfence_call::frames::{Counted, Frames, Kind, Slot};
use ringfence_call::ring::EpochKeys;
use ringfence_e2ee::keys::{BaseKey, Header, Stream, kid, seal};
use std::collections::HashMap;
use std::time::{Duration, Instant};
use str0m::media::Mid;

const ME: u32 = 1;
const ADA: u32 = 2;
const BO: u32 = 3;
const KEY_FRAME: &[u8] = &[0x10, 0, 0, 0x9d, 1, 0x2a, 64, 0, 48, 0, 7, 7, 7];
const AFTER: &[u8] = &[0x11, 8, 8, 8];

fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

/// Another key for each epoch and leaf.
fn base(epoch: u64, leaf: u32) -> BaseKey {
    let mut bytes = [leaf as u8; 16];
    bytes[0] = epoch as u8;
    BaseKey::from_bytes(bytes)
}

fn keys(epoch: u64, switch_ms: u64) -> EpochKeys {
    EpochKeys {
        epoch,
        own_leaf: ME,
        keys: [ME, ADA, BO].map(|leaf| (leaf, base(epoch, leaf))).into(),
        keep: ms(10_000),
        switch: ms(switch_ms),
    }
}

fn line() -> Mid {
    Mid::from("3")
}

struct World {
    frames: Frames,
    now: Instant,
}

impl World {
    /// In epoch 1, with Ada's camera on the line, and media open.
    fn new() -> Self {
        let mut world = Self::closed();
        world.frames.set_open(true, world.now);
        world
    }

    fn closed() -> Self {
        let (mut frames, now) = (Frames::default(), Instant::now());
        frames.install(keys(1, 0), now);
        frames.set_slots(slots(ADA, 1), now);
        Self { frames, now }
    }

    fn pass(&mut self, milliseconds: u64) {
        self.now += ms(milliseconds);
        self.frames.tick(self.now);
    }

    fn arrives(&mut self, frame: &[u8]) -> &mut Self {
        self.frames
            .arrived(line(), Kind::Picture, frame.to_vec(), self.now);
        self
    }

    /// Frames that opened, failed and came late, of all streams.
    fn counts(&self) -> (u64, u64, u64) {
        let counted = self.frames.counted(self.now);
        let sum = |of: fn(&Counted) -> u64| counted.iter().map(of).sum();
        (sum(|one| one.frames), sum(|one| one.failed), sum(|one| one.late))
    }
}

fn slots(leaf: u32, context: u8) -> HashMap<Mid, Slot> {
    HashMap::from([(line(), Slot { leaf, context })])
}

/// As a browser seals it.
fn sealed(epoch: u64, leaf: u32, counter: u64, frame: &[u8]) -> Vec<u8> {
    let clear = if frame[0] & 1 == 0 { 10 } else { 1 };
    let header = Header {
        kid: kid(Stream::Camera, leaf, epoch),
        counter,
    };
    let body = seal(&base(epoch, leaf), header, &frame[..clear], &frame[clear..]);
    [&frame[..clear], &body].concat()
}

#[test]
fn what_one_seals_another_opens_and_counts() {
    let mut world = World::new();
    world
        .arrives(&sealed(1, ADA, 0, KEY_FRAME))
        .arrives(&sealed(1, ADA, 1, AFTER));
    let [camera] = &world.frames.counted(world.now)[..] else {
        panic!("one stream")
    };
    assert_eq!((camera.leaf, camera.context), (ADA, 1));
    assert_eq!((camera.frames, camera.keys, camera.failed), (2, 1, 0));
    assert_eq!(camera.bytes as usize, KEY_FRAME.len() + AFTER.len());
    assert_eq!(camera.since_ms, Some(0));
}

#[test]
fn what_it_seals_is_what_the_core_opens_and_no_counter_serves_twice() {
    let mut world = World::new();
    let mut seen = Vec::new();
    for round in 0..5 {
        for (kind, stream, frame) in [
            (Kind::Picture, Stream::Camera, KEY_FRAME),
            (Kind::Picture, Stream::Camera, AFTER),
            (Kind::Sound, Stream::Microphone, AFTER),
        ] {
            let out = world
                .frames
                .seal(stream, kind, frame, world.now)
                .expect("media is open");
            let clear = [0, 10, 1][usize::from(kind == Kind::Picture) * (1 + usize::from(frame == AFTER))];
            assert_eq!(
                out[..clear],
                frame[..clear],
                "what packetizers read stays readable"
            );
            let (header, _) = Header::decode(&out[clear..]).expect("a header");
            let base = base(1, ME);
            let plain = ringfence_e2ee::keys::open(&base, &out[..clear], &out[clear..]).expect("it opens");
            assert_eq!(plain, frame[clear..]);
            assert!(!seen.contains(&header), "round {round}");
            seen.push(header);
        }
        // The same keys, given again, begin no counter anew.
        world.frames.install(keys(1, 0), world.now);
    }
}

#[test]
fn while_media_is_closed_nothing_passes_either_way() {
    let mut world = World::new();
    world.frames.set_open(false, world.now);
    assert!(
        world
            .frames
            .seal(Stream::Camera, Kind::Picture, AFTER, world.now)
            .is_none()
    );
    world.arrives(&sealed(1, ADA, 0, AFTER));
    world.frames.set_open(true, world.now);
    assert_eq!(world.counts(), (0, 0, 0));
}

#[test]
fn before_media_opens_for_the_first_time_frames_wait_half_a_second_and_no_longer() {
    for (wait, opened) in [(400, 1), (600, 0)] {
        let mut world = World::closed();
        world.arrives(&sealed(1, ADA, 0, AFTER));
        world.pass(wait);
        world.frames.set_open(true, world.now);
        assert_eq!(world.counts().0, opened, "after {wait} ms");
    }
}

#[test]
fn a_frame_of_the_next_epoch_waits_for_its_keys() {
    let mut world = World::new();
    world.arrives(&sealed(2, ADA, 0, AFTER));
    world.pass(300);
    assert_eq!(world.counts(), (0, 0, 0));
    world.frames.install(keys(2, 0), world.now);
    assert_eq!(world.counts(), (1, 0, 0));
    world.arrives(&sealed(3, ADA, 0, AFTER));
    world.pass(600);
    assert_eq!(world.counts(), (1, 1, 0), "they never came");
}

#[test]
fn keys_of_an_epoch_before_open_for_ten_seconds_and_those_of_before_we_came_never() {
    let mut world = World::new();
    world.frames.install(keys(2, 0), world.now);
    world.pass(9_000);
    world.arrives(&sealed(1, ADA, 0, AFTER));
    assert_eq!(world.counts(), (1, 0, 0));
    world.pass(2_000);
    world
        .arrives(&sealed(1, ADA, 1, AFTER))
        .arrives(&sealed(0, ADA, 0, AFTER));
    assert_eq!(world.counts(), (1, 0, 2));
}

#[test]
fn a_frame_opens_once_and_only_on_the_line_of_its_sender() {
    let mut world = World::new();
    let frame = sealed(1, ADA, 5, AFTER);
    world.arrives(&frame).arrives(&frame);
    assert_eq!(world.counts(), (1, 1, 0));
    world.arrives(&sealed(1, BO, 0, AFTER));
    world.pass(600);
    assert_eq!(world.counts(), (1, 2, 0), "Bo's on Ada's line");
    world.frames.set_slots(slots(BO, 1), world.now);
    world.arrives(&sealed(1, BO, 1, AFTER));
    assert_eq!(world.counts(), (2, 2, 0));
    world.frames.set_slots(slots(ME, 1), world.now);
    world.arrives(&sealed(1, ME, 0, AFTER));
    assert_eq!(world.counts(), (2, 3, 0), "one's own");
}

#[test]
fn what_was_changed_anywhere_does_not_open() {
    let whole = sealed(1, ADA, 300, KEY_FRAME);
    for at in 0..whole.len() {
        let mut world = World::new();
        let mut changed = whole.clone();
        changed[at] ^= 1;
        world.arrives(&changed);
        world.pass(600);
        assert_eq!(world.counts().0, 0, "byte {at}");
    }
}

#[test]
fn a_counter_in_a_longer_form_than_it_needs_is_refused() {
    let mut world = World::new();
    let header = Header {
        kid: kid(Stream::Camera, ADA, 1),
        counter: 9,
    };
    // 9 takes one byte; here it takes two, and the frame is sealed for that.
    let key = ringfence_e2ee::keys::FrameKey::derive(&base(1, ADA), header.kid);
    let shortest = key.seal(header, &AFTER[..1], &AFTER[1..]);
    let (_, length) = Header::decode(&shortest).expect("a header");
    let mut longer = shortest.clone();
    longer[0] += 1;
    longer.insert(length - 1, 0);
    assert_eq!(Header::decode(&longer).expect("it can be read").0, header);
    world.arrives(&[&AFTER[..1], &longer].concat());
    assert_eq!(world.counts(), (0, 1, 0));
}

#[test]
fn a_sender_changes_keys_when_it_is_told_and_at_once_after_a_removal() {
    let epoch = |world: &mut World| {
        let out = world
            .frames
            .seal(Stream::Camera, Kind::Picture, AFTER, world.now)
            .expect("it is open");
        Header::decode(&out[1..]).expect("a header").0.kid & 0x7ff
    };
    let mut world = World::new();
    world.frames.install(keys(2, 100), world.now);
    assert_eq!(epoch(&mut world), 1);
    world.pass(60);
    // A second addition does not delay the first.
    world.frames.install(keys(3, 100), world.now);
    world.pass(60);
    assert_eq!(epoch(&mut world), 3);
    world.frames.install(keys(4, 0), world.now);
    assert_eq!(epoch(&mut world), 4);
}

#[test]
fn when_it_is_over_nothing_of_the_keys_is_left() {
    let mut world = World::new();
    world.frames.forget();
    world.frames.set_open(true, world.now);
    world.frames.set_slots(slots(ADA, 1), world.now);
    assert!(
        world
            .frames
            .seal(Stream::Camera, Kind::Picture, AFTER, world.now)
            .is_none()
    );
    world.arrives(&sealed(1, ADA, 0, AFTER));
    world.pass(600);
    assert_eq!(world.counts().0, 0);
}
