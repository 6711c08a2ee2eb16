//! Responsible for: how applications wrap media in headers of their own, as data.
//! Not responsible for: the media: where a form says that RTP begins, it has to be RTP.
//!
//! Zoom's two headers are as Michel and others published them ("Enabling passive measurement of Zoom performance in production
//! networks", IMC 2022). Multiplexed TURN is of [MS-TURN] section 2.2.3, ZRTP of RFC 6189 section 5, Discord's address discovery
//! of its developers' documentation. Packets to Telegram's reflectors were seen by who read them: a tag, and twelve bytes of ones.
use crate::observation::Protocol;

/// Bytes that a form has at fixed places.
struct Sign {
    at: usize,
    one_of: &'static [u8],
}

const fn sign(at: usize, one_of: &'static [u8]) -> Sign {
    Sign { at, one_of }
}

struct Form {
    name: &'static str,
    protocol: Option<Protocol>,
    signs: &'static [Sign],
    /// Where RTP or RTCP begins; such a form is believed when it is there. Others are believed by their signs.
    media_at: Option<usize>,
    /// How long it is, where that is fixed.
    length: Option<usize>,
}

const SFU: &str = "zoom sfu";
const PEER: &str = "zoom peer to peer";

const fn zoom(name: &'static str, signs: &'static [Sign], media_at: usize) -> Form {
    Form {
        name,
        protocol: Some(Protocol::Zoom),
        signs,
        media_at: Some(media_at),
        length: None,
    }
}

/// The first whose signs are there, and whose media is where it says, is it.
const FORMS: &[Form] = &[
    // From or to a server: type 5, and at 7 the direction. At 8 the media's type: 15 sound, 16 pictures, 13 a screen, 33 on RTCP.
    zoom(SFU, &[sign(0, &[5]), sign(7, &[0, 4]), sign(8, &[15])], 8 + 19),
    // Pictures have one of two lengths. Behind the shorter is RTP, and at that place the longer has no byte that could begin it.
    zoom(SFU, &[sign(0, &[5]), sign(7, &[0, 4]), sign(8, &[16])], 8 + 20),
    zoom(SFU, &[sign(0, &[5]), sign(7, &[0, 4]), sign(8, &[16])], 8 + 24),
    zoom(
        SFU,
        &[sign(0, &[5]), sign(7, &[0, 4]), sign(8, &[13]), sign(15, &[30])],
        8 + 27,
    ),
    zoom(SFU, &[sign(0, &[5]), sign(7, &[0, 4]), sign(8, &[30])], 8 + 20),
    zoom(
        SFU,
        &[sign(0, &[5]), sign(7, &[0, 4]), sign(8, &[33, 34, 35])],
        8 + 16,
    ),
    zoom(PEER, &[sign(0, &[15])], 19),
    zoom(PEER, &[sign(0, &[16])], 20),
    zoom(PEER, &[sign(0, &[16])], 24),
    zoom(PEER, &[sign(0, &[13]), sign(7, &[30])], 27),
    zoom(PEER, &[sign(0, &[30])], 20),
    zoom(PEER, &[sign(0, &[33, 34, 35])], 16),
    Form {
        name: "multiplexed turn",
        protocol: None,
        signs: &[sign(0, &[0xff]), sign(1, &[0x10])],
        media_at: Some(12),
        length: None,
    },
    Form {
        name: "zrtp",
        protocol: None,
        signs: &[
            sign(0, &[0x10]),
            sign(4, b"Z"),
            sign(5, b"R"),
            sign(6, b"T"),
            sign(7, b"P"),
        ],
        media_at: None,
        length: None,
    },
    Form {
        name: "discord address discovery",
        protocol: None,
        signs: &[sign(0, &[0]), sign(1, &[1, 2]), sign(2, &[0]), sign(3, &[70])],
        media_at: None,
        length: Some(74),
    },
    Form {
        name: "telegram reflector",
        protocol: None,
        signs: &[
            sign(16, &[0xff]),
            sign(17, &[0xff]),
            sign(18, &[0xff]),
            sign(19, &[0xff]),
            sign(20, &[0xff]),
            sign(21, &[0xff]),
            sign(22, &[0xff]),
            sign(23, &[0xff]),
            sign(24, &[0xff]),
            sign(25, &[0xff]),
            sign(26, &[0xff]),
            sign(27, &[0xff]),
        ],
        media_at: None,
        length: None,
    },
];

/// A wrapping that a datagram may have.
#[derive(Clone, Copy, Debug)]
pub struct Wrapping {
    pub name: &'static str,
    pub protocol: Option<Protocol>,
    pub media_at: Option<usize>,
}

/// The wrappings whose signs a datagram has, in the order in which they are to be believed.
pub fn of(bytes: &[u8], whole: usize) -> impl Iterator<Item = Wrapping> + use<'_> {
    let fits = move |form: &&Form| {
        let there = |sign: &Sign| bytes.get(sign.at).is_some_and(|byte| sign.one_of.contains(byte));
        form.length.is_none_or(|length| length == whole) && form.signs.iter().all(there)
    };
    FORMS.iter().filter(fits).map(|form| Wrapping {
        name: form.name,
        protocol: form.protocol,
        media_at: form.media_at,
    })
}
