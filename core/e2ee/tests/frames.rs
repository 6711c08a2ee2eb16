//! SFrame against the vectors of RFC 9605, appendix C, and the layout of a KID.
use ringfence_e2ee::keys::{BaseKey, Header, Stream, kid, open, seal};

fn hex(text: &str) -> Vec<u8> {
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
        .collect()
}

fn base() -> BaseKey {
    BaseKey::from_bytes(hex("000102030405060708090a0b0c0d0e0f").try_into().unwrap())
}

const KID: u64 = 291;
const CTR: u64 = 17767;
const METADATA: &str = "4945544620534672616d65205747";
const PLAIN: &str = "64726166742d696574662d736672616d652d656e63";
const SEALED: &str = "9901234567b7412c2513a1b66dbb48841bbaf17f598751176ad847681a69c6d0b091c07018ce4adb34eb";

#[test]
fn a_frame_is_sealed_as_the_rfc_seals_it() {
    let header = Header {
        kid: KID,
        counter: CTR,
    };
    assert_eq!(seal(&base(), header, &hex(METADATA), &hex(PLAIN)), hex(SEALED));
    assert_eq!(open(&base(), &hex(METADATA), &hex(SEALED)).unwrap(), hex(PLAIN));
}

#[test]
fn an_altered_frame_opens_for_nobody() {
    for at in 0..hex(SEALED).len() {
        let mut frame = hex(SEALED);
        frame[at] ^= 1;
        assert!(open(&base(), &hex(METADATA), &frame).is_err(), "byte {at}");
    }
    assert!(open(&base(), b"another", &hex(SEALED)).is_err());
    for length in 0..hex(SEALED).len() {
        assert!(
            open(&base(), &hex(METADATA), &hex(SEALED)[..length]).is_err(),
            "length {length}"
        );
    }
}

#[test]
fn headers_are_written_and_read_as_in_the_rfc() {
    let table: &[(u64, u64, &str)] = &[
        (0, 0, "00"),
        (0, 281474976710656, "0e01000000000000"),
        (1, 4294967296, "1c0100000000"),
        (255, 65536, "8aff010000"),
        (256, 1, "910100"),
        (256, 72057594037927935, "9e0100ffffffffffffff"),
        (65535, 1099511627775, "9cffffffffffffff"),
        (65536, 16777215, "aa010000ffffff"),
        (16777215, 255, "a8ffffffff"),
        (16777215, 72057594037927936, "afffffff0100000000000000"),
        (16777216, 1099511627776, "bd01000000010000000000"),
        (4294967295, 16777216, "bbffffffff01000000"),
        (4294967296, 256, "c901000000000100"),
        (4294967296, 18446744073709551615, "cf0100000000ffffffffffffffff"),
        (1099511627775, 281474976710655, "cdffffffffffffffffffffff"),
        (1099511627776, 4294967295, "db010000000000ffffffff"),
        (281474976710655, 65535, "d9ffffffffffffffff"),
        (281474976710656, 0, "e001000000000000"),
        (281474976710656, 281474976710656, "ee0100000000000001000000000000"),
        (72057594037927935, 4294967296, "ecffffffffffffff0100000000"),
        (72057594037927936, 65536, "fa0100000000000000010000"),
        (18446744073709551615, 1, "f1ffffffffffffffff"),
        (
            18446744073709551615,
            72057594037927935,
            "feffffffffffffffffffffffffffffff",
        ),
        (
            18446744073709551615,
            72057594037927935,
            "feffffffffffffffffffffffffffffff",
        ),
        (
            18446744073709551615,
            72057594037927936,
            "ffffffffffffffffff0100000000000000",
        ),
        (
            18446744073709551615,
            18446744073709551615,
            "ffffffffffffffffffffffffffffffffff",
        ),
    ];
    for (kid, counter, encoded) in table {
        let header = Header {
            kid: *kid,
            counter: *counter,
        };
        assert_eq!(header.encode(), hex(encoded));
        assert_eq!(
            Header::decode(&hex(encoded)).unwrap(),
            (header, encoded.len() / 2)
        );
    }
}

#[test]
fn a_kid_tells_stream_leaf_and_epoch_apart() {
    assert_eq!(kid(Stream::Microphone, 0, 0), 0);
    assert_eq!(kid(Stream::Camera, 1023, 2047), (1 << 21) | (1023 << 11) | 2047);
    assert_eq!(kid(Stream::ScreenSound, 0, 0), 2 << 21);
    assert_eq!(kid(Stream::ScreenPicture, 0, 0), 3 << 21);
    assert_eq!(kid(Stream::Camera, 3, 2048), kid(Stream::Camera, 3, 0));
}
