//! Behaviour: both ways out give receivers the same, and neither seals two packets with one nonce.

use crate::world::{Seen, World, ms};
use ringfence_netem::{Conditions, Link};
use ringfence_sfu::connection::Way;
use ringfence_sfu::stream::{Context, Layer, Leaf};
use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;
use str0m::media::Direction;

const SEED: u64 = 47;

/// What reached the server, and what reached each receiver.
type Watched = (Vec<(Duration, usize)>, BTreeMap<Leaf, Vec<Seen>>);

/// One sends, in layers and with a screen now and then; two look on, in changing sizes. Only the sender's way up is bad.
fn watched(way: Way, seed: u64, vp9: bool, up: Conditions) -> Watched {
    let mut world = World::by(way, seed);
    world.vp9 = vp9;
    world.join(1, 0);
    for leaf in [2, 3] {
        world.join(leaf, 2);
        let receiver = &mut world.person(leaf).participant;
        (receiver.level, receiver.layers) = (None, [false; 3]);
    }
    world.person(1).participant.change_codec(vp9);
    world.person(1).up = Link::new(seed, up);
    for (at, height) in [720, 180, 360, 0, 90, 720].into_iter().enumerate() {
        world.view(2, 1, height);
        world.run(ms(700));
        match at {
            1 => world.person(1).participant.shares = true,
            3 => world.person(1).participant.shares = false,
            4 => world.person(1).participant.layers = [true, true, false],
            _ => continue,
        }
        if at != 4 {
            world.negotiate(1);
        }
    }
    let taken = |world: &mut World, leaf| {
        let mut all = std::mem::take(&mut world.person(leaf).participant.seen);
        // Streams that leave at one moment have no order among them.
        all.sort_by_key(|seen| (seen.context, seen.sequence));
        all
    };
    let all = [2, 3].map(|leaf| (Leaf(leaf), taken(&mut world, leaf))).into();
    (world.reached, all)
}

/// What a decoder sees of a packet: not the name of the line, which is drawn.
fn shown(seen: &Seen) -> Seen {
    Seen {
        at: Duration::ZERO,
        captured: None,
        mid: String::new(),
        ..seen.clone()
    }
}

#[test]
fn each_receiver_gets_the_same_packets_either_way() {
    let bad = Conditions {
        loss: 0.03,
        reorder: 0.05,
        duplicate: 0.02,
        delay: ms(15),
        jitter: ms(3),
        ..Default::default()
    };
    for (vp9, up) in [false, true]
        .into_iter()
        .flat_map(|vp9| [(vp9, Conditions::default()), (vp9, bad)])
    {
        // The library draws numbers of its own, so the same losses do not always meet the same packets.
        let alike = (SEED..SEED + 80).filter_map(|seed| {
            let (before, reference) = watched(Way::Reference, seed, vp9, up);
            let (reached, fast) = watched(Way::Fast, seed, vp9, up);
            (before == reached).then_some((seed, reference, fast))
        });
        let mut compared = 0;
        for (seed, reference, fast) in alike.take(2) {
            compared += 1;
            for (leaf, wanted) in &reference {
                let got = &fast[leaf];
                assert!(wanted.len() > 400, "{leaf:?} saw {}", wanted.len());
                let layers: HashSet<Layer> = wanted.iter().map(|seen| seen.layer).collect();
                assert!(layers.len() > 1, "no change of layer was tried");
                for (at, (wanted, got)) in wanted.iter().zip(got).enumerate() {
                    assert_eq!(
                        shown(got),
                        shown(wanted),
                        "{leaf:?}'s packet {at}, VP9 {vp9}, seed {seed}, {up:?}"
                    );
                }
                assert_eq!(
                    got.len(),
                    wanted.len(),
                    "{leaf:?}, VP9 {vp9}, seed {seed}, {up:?}"
                );
            }
        }
        assert_eq!(compared, 2, "too few runs were alike, VP9 {vp9}, {up:?}");
    }
}

/// Which nonces the server has used, by what shows of them: address, SSRC, and the number of RTP or the index of RTCP.
#[derive(Default)]
struct Nonces {
    used: HashSet<(SocketAddr, u32, bool, u64)>,
    latest: HashMap<(SocketAddr, u32), u64>,
    repeated: u64,
}

impl Nonces {
    fn note(&mut self, to: SocketAddr, datagram: &[u8]) {
        // RFC 7983 and RFC 5761 section 4.
        if !(128..192).contains(&datagram[0]) {
            return;
        }
        let word = |at: usize| u32::from_be_bytes(datagram[at..at + 4].try_into().expect("four bytes"));
        let nonce = if (192..224).contains(&datagram[1]) {
            (
                to,
                word(4),
                true,
                u64::from(word(datagram.len() - 4) & 0x7fff_ffff),
            )
        } else {
            let (ssrc, low) = (word(8), u16::from_be_bytes([datagram[2], datagram[3]]));
            let latest = self.latest.entry((to, ssrc)).or_insert(low.into());
            // The nearest number with this lower half (RFC 3711 section 3.3.1).
            let away = low.wrapping_sub(*latest as u16) as i16;
            let number = latest.saturating_add_signed(away.into());
            *latest = number.max(*latest);
            (to, ssrc, false, number)
        };
        self.repeated += u64::from(!self.used.insert(nonce));
    }
}

fn tapped(world: &mut World) -> Rc<RefCell<Nonces>> {
    let nonces = Rc::new(RefCell::new(Nonces::default()));
    let tap = nonces.clone();
    world.tap = Some(Box::new(move |to, datagram| tap.borrow_mut().note(to, datagram)));
    nonces
}

#[test]
fn no_nonce_is_used_twice_over_losses_changes_and_roll_overs() {
    let mut world = World::new(SEED);
    // With probes on the streams of repetitions.
    world.tells = true;
    let nonces = tapped(&mut world);
    let bad = Conditions {
        loss: 0.05,
        reorder: 0.02,
        duplicate: 0.01,
        delay: ms(20),
        jitter: ms(5),
        ..Default::default()
    };
    world.join_over(1, 1, bad);
    world.join_over(2, 1, bad);
    for round in 0..30 {
        world.view(2, 1, [720, 180, 360][round % 3]);
        world.run(ms(30_000));
        for leaf in [1, 2] {
            world.person(leaf).participant.seen.clear();
        }
        if round == 9 {
            world.person(2).participant.pairs = 2;
            world.negotiate(2);
        }
    }
    let nonces = nonces.borrow();
    assert_eq!(nonces.repeated, 0, "of {}", nonces.used.len());
    let highest = nonces.latest.values().max().expect("something was sent");
    assert!(*highest > 70_000, "no roll-over was tried: {highest}");
    assert!(nonces.used.len() > 250_000, "{}", nonces.used.len());
}

#[test]
fn a_line_that_is_put_away_and_taken_up_again_goes_on_with_its_numbers() {
    for way in [Way::Fast, Way::Reference] {
        let mut world = World::by(way, SEED);
        let nonces = tapped(&mut world);
        world.join(1, 1);
        world.join(2, 1);
        for direction in [
            Direction::Inactive,
            Direction::RecvOnly,
            Direction::Inactive,
            Direction::RecvOnly,
        ] {
            world.run(ms(1500));
            let receiver = &mut world.person(2).participant;
            receiver.turned = receiver.pool.iter().map(|(mid, _)| (*mid, direction)).collect();
            world.negotiate(2);
        }
        world.person(2).participant.seen.clear();
        world.run(ms(1500));
        assert!(
            world.seen(2, 1, Context::Camera).len() > 50,
            "it shows something again, {way:?}"
        );
        let nonces = nonces.borrow();
        assert_eq!(nonces.repeated, 0, "of {}, {way:?}", nonces.used.len());
    }
}

#[test]
fn what_is_sent_again_ends_the_picture_that_it_ended() {
    let mut world = World::new(SEED);
    world.vp9 = true;
    world.join(1, 0);
    let bad = Conditions {
        loss: 0.2,
        delay: ms(20),
        ..Default::default()
    };
    world.join_over(2, 1, bad);
    world.person(1).participant.change_codec(true);
    world.view(2, 1, 180);
    world.run(ms(6000));
    let seen = world.seen(2, 1, Context::Camera);
    let ends = seen
        .iter()
        .filter(|seen| seen.vp9 && seen.layer == Layer::Quarter && seen.part == 2);
    let ends: Vec<_> = ends.filter(|seen| seen.sequence > 300).collect();
    assert!(ends.len() > 50, "only {}", ends.len());
    assert!(
        ends.iter().all(|seen| seen.marker),
        "the last of each ends what is shown"
    );
}

#[test]
fn the_check_of_nonces_finds_one_that_is_used_twice() {
    let mut nonces = Nonces::default();
    let to = SocketAddr::from(([192, 0, 2, 1], 1));
    let packet = |sequence: u16| {
        let [high, low] = sequence.to_be_bytes();
        [&[0x80, 96, high, low, 0, 0, 0, 0, 0, 0, 0, 7][..], &[1; 20]].concat()
    };
    (0..=u16::MAX).for_each(|sequence| nonces.note(to, &packet(sequence)));
    nonces.note(to, &packet(0));
    assert_eq!(nonces.repeated, 0, "this one has rolled over");
    nonces.note(to, &packet(0));
    assert_eq!(nonces.repeated, 1);
}

#[test]
fn sound_and_picture_that_were_captured_together_are_reported_so() {
    let mut world = World::new(SEED);
    let way = Conditions {
        delay: ms(60),
        jitter: ms(30),
        ..Default::default()
    };
    world.join_over(1, 0, way);
    world.join(2, 1);
    world.run(ms(6000));
    // The sender's clocks of both begin at one moment: what the reports make of that must agree.
    let begin = |context: Context, rate: f64, base: u32| {
        let seen = world.seen(2, 1, context);
        let last = seen
            .iter()
            .rev()
            .find(|seen| seen.captured.is_some())
            .expect("reports came")
            .clone();
        let frame = f64::from(last.frame) + f64::from(base);
        last.captured.expect("it was looked for") - frame * rate
    };
    let sound = begin(Context::Microphone, 20.0, 0);
    let picture = begin(Context::Camera, 33.0, 0);
    assert!((sound - picture).abs() < 5.0, "{:.1} ms apart", sound - picture);
}
