//! Responsible for: whose STUN it is, by what no standard knows, as data.
//! Not responsible for: whether it is STUN.
//!
//! Microsoft publishes its attributes ([MS-TURN], [MS-ICE2], [MS-TURNBWM]). IANA's registry has Cisco's 0xC003. The others were
//! seen by who read such traffic: 0x0800 to 0x0805 and 0x4000 on of WhatsApp, 0xFF03 of Google's. What every program over
//! libwebrtc sends (0xC057 and its like, GOOG-PING) is said to be that, and nobody's in particular: Chromium sends it too.
use crate::observation::Dialect;
use std::ops::RangeInclusive;

struct Signs {
    dialect: Dialect,
    /// First two bytes of a message.
    kinds: &'static [u16],
    attributes: &'static [RangeInclusive<u16>],
    /// In realm, software or user name, in small letters.
    words: &'static [&'static str],
}

/// The first that fits is it.
const SIGNS: &[Signs] = &[
    Signs {
        dialect: Dialect::WhatsApp,
        kinds: &[0x0800, 0x0801, 0x0802, 0x0803, 0x0804, 0x0805],
        attributes: &[0x4000..=0x40ff],
        words: &["whatsapp"],
    },
    Signs {
        dialect: Dialect::Teams,
        kinds: &[],
        attributes: &[
            0x8006..=0x8006,
            0x8008..=0x8008,
            0x8032..=0x8032,
            0x8036..=0x8036,
            0x8050..=0x8050,
            0x8054..=0x8056,
            0x8058..=0x8058,
            0x8068..=0x8068,
            0x8070..=0x8070,
            0x8090..=0x8090,
            0x8095..=0x8095,
        ],
        words: &["teams", "skype", "microsoft", "rtcmedia", "lync"],
    },
    Signs {
        dialect: Dialect::Webex,
        kinds: &[],
        attributes: &[0xc003..=0xc003],
        words: &["webex", "cisco", "wbx"],
    },
    Signs {
        dialect: Dialect::Signal,
        kinds: &[],
        attributes: &[],
        words: &["signal.org", "whispersystems", "ringrtc", "signal"],
    },
    Signs {
        dialect: Dialect::Telegram,
        kinds: &[],
        attributes: &[],
        words: &["telegram", "tgcalls"],
    },
    Signs {
        dialect: Dialect::Discord,
        kinds: &[],
        attributes: &[],
        words: &["discord"],
    },
    Signs {
        dialect: Dialect::Meet,
        kinds: &[],
        attributes: &[0xff03..=0xff03],
        words: &["google", "hangouts"],
    },
    Signs {
        dialect: Dialect::Webrtc,
        kinds: &[0x0200, 0x0300],
        attributes: &[0xc057..=0xc060],
        words: &[],
    },
];

/// By the message's first two bytes, the attributes that it has, and its words.
pub fn of(kind: u16, attributes: &[u16], words: &[&[u8]]) -> Dialect {
    let fits = |signs: &&Signs| {
        signs.kinds.contains(&kind)
            || attributes
                .iter()
                .any(|here| signs.attributes.iter().any(|known| known.contains(here)))
            || words
                .iter()
                .any(|text| signs.words.iter().any(|word| contains(text, word)))
    };
    SIGNS
        .iter()
        .find(fits)
        .map_or(Dialect::Standard, |signs| signs.dialect)
}

fn contains(text: &[u8], word: &str) -> bool {
    text.windows(word.len())
        .any(|part| part.eq_ignore_ascii_case(word.as_bytes()))
}
