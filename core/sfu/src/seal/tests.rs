use super::*;

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_hexdigit).collect();
    let pair = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).expect("ASCII"), 16).expect("hex");
    digits.chunks(2).map(pair).collect()
}

fn sealer(key: &str) -> Sealer {
    let key = hex(key);
    let algorithm = if key.len() == 16 {
        &AES_128_GCM
    } else {
        &AES_256_GCM
    };
    let gcm = || LessSafeKey::new(UnboundKey::new(algorithm, &key).expect("a key"));
    let salt: [u8; SALT] = hex("517569642070726f2071756f").try_into().expect("12 bytes");
    Sealer {
        rtp: gcm(),
        rtp_salt: salt,
        rtcp: gcm(),
        rtcp_salt: salt,
        index: 0x5d4,
    }
}

const KEY_128: &str = "000102030405060708090a0b0c0d0e0f";
const KEY_256: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

#[test]
fn rtp_is_sealed_as_in_the_examples_of_rfc_7714_sections_16_1_and_16_2() {
    let header = "8040f17b 8041f8d3 5501a0b2";
    let text = "47616c6c 69612065 7374206f 6d6e6973 20646976 69736120 696e2070 61727465 73207472 6573";
    let cases = [
        (
            KEY_128,
            "f24de3a3 fb34de6c acba861c 9d7e4bca be633bd5 0d294e6f 42a5f47a 51c7d19b 36de3adf 8833
             899d7f27 beb16a91 52cf765e e4390cce",
        ),
        (
            KEY_256,
            "32b1de78 a822fe12 ef9f78fa 332e33aa b1801238 9a58e2f3 b50b2a02 76ffae0f 1ba63799 b87b
             7aa3db36 dfffd6b0 f9bb7878 d7a76c13",
        ),
    ];
    for (key, sealed) in cases {
        let mut buffer = [vec![9, 9], hex(header), hex(text)].concat();
        let done = sealer(key).rtp(&mut buffer, 2, 12, 0x5501_a0b2, 0xf17b);
        assert_eq!(done, Some(()));
        assert_eq!(buffer, [vec![9, 9], hex(header), hex(sealed)].concat());
    }
}

#[test]
fn rtcp_is_sealed_as_in_the_example_of_rfc_7714_section_17_1() {
    let packet = "81c8000d 4d617273 4e545031 4e545032 52545020 0000042a 0000e930 4c756e61
                  deadbeef deadbeef deadbeef deadbeef deadbeef";
    let sealed = "81c8000d 4d617273 63e94885 dcdab67c a727d766 2f6b7e99 7ff5c0f7 6c06f32d
                  c676a5f1 730d6fda 4ce09b46 86303ded 0bb9275b c84aa458 96cf4d2f c5abf872
                  45d9eade 800005d4";
    let mut buffer = hex(packet);
    assert_eq!(sealer(KEY_128).rtcp(&mut buffer, 0), Some(()));
    assert_eq!(buffer, hex(sealed));
}

#[test]
fn session_keys_are_those_of_the_examples_of_rfc_3711_and_rfc_6188() {
    // RFC 3711 appendix B.3; RFC 6188 section 7.2.
    let (key, salt) = (
        hex("e1f97a0d3e018be0d64fa32c06de4139"),
        hex("0ec675ad498afeebb6960b3aabe6"),
    );
    let session = Session {
        key: &key,
        salt: &salt,
    };
    let mut out = [0; 16];
    session.derive(Label::RtpKey, &mut out).expect("a key");
    assert_eq!(out.to_vec(), hex("c61e7a93744f39ee10734afe3ff7a087"));
    let key = hex("f0f04914b513f2763a1b1fa130f10e2998f6f6e43e4309d1e622a0e332b9f1b6");
    let salt = hex("3b04803de51ee7c96423ab5b78d2");
    let session = Session {
        key: &key,
        salt: &salt,
    };
    let mut out = [0; 32];
    session.derive(Label::RtpKey, &mut out).expect("a key");
    let expected = "5ba1064e30ec51613cad926c5a28ef731ec7fb397f70a960653caf06554cd8c4";
    assert_eq!(out.to_vec(), hex(expected));
}

#[test]
fn no_index_of_rtcp_is_used_twice() {
    let mut sealer = sealer(KEY_128);
    sealer.index = (1 << 31) - 2;
    let packet = vec![0x80, 201, 0, 1, 0, 0, 0, 1];
    assert_eq!(sealer.rtcp(&mut packet.clone(), 0), Some(()));
    assert_eq!(sealer.rtcp(&mut packet.clone(), 0), None);
    assert_eq!(sealer.rtcp(&mut packet.clone(), 0), None, "and stays so");
}

#[test]
fn a_profile_without_authenticated_encryption_has_no_sealer() {
    let agreed = |profile, length| Agreed {
        profile,
        material: Zeroizing::new(vec![1; length]),
    };
    assert!(Sealer::of_server(&agreed(SrtpProfile::AES128_CM_SHA1_80, 60)).is_none());
    assert!(Sealer::of_server(&agreed(SrtpProfile::AEAD_AES_256_GCM, 56)).is_none());
    assert!(Sealer::of_server(&agreed(SrtpProfile::AEAD_AES_256_GCM, 88)).is_some());
    assert!(Sealer::of_server(&agreed(SrtpProfile::AEAD_AES_128_GCM, 56)).is_some());
}

fn opener() -> Opener {
    let sealer = sealer(KEY_128);
    Opener {
        key: sealer.rtcp,
        salt: sealer.rtcp_salt,
        seen: Window::default(),
        latest: 0,
    }
}

#[test]
fn rtcp_is_opened_as_in_the_example_of_rfc_7714_section_17_2_and_once() {
    let mut sealed = hex(
        "81c8000d 4d617273 63e94885 dcdab67c a727d766 2f6b7e99 7ff5c0f7 6c06f32d
         c676a5f1 730d6fda 4ce09b46 86303ded 0bb9275b c84aa458 96cf4d2f c5abf872
         45d9eade 800005d4",
    );
    let packet = hex(
        "81c8000d 4d617273 4e545031 4e545032 52545020 0000042a 0000e930 4c756e61
                      deadbeef deadbeef deadbeef deadbeef deadbeef",
    );
    let mut opener = opener();
    assert_eq!(opener.rtcp(&mut sealed.clone()), Some(&packet[..]));
    assert_eq!(opener.rtcp(&mut sealed), None, "it came before");
}

#[test]
fn what_is_changed_cut_or_not_encrypted_does_not_open_and_is_not_held_against_what_follows() {
    let (mut sealer, mut opener) = (sealer(KEY_128), opener());
    let packet = vec![0x80, 201, 0, 2, 0, 0, 0, 1, 5, 6, 7, 8];
    let mut sealed = packet.clone();
    sealer.rtcp(&mut sealed, 0).expect("sealed");
    for bit in 0..sealed.len() * 8 {
        let mut changed = sealed.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(opener.rtcp(&mut changed), None, "bit {bit}");
    }
    for length in 0..sealed.len() {
        assert_eq!(opener.rtcp(&mut sealed.clone()[..length]), None);
    }
    assert_eq!(opener.rtcp(&mut sealed), Some(&packet[..]));
}

#[test]
fn packets_that_overtook_each_other_open_unless_they_are_too_old_to_be_told_from_repetitions() {
    let (mut sealer, mut opener) = (sealer(KEY_128), opener());
    sealer.index = 0;
    let mut all: Vec<Vec<u8>> = (0..SPAN + 2)
        .map(|_| {
            let mut packet = vec![0x80, 201, 0, 1, 0, 0, 0, 1];
            sealer.rtcp(&mut packet, 0).expect("sealed");
            packet
        })
        .collect();
    let mut opens = |at: usize| opener.rtcp(&mut all[at].clone()).is_some();
    assert!(opens(5));
    assert!(opens(3));
    let last = SPAN as usize + 1;
    assert!(opens(last));
    assert!(!opens(1), "too old");
    assert!(opens(2 + 2));
    assert!(!opens(last));
    all.clear();
}
