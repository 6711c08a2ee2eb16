//! Behaviour: which losses limit the rate, and which are not ours.

use super::*;

const RATE: Bitrate = Bitrate::kbps(2000);

/// Sends packets of 1,250 bytes over a path with this capacity and share of loss for so many seconds, each second as much
/// as the limit allows and at most `RATE`; the limit after each.
fn play(losses: &mut Losses, from: u64, seconds: u64, capacity: f64, share: f64) -> Vec<Option<u64>> {
    let mut random = fastrand::Rng::with_seed(3);
    let second = |second: u64| {
        let rate = losses.limit().map_or(RATE, |limit| limit.min(RATE));
        let packets = rate.bytes_in(Duration::from_secs(1)) / 1250;
        let ours = (1.0 - capacity * 1e6 / rate.as_bps() as f64).max(0.0);
        for packet in 0..packets {
            let is_lost = random.f64() < share + (1.0 - share) * ours;
            losses.note(&Told {
                sent: Moment::from_micros(second * 1_000_000 + packet * 1_000_000 / packets),
                size: 1250,
                in_probe: false,
                news: if is_lost { News::Lost } else { News::Arrived },
            });
            if packet % 10 == 9 {
                losses.update(RATE, false);
            }
        }
        losses.limit().map(|limit| limit.as_bps() / 1000)
    };
    (from..from + seconds).map(second).collect()
}

#[test]
fn a_path_that_loses_nothing_or_little_has_no_limit() {
    for share in [0.0, 0.01] {
        let limits = play(&mut Losses::default(), 0, 30, 100.0, share);
        assert_eq!(limits.iter().flatten().count(), 0, "{share}: {limits:?}");
    }
}

#[test]
fn what_is_lost_at_any_rate_limits_seldom_and_not_by_much() {
    for share in [0.05, 0.1, 0.2] {
        let limits = play(&mut Losses::default(), 0, 60, 100.0, share);
        assert!(
            limits.iter().flatten().all(|limit| *limit > 700),
            "{share}: {limits:?}"
        );
        let later = limits[20..]
            .iter()
            .flatten()
            .filter(|limit| **limit < 1500)
            .count();
        assert!(later <= 10, "of 40, at {share}: {limits:?}");
    }
}

#[test]
fn what_is_lost_above_a_capacity_is_not_sent() {
    for (capacity, share) in [(1.0, 0.0), (1.0, 0.1), (0.5, 0.0)] {
        let limits = play(&mut Losses::default(), 0, 60, capacity, share);
        let near = |limit: &&u64| (capacity * 600.0..capacity * 1300.0).contains(&(**limit as f64));
        let fits = limits[10..].iter().flatten().filter(near).count();
        assert!(fits >= 40, "of 50, at {capacity} and {share}: {limits:?}");
    }
}

#[test]
fn a_capacity_that_is_gone_is_forgotten() {
    let mut losses = Losses::default();
    play(&mut losses, 0, 20, 1.0, 0.0);
    let limits = play(&mut losses, 20, 20, 100.0, 0.0);
    assert_eq!(limits.last(), Some(&None), "{limits:?}");
}

#[test]
fn an_outage_says_nothing_but_when_it_stays_there_is_little_to_send() {
    let mut losses = Losses::default();
    play(&mut losses, 0, 10, 100.0, 0.0);
    let told = |sent: u64, news| Told {
        sent: Moment::from_micros(sent * 1000),
        size: 1250,
        in_probe: false,
        news,
    };
    (0..400).for_each(|packet| losses.note(&told(10_000 + packet * 5, News::Lost)));
    losses.update(RATE, false);
    assert_eq!(losses.limit(), None);
    let limits = play(&mut losses, 12, 10, 100.0, 1.0);
    assert!(limits[9].is_some_and(|limit| limit < 100), "{limits:?}");
}

#[test]
fn who_arrives_after_all_is_not_lost() {
    let mut losses = Losses::default();
    for packet in 0..1000_u64 {
        let told = |news| Told {
            sent: Moment::from_micros(packet * 5000),
            size: 1250,
            in_probe: false,
            news,
        };
        losses.note(&told(News::Lost));
        losses.note(&told(News::ArrivedAfterAll));
        losses.update(RATE, false);
    }
    assert_eq!((losses.limit(), losses.share()), (None, 0.0));
}
