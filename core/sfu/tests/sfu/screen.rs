//! Behaviour: a shared screen is a stream of its own beside its owner's camera and microphone.

use crate::world::{ROOM, World, ms};
use ringfence_sfu::offer::Offer;
use ringfence_sfu::stream::{Context, Layer, Leaf};
use std::collections::BTreeSet;

const SEED: u64 = 46;

/// What a participant is shown now: leaf and context of each slot that has one.
fn shown(world: &World, receiver: u32) -> BTreeSet<(u32, Context)> {
    let (slots, _) = world.slots(receiver);
    slots
        .into_iter()
        .filter_map(|(_, leaf, context)| leaf.map(|leaf| (leaf, context)))
        .collect()
}

fn share(world: &mut World, leaf: u32, shares: bool) {
    world.person(leaf).participant.shares = shares;
    world.negotiate(leaf);
}

#[test]
fn a_screen_arrives_with_its_sound_beside_the_face_and_goes_when_it_ends() {
    let mut world = World::new(SEED);
    world.join(1, 3);
    world.join(2, 3);
    world.run(ms(1000));
    share(&mut world, 2, true);
    world.run(ms(2000));
    let all = Context::ALL.map(|context| (2, context));
    assert_eq!(shown(&world, 1), BTreeSet::from(all));
    let picture = world.seen(1, 2, Context::ScreenPicture);
    assert!(picture.len() > 150, "{} packets", picture.len());
    assert!(picture[0].key && picture.iter().all(|seen| seen.layer == Layer::Full));
    assert!(world.seen(1, 2, Context::ScreenSound).len() > 80);
    // Whose camera it is goes on on its own slot, without a break.
    let camera = world.seen(1, 2, Context::Camera);
    assert!(camera.len() > 250);
    assert!(
        camera
            .windows(2)
            .all(|pair| pair[1].sequence == pair[0].sequence + 1)
    );
    assert!(camera.iter().all(|seen| seen.mid != picture[0].mid));
    share(&mut world, 2, false);
    world.run(ms(300));
    let faces = [Context::Microphone, Context::Camera].map(|context| (2, context));
    assert_eq!(shown(&world, 1), BTreeSet::from(faces));
    let before = world.seen(1, 2, Context::ScreenPicture).len();
    // And again, on the same lines.
    share(&mut world, 2, true);
    world.run(ms(1000));
    let again = world.seen(1, 2, Context::ScreenPicture);
    assert!(again.len() > before + 60 && again[before].key);
}

#[test]
fn two_can_share_at_once_and_each_sees_the_others() {
    let mut world = World::new(SEED);
    for leaf in 1..=3 {
        world.join(leaf, 5);
    }
    share(&mut world, 1, true);
    share(&mut world, 2, true);
    world.run(ms(1500));
    for (receiver, sender) in [(1, 2), (2, 1), (3, 1), (3, 2)] {
        let picture = world.seen(receiver, sender, Context::ScreenPicture);
        assert!(picture.len() > 90, "{receiver} of {sender}: {}", picture.len());
    }
    assert!(!shown(&world, 1).iter().any(|(leaf, _)| *leaf == 1));
}

#[test]
fn a_screen_made_small_stays_whole_and_a_hidden_one_costs_nothing() {
    let mut world = World::new(SEED);
    world.join(1, 3);
    world.join(2, 3);
    share(&mut world, 2, true);
    world.run(ms(1000));
    let mid = world.seen(1, 2, Context::ScreenPicture)[0].mid.clone();
    for (height, flows) in [(90, true), (0, false), (1080, true)] {
        let now = world.instant();
        world.rooms.view(ROOM, Leaf(1), &[(mid.clone(), height)], now);
        world.run(ms(500));
        let before = world.seen(1, 2, Context::ScreenPicture).len();
        world.run(ms(1000));
        let after = world.seen(1, 2, Context::ScreenPicture).len();
        assert_eq!(after > before + 60, flows, "{height}: {before} to {after}");
    }
}

#[test]
fn a_decoder_that_lost_its_way_gets_a_key_frame_of_the_screen_alone() {
    let mut world = World::new(SEED);
    world.join(1, 3);
    world.join(2, 3);
    share(&mut world, 2, true);
    world.run(ms(1500));
    let picture = world.seen(1, 2, Context::ScreenPicture);
    let before = picture.iter().filter(|seen| seen.key).count();
    let cameras = world.person(2).participant.key_frames_asked.len();
    let now = world.instant();
    world.person(1).participant.ask_key_frame(&picture[0].mid, now);
    world.run(ms(1000));
    let after = world.seen(1, 2, Context::ScreenPicture);
    assert_eq!(after.iter().filter(|seen| seen.key).count(), before + 1);
    assert_eq!(world.person(2).participant.key_frames_asked.len(), cameras);
}

#[test]
fn layers_of_a_screen_are_refused_by_code() {
    let mut world = World::new(SEED);
    world.enter(1, 1, Default::default());
    world.person(1).participant.shares = true;
    let now = world.instant();
    let offer = world.person(1).participant.offer(now);
    assert!(Offer::read(&offer).is_ok());
    let end = offer.rfind("a=rtpmap").expect("a codec");
    let (start, rest) = offer.split_at(end);
    let layered = format!("{start}a=rid:f send\r\n{rest}");
    let refused = Offer::read(&layered).err().map(|error| error.code);
    assert_eq!(refused, Some("RF4007"));
}
