//! Media within an application's own headers is found, and the application named.
use crate::made::{Flow, random, rtp};
use ringfence_capture::{Observation, Protocol};

fn zoom(kind: u8, inner: usize, at: u16, packet: &[u8]) -> Vec<u8> {
    let mut datagram = vec![5, (at >> 8) as u8, at as u8, 0, 0, 0, 0, 0];
    let mut header = vec![0; inner];
    header[0] = kind;
    if inner == 24 {
        header[20] = 2;
    }
    if kind == 13 {
        header[7] = 30;
    }
    datagram.extend(header);
    datagram.extend(packet);
    datagram
}

#[test]
fn sound_pictures_and_screens_of_zoom_are_found_in_its_headers() {
    for (kind, inner) in [(15, 19), (16, 24), (16, 20), (13, 27), (30, 20)] {
        for from in [0, 8] {
            let mut seed = fastrand::Rng::with_seed(1);
            let mut flow = Flow::udp();
            for at in 0..50 {
                let packet = rtp(98, at, u32::from(at) * 960, 0x0100_0401, &random(&mut seed, 120));
                flow.forth(&zoom(kind, inner, at, &packet)[from..]);
            }
            let observed = flow.observed();
            assert!(flow.carries().contains(&Protocol::Zoom), "{kind} {inner} {from}");
            assert!(
                observed
                    .iter()
                    .any(|seen| matches!(seen, Observation::MediaStream { sent: 50, .. })),
                "{kind} {inner} {from}"
            );
            let name = if from == 0 {
                "zoom sfu"
            } else {
                "zoom peer to peer"
            };
            assert!(observed.iter().any(
                |seen| matches!(seen, Observation::Encapsulation { name: text } if text.as_str() == name)
            ));
        }
    }
}

#[test]
fn the_longer_header_of_pictures_may_say_anything_at_its_twentieth_byte() {
    let mut seed = fastrand::Rng::with_seed(3);
    let mut flow = Flow::udp();
    for at in 0..50 {
        let packet = rtp(98, at, u32::from(at) * 3000, 0x0100_0402, &random(&mut seed, 120));
        let mut datagram = zoom(16, 24, at, &packet);
        datagram[8 + 20] = 0;
        flow.forth(&datagram);
    }
    let is_media = |seen: &Observation| matches!(seen, Observation::MediaStream { sent: 50, .. });
    assert!(flow.observed().iter().any(is_media));
}

#[test]
fn its_signs_alone_are_no_zoom() {
    let mut seed = fastrand::Rng::with_seed(2);
    let mut flow = Flow::udp();
    for at in 0..50 {
        let noise = random(&mut seed, 150);
        flow.forth(&zoom(15, 19, at, &noise));
    }
    assert!(flow.observed().is_empty());
}
