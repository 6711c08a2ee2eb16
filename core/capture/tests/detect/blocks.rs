//! A cipher that is used block by block is found, and nothing that only looks like it.
use crate::made::{Flow, random, rtp};
use aes::Aes128;
use aes::cipher::{BlockEncrypt, KeyInit};
use aes_gcm::Aes128Gcm;
use aes_gcm::aead::AeadInPlace;
use ringfence_capture::{Observation, Payload};

/// Header, counted blocks and repeated ones of the first finding.
fn repeats(flow: &mut Flow) -> Option<(u16, u64, u64)> {
    flow.observed()
        .into_iter()
        .find_map(|observation| match observation {
            Observation::RepeatedBlocks {
                header,
                blocks,
                repeated,
                ..
            } => Some((header, blocks, repeated)),
            _ => None,
        })
}

fn payload(flow: &mut Flow) -> Payload {
    let found = flow
        .observed()
        .into_iter()
        .find_map(|observation| match observation {
            Observation::MediaStream { payload, .. } => Some(payload),
            _ => None,
        });
    found.unwrap()
}

/// What an encoder makes: mostly random bytes, now and then a run of zeros, and padding up to whole blocks.
fn frame(seed: &mut fastrand::Rng, at: u16) -> Vec<u8> {
    let length = 300 + seed.usize(..600);
    let mut frame = random(seed, length);
    if at.is_multiple_of(10) {
        frame[100..260].fill(0);
    }
    let padding = 16 - frame.len() % 16;
    frame.resize(frame.len() + padding, padding as u8);
    frame
}

fn ecb(key: u8, plain: &[u8]) -> Vec<u8> {
    let cipher = Aes128::new(&[key; 16].into());
    let mut sealed = plain.to_vec();
    for block in sealed.chunks_exact_mut(16) {
        cipher.encrypt_block(block.into());
    }
    sealed
}

/// AES in counter mode, with the packet's number for a nonce.
fn ctr(key: u8, number: u16, plain: &[u8]) -> Vec<u8> {
    let cipher = Aes128::new(&[key; 16].into());
    let mut sealed = plain.to_vec();
    for (at, part) in sealed.chunks_mut(16).enumerate() {
        let mut block = aes::Block::default();
        block[..2].copy_from_slice(&number.to_be_bytes());
        block[14..].copy_from_slice(&(at as u16).to_be_bytes());
        cipher.encrypt_block(&mut block);
        part.iter_mut().zip(block).for_each(|(byte, mask)| *byte ^= mask);
    }
    sealed
}

fn call(ssrc: u32, count: u16, mut payload: impl FnMut(u16) -> Vec<u8>) -> Flow {
    let mut flow = Flow::udp();
    for at in 0..count {
        flow.forth(&rtp(98, at, u32::from(at) * 3000, ssrc, &payload(at)));
    }
    flow
}

#[test]
fn media_in_ecb_is_found_past_a_header_in_clear() {
    for header in [0, 1, 4, 7, 12, 20] {
        let mut seed = fastrand::Rng::with_seed(header as u64);
        let mut flow = call(1, 200, |at| {
            let sealed = ecb(3, &frame(&mut seed, at));
            let mut payload = [&[0x7c, 0x85, 0, 0][..], &[0; 16]].concat();
            payload[2..4].copy_from_slice(&at.to_be_bytes());
            payload.truncate(header);
            payload.extend(sealed);
            payload
        });
        let (found, blocks, repeated) = repeats(&mut flow).expect("not found");
        assert_eq!(usize::from(found) % 16, header % 16, "{header}");
        assert!(blocks > 2000 && repeated > 40, "{blocks} {repeated}");
        assert_eq!(payload(&mut flow), Payload::Sealed);
    }
}

#[test]
fn the_same_frames_in_counter_mode_or_gcm_are_not_ecb() {
    let mut seed = fastrand::Rng::with_seed(1);
    let mut flow = call(1, 300, |at| ctr(3, at, &frame(&mut seed, at)));
    assert_eq!((repeats(&mut flow), payload(&mut flow)), (None, Payload::Sealed));
    let gcm = Aes128Gcm::new(&[5; 16].into());
    let mut flow = call(1, 300, |at| {
        let mut sealed = frame(&mut seed, at);
        let mut nonce = [0; 12];
        nonce[..2].copy_from_slice(&at.to_be_bytes());
        gcm.encrypt_in_place(&nonce.into(), b"", &mut sealed).unwrap();
        sealed
    });
    assert_eq!((repeats(&mut flow), payload(&mut flow)), (None, Payload::Sealed));
}

#[test]
fn padding_of_zeros_is_not_ecb() {
    let mut seed = fastrand::Rng::with_seed(2);
    let mut flow = call(1, 200, |at| {
        let mut payload = ctr(3, at, &frame(&mut seed, 1));
        payload.resize(1200, 0);
        payload
    });
    assert_eq!(repeats(&mut flow), None);
}

#[test]
fn frames_of_silence_that_repeat_are_not_ecb() {
    let mut seed = fastrand::Rng::with_seed(3);
    let silence = random(&mut seed, 48);
    let mut flow = call(1, 400, |at| {
        if at % 3 == 0 {
            random(&mut seed, 96)
        } else {
            silence.clone()
        }
    });
    assert_eq!(repeats(&mut flow), None);
    // The same, behind a number that counts.
    let mut flow = call(1, 400, |at| {
        let body = if at % 3 == 0 {
            random(&mut seed, 96)
        } else {
            silence.clone()
        };
        [&at.to_be_bytes()[..], &body].concat()
    });
    assert_eq!(repeats(&mut flow), None);
}

#[test]
fn words_that_an_encoder_repeats_are_not_ecb() {
    let words = b"x264 - core 164 - H.264/MPEG-4 AVC codec - options: cabac=1 ref=3 deblock=1:0:0 analyse=0x3:0x113 me=hex subme=7";
    let mut seed = fastrand::Rng::with_seed(4);
    let mut flow = call(1, 200, |at| {
        let mut payload = random(&mut seed, 400);
        if at % 5 == 0 {
            payload[32..32 + words.len()].copy_from_slice(words);
        }
        payload
    });
    assert_eq!(repeats(&mut flow), None);
}

#[test]
fn one_key_for_two_senders_shows_in_blocks_that_both_send() {
    for (other, shared) in [(3, true), (4, false)] {
        let mut seed = fastrand::Rng::with_seed(5);
        let mut flow = Flow::udp();
        for at in 0..200 {
            let (one, two) = (ecb(3, &frame(&mut seed, at)), ecb(other, &frame(&mut seed, at)));
            flow.forth(&rtp(98, at, u32::from(at) * 3000, 1, &one));
            flow.back(&rtp(98, at, u32::from(at) * 3000, 2, &two));
        }
        let found = flow
            .observed()
            .iter()
            .any(|seen| matches!(seen, Observation::SharedBlocks { ssrcs: [1, 2], .. }));
        assert_eq!(found, shared);
    }
}

#[test]
fn packets_sent_twice_are_not_ecb() {
    let mut seed = fastrand::Rng::with_seed(6);
    let mut flow = Flow::udp();
    for at in 0..300 {
        let packet = rtp(98, at, u32::from(at) * 3000, 1, &random(&mut seed, 700));
        flow.forth(&packet).forth(&packet);
    }
    assert_eq!(repeats(&mut flow), None);
}

#[test]
fn blocks_that_repeat_only_late_in_a_call_are_found_too() {
    let mut seed = fastrand::Rng::with_seed(7);
    let mut flow = call(1, 3000, |at| {
        let mut plain = random(&mut seed, 800);
        if at > 2000 && at % 20 == 0 {
            plain[160..480].fill(0);
        }
        ecb(3, &plain)
    });
    let (_, _, repeated) = repeats(&mut flow).expect("not found");
    assert!(repeated > 20, "{repeated}");
}

#[test]
fn few_blocks_that_repeat_are_found_where_each_looks_random() {
    let mut seed = fastrand::Rng::with_seed(8);
    let pattern = |seed: &mut fastrand::Rng| {
        let blocks = 4 + seed.usize(..20);
        (0..blocks).flat_map(|_| [seed.u8(..2); 16]).collect::<Vec<u8>>()
    };
    let mut flow = call(1, 200, |_| ecb(3, &pattern(&mut seed)));
    assert!(repeats(&mut flow).is_some());
    // Words, letters in order, and numbers that count are not what a cipher makes.
    let words: [&[u8; 16]; 3] = [
        b"ABCDEFGHIJKLMNOP",
        b"the quick brown ",
        &std::array::from_fn(|at| at as u8),
    ];
    let mut flow = call(1, 200, |_| {
        (0..4 + seed.usize(..20))
            .flat_map(|_| words[seed.usize(..3)].to_vec())
            .collect()
    });
    assert_eq!(repeats(&mut flow), None);
}
