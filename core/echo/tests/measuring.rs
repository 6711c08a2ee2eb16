//! Round trips over a simulated network, in simulated time: what is measured is what the way took, and never less.
use ed25519_dalek::SigningKey;
use ringfence_echo::measuring::{LONGEST, PATIENCE};
use ringfence_echo::{Answer, Answerer, EchoKey, Measured, Measuring, Question, Step, is_answer_of};
use ringfence_netem::{Conditions, Link};
use ringfence_signed::B32;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

const NODE: B32 = [1; 32];
const BEACON: B32 = [2; 32];
const OTHER: B32 = [3; 32];
const MS: Duration = Duration::from_millis(1);

fn public(seed: &B32) -> B32 {
    SigningKey::from_bytes(seed).verifying_key().to_bytes()
}

fn here() -> SocketAddr {
    "203.0.113.7:40000".parse().unwrap()
}

fn answerer(seed: &B32) -> Answerer {
    Answerer::new(EchoKey::new(seed), here())
}

/// What is between a beacon and a node.
struct Way {
    there: Conditions,
    back: Conditions,
    seed: u64,
    samples: u32,
}

impl Way {
    fn of(conditions: Conditions) -> Self {
        Self {
            there: conditions,
            back: conditions,
            seed: 1,
            samples: 20,
        }
    }

    /// `meddle`: what goes back in place of an answer; it gets the question too. Returns how long all of it took.
    fn measure(
        &self,
        mut answerer: Answerer,
        mut meddle: impl FnMut(&[u8], Option<Vec<u8>>) -> Vec<Vec<u8>>,
    ) -> (Option<Measured>, Duration) {
        let mut random = fastrand::Rng::with_seed(self.seed);
        let mut up: Link<Vec<u8>> = Link::new(self.seed, self.there);
        let mut down: Link<Vec<u8>> = Link::new(self.seed + 1, self.back);
        let mut measuring = Measuring::new(public(&NODE), public(&BEACON), here(), self.samples);
        let (begin, mut now) = (Instant::now(), Duration::ZERO);
        loop {
            let mut fresh = B32::default();
            random.fill(&mut fresh);
            match measuring.step(now, fresh) {
                Step::Send(question) => up.send(now, question.len(), question.to_vec()),
                Step::Wait(until) => {
                    let next = [Some(until), up.next_arrival(), down.next_arrival()];
                    now = now.max(next.into_iter().flatten().min().unwrap());
                    while let Some(question) = up.receive(now) {
                        let answer = answerer.answer(&question, begin + now);
                        for answer in meddle(&question, answer.map(|answer| answer.to_vec())) {
                            down.send(now, answer.len(), answer);
                        }
                    }
                    while let Some(answer) = down.receive(now) {
                        measuring.receive(now, &answer);
                    }
                }
                Step::Done => return (measuring.measured(), now),
            }
        }
    }

    fn honest(&self) -> (Option<Measured>, Duration) {
        self.measure(answerer(&NODE), |_, answer| answer.into_iter().collect())
    }
}

fn slow(delay: u64, jitter: u64) -> Conditions {
    Conditions {
        delay: MS * delay as u32,
        jitter: MS * jitter as u32,
        ..Conditions::default()
    }
}

#[test]
fn the_least_of_all_round_trips_is_what_the_way_takes() {
    let (measured, took) = Way::of(slow(5, 0)).honest();
    let measured = measured.unwrap();
    assert_eq!((measured.least_us, measured.samples), (10_000, 20));
    assert!(took < Duration::from_millis(250), "{took:?}");
    let question = Question {
        nonce: measured.nonce,
        asker: public(&BEACON),
    };
    assert!(is_answer_of(&public(&NODE), &question, here(), &measured.answer));
}

#[test]
fn loss_doubles_and_delays_make_it_no_shorter_and_it_always_ends() {
    for seed in 0..200 {
        let conditions = Conditions {
            loss: 0.3,
            duplicate: 0.3,
            ..slow(4 + seed % 40, seed % 60)
        };
        let way = Way {
            seed,
            ..Way::of(conditions)
        };
        let (measured, took) = way.honest();
        assert!(took <= LONGEST, "{took:?}");
        if let Some(measured) = measured {
            let least = 2 * (4 + seed % 40) * 1000;
            assert!(measured.least_us >= least, "seed {seed}: {measured:?}");
            assert!((1..=20).contains(&measured.samples));
        }
    }
}

#[test]
fn of_a_way_that_takes_long_as_much_is_measured_as_there_is_time_for() {
    let (measured, took) = Way::of(slow(200, 0)).honest();
    let measured = measured.unwrap();
    assert_eq!((measured.least_us, measured.samples), (400_000, 7));
    assert!(took <= LONGEST);
}

#[test]
fn who_does_not_answer_is_asked_three_times() {
    let mut asked = 0;
    let (measured, took) = Way::of(slow(1, 0)).measure(answerer(&NODE), |_, _| {
        asked += 1;
        vec![]
    });
    assert_eq!((measured, asked, took), (None, 3, PATIENCE * 3));
    let (late, _) = Way::of(slow(260, 0)).honest();
    assert_eq!(late, None, "an answer after half a second is none");
}

/// Each lie is told at once, and the truth after it.
fn lied(lie: impl Fn(&[u8]) -> Vec<Vec<u8>>) -> Measured {
    let way = Way {
        back: slow(20, 0),
        ..Way::of(slow(5, 0))
    };
    let (measured, _) = way.measure(answerer(&NODE), |question, answer| {
        let mut all = lie(question);
        all.extend(answer);
        all
    });
    measured.unwrap()
}

#[test]
fn what_the_node_has_not_signed_does_not_count() {
    let alone = |lie: &dyn Fn(&[u8]) -> Vec<Vec<u8>>| {
        let (measured, _) = Way::of(slow(5, 0)).measure(answerer(&NODE), |question, _| lie(question));
        measured
    };
    let another_node = |question: &[u8]| {
        let answer = answerer(&OTHER).answer(question, Instant::now());
        answer.into_iter().map(|answer| answer.to_vec()).collect()
    };
    let invented = |question: &[u8]| {
        let nonce = Question::read(question).unwrap().nonce;
        let signature = [7; 64];
        vec![Answer { nonce, signature }.encode().to_vec()]
    };
    let elsewhere = |question: &[u8]| {
        let mut answerer = Answerer::new(EchoKey::new(&NODE), "203.0.113.8:40000".parse().unwrap());
        let answer = answerer.answer(question, Instant::now());
        answer.into_iter().map(|answer| answer.to_vec()).collect()
    };
    let for_another_beacon = |question: &[u8]| {
        let mut asked = Question::read(question).unwrap();
        asked.asker = public(&OTHER);
        let answer = answerer(&NODE).answer(&asked.encode(), Instant::now());
        answer.into_iter().map(|answer| answer.to_vec()).collect()
    };
    let back = |question: &[u8]| vec![question.to_vec(), vec![], vec![0x0f; 2000]];
    let lies: [&dyn Fn(&[u8]) -> Vec<Vec<u8>>; 5] =
        [&another_node, &invented, &elsewhere, &for_another_beacon, &back];
    for (number, lie) in lies.into_iter().enumerate() {
        assert_eq!(alone(lie), None, "lie {number}");
        let measured = lied(lie);
        assert_eq!(
            (measured.least_us, measured.samples),
            (25_000, 20),
            "lie {number}"
        );
    }
}

#[test]
fn an_answer_of_before_is_no_answer_now() {
    let mut before: Vec<Vec<u8>> = vec![];
    let way = Way {
        back: slow(20, 0),
        ..Way::of(slow(5, 0))
    };
    let (measured, _) = way.measure(answerer(&NODE), |_, answer| {
        let mut all = before.clone();
        before.extend(answer.clone());
        all.extend(answer);
        all
    });
    let measured = measured.unwrap();
    assert_eq!((measured.least_us, measured.samples), (25_000, 20));
}
