//! First inputs of receipts: of a call in this process, and two that do not hold.
use crate::{plain, put};
use ringfence_fuzz::meeting;
use ringfence_fuzz::meeting::world::World;
use ringfence_fuzz::receipts::{MEMBER, document, named};
use ringfence_receipt::Receipt;
use ringfence_receipt::verify::verify;
use serde_json::json;

/// A call of two with media, and somebody who says where they are. Of whom the receipt is, and with the place or not.
fn call(place: bool) -> Vec<u8> {
    let mut world = World::of(meeting::meeting());
    let ann = world.enter(MEMBER, true);
    world.run(200);
    let ben = world.enter("Ben", false);
    world.run(2_000);
    for who in [ann, ben] {
        world.media(who);
    }
    let here =
        json!({ "t": "whereabouts", "lat": 43.65, "lon": -79.38, "radius_km": 30.0, "confirmed": false });
    if place {
        world.input(ann, here);
        world.input(ann, json!({ "t": "trip", "min_ms": 8.4, "samples": 20 }));
    }
    world.run(60_000);
    world.input(ann, json!({ "t": "receipt", "place": place }));
    world.run(10);
    world.people[ann].receipts.pop().expect("it was signed")
}

fn changed(place: bool, change: impl Fn(&mut Receipt)) -> Vec<u8> {
    plain(|| {
        let mut receipt = Receipt::read(&call(place)).expect("our own");
        change(&mut receipt);
        [&[1][..], &named(receipt)].concat()
    })
}

pub fn all() {
    let good = [
        ("signed", plain(|| [&[0][..], &call(false)].concat())),
        ("call", changed(false, |_| {})),
        ("placed", changed(true, |_| {})),
        ("amended", changed(false, amend)),
        (
            "unstated",
            changed(false, |receipt| receipt.shown[0].candidates[1].statement = None),
        ),
        ("measured", changed(false, |receipt| measure(receipt, vec![0]))),
    ];
    for (name, input) in good {
        let document = document(&input).expect("it says something");
        assert!(verify(&document).expect(name).report().clean, "{name}");
        put("receipt", name, &input);
    }
    let bad = [
        (
            "unanswered",
            changed(false, |receipt| measure(receipt, b"no transcript".into())),
        ),
        (
            "unlisted",
            changed(false, |receipt| drop(receipt.shown[0].candidates.pop())),
        ),
        (
            "unlogged",
            changed(false, |receipt| receipt.shown[0].logged = None),
        ),
        (
            "against",
            changed(false, |receipt| receipt.decided[0].words[0].allowed = false),
        ),
    ];
    for (name, input) in bad {
        let document = document(&input).expect("it says something");
        assert_eq!(verify(&document).expect_err(name).code, "RF3311", "{name}");
        put("receipt", name, &input);
    }
}

/// A beacon's measurement was shown all the while.
fn measure(receipt: &mut Receipt, transcript: Vec<u8>) {
    receipt.transcripts.push(transcript);
    for decided in &mut receipt.decided {
        decided.transcripts.push(0);
    }
}

/// The owner's next charter is shown at the end, and decided by.
fn amend(receipt: &mut Receipt) {
    let mut shown = receipt.shown[0].clone();
    shown.charter.clone_from(&meeting::FIXED.next.document);
    shown.at = receipt.made;
    let mut decided = receipt.decided.last().expect("there is one").clone();
    (decided.shown, decided.from, decided.until) = (1, receipt.made, receipt.made);
    receipt.shown.push(shown);
    receipt.decided.push(decided);
}
