//! What holds of every decision, whatever it is of. A failing seed is printed and makes the same case again.
mod made;

use fastrand::Rng;
use made::{Case, DAY, NOW, case, one};
use ringfence_fence::evidence::{Kind, Source};
use ringfence_fence::{
    Decision, Evidence, Policy, Role, Standing, Statement, StatementSource, decide, draft,
};
use ringfence_signed::Error;
use std::collections::BTreeMap;

const CASES: u64 = 20_000;

fn drafted(statement: &Statement) -> StatementSource {
    draft::unsigned(statement.clone()).expect("made to hold")
}

fn judge(policy: &Policy, statement: Option<&StatementSource>, case: &Case, evidence: &Evidence) -> Decision {
    let none = Error::new("RF2102", "there is none");
    let address = case.address.as_deref();
    decide(
        policy,
        statement.ok_or(&none),
        evidence,
        case.role,
        address,
        case.time,
    )
}

/// A case with its decision.
struct Judged {
    case: Case,
    statement: Option<StatementSource>,
    decision: Decision,
}

impl Judged {
    fn new(seed: u64) -> (Self, Rng) {
        let mut rng = Rng::with_seed(seed);
        let case = case(&mut rng);
        let statement = case.statement.as_ref().map(drafted);
        let decision = judge(&case.policy, statement.as_ref(), &case, &case.evidence);
        (
            Self {
                case,
                statement,
                decision,
            },
            rng,
        )
    }

    fn with_policy(&self, policy: &Policy) -> Decision {
        judge(policy, self.statement.as_ref(), &self.case, &self.case.evidence)
    }

    fn with_evidence(&self, evidence: &Evidence) -> Decision {
        judge(&self.case.policy, self.statement.as_ref(), &self.case, evidence)
    }

    fn with_statement(&self, change: impl FnOnce(&mut Statement)) -> Option<Decision> {
        let mut statement = self.case.statement.clone()?;
        change(&mut statement);
        Some(judge(
            &self.case.policy,
            Some(&drafted(&statement)),
            &self.case,
            &self.case.evidence,
        ))
    }
}

fn for_each(mut holds: impl FnMut(&Judged, &mut Rng) -> bool) {
    for seed in 0..CASES {
        let (judged, mut rng) = Judged::new(seed);
        assert!(holds(&judged, &mut rng), "seed {seed}: {:#?}", judged.decision);
    }
}

fn is_contradicted(decision: &Decision) -> bool {
    let contradicts = |code: &str| matches!(code, "RF2103" | "RF2115" | "RF2116");
    decision.reasons.iter().any(|reason| contradicts(reason.code))
}

#[test]
fn every_standing_and_both_outcomes_are_a_tenth_of_what_is_made() {
    let (mut standings, mut allowed) = (BTreeMap::<_, u64>::new(), 0);
    for_each(|judged, _| {
        *standings.entry(judged.decision.standing).or_default() += 1;
        allowed += u64::from(judged.decision.allowed);
        true
    });
    println!("{standings:?}, {allowed} allowed, of {CASES}");
    assert_eq!(standings.len(), 5);
    assert!(
        standings.values().all(|count| count * 10 >= CASES),
        "{standings:?}"
    );
    assert!(
        allowed * 10 >= CASES && (CASES - allowed) * 10 >= CASES,
        "{allowed}"
    );
}

#[test]
fn adding_to_the_allow_list_never_refuses_what_was_allowed() {
    for_each(|judged, rng| {
        let mut policy = judged.case.policy.clone();
        match rng.u32(..4) {
            0 => policy.countries.push(made::country(rng)),
            1 => policy.law.push(made::country(rng)),
            2 if policy.operators != ["*"] => policy.operators.push("coop".into()),
            _ => policy
                .nodes
                .extend(judged.case.statement.as_ref().map(|s| s.node)),
        }
        if policy.law.len() > 1 {
            policy.law.retain(|law| law != "*");
            if judged.case.policy.law == ["*"] {
                policy.law = vec!["*".into()];
            }
        }
        judged.with_policy(&policy).allowed || !judged.decision.allowed
    });
}

#[test]
fn taking_a_country_an_operator_or_a_role_away_never_allows_what_was_refused() {
    for_each(|judged, rng| {
        let mut policy = judged.case.policy.clone();
        let now = match rng.u32(..3) {
            0 => {
                policy.countries.retain(|_| rng.bool());
                Some(judged.with_policy(&policy))
            }
            1 => {
                policy.operators.retain(|_| rng.bool());
                Some(judged.with_policy(&policy))
            }
            // Where the operator no longer states what the node is asked for.
            _ => judged.with_statement(|statement| statement.roles.retain(|role| *role != judged.case.role)),
        };
        judged.decision.allowed || now.is_none_or(|now| !now.allowed)
    });
}

#[test]
fn taking_supporting_evidence_away_never_allows_what_was_refused() {
    for_each(|judged, rng| {
        if is_contradicted(&judged.decision) {
            return true;
        }
        let mut less = judged.case.evidence.clone();
        less.sources.retain(|_| rng.f64() < 0.8);
        less.trips.retain(|_| rng.f64() < 0.8);
        judged.decision.allowed || !judged.with_evidence(&less).allowed
    });
}

#[test]
fn evidence_that_contradicts_never_helps() {
    for_each(|judged, rng| {
        let mut more = judged.case.evidence.clone();
        let Some(statement) = &judged.case.statement else {
            return true;
        };
        let Some(address) = statement.addresses.first() else {
            return true;
        };
        // Nothing contradicts an operator who says nothing.
        if statement.country.is_none() {
            return true;
        }
        if rng.bool() {
            more.sources.push(Source {
                kind: one(rng, &Kind::ALL),
                name: "against".into(),
                date: NOW - rng.u64(..DAY),
                address: address.clone(),
                country: "KP".into(),
                pinned: rng.bool(),
            });
        } else {
            // Somebody next to the machine in the middle of an ocean.
            let mut trip = made::trip(rng, address, (-45.0, -130.0));
            trip.place = ringfence_fence::geometry::Place::new(-45.0, -130.0).unwrap();
            trip.min_ms = 0.5;
            trip.at = NOW;
            more.trips.push(trip);
        }
        judged.decision.allowed || !judged.with_evidence(&more).allowed
    });
}

#[test]
fn a_data_set_that_the_owner_did_not_pin_never_helps() {
    for_each(|judged, rng| {
        let mut more = judged.case.evidence.clone();
        for source in &mut more.sources.clone() {
            source.pinned = false;
            source.country = if rng.bool() {
                source.country.clone()
            } else {
                made::country(rng)
            };
            more.sources.push(source.clone());
        }
        judged.decision.allowed || !judged.with_evidence(&more).allowed
    });
}

#[test]
fn what_is_kept_back_never_helps() {
    for_each(|judged, _| {
        let mut less = judged.case.evidence.clone();
        let addresses = judged.case.statement.iter().flat_map(|said| &said.addresses);
        less.withheld = addresses.take(1).cloned().collect();
        let now = judged.with_evidence(&less);
        let raised = now.standing > judged.decision.standing;
        !raised && (judged.decision.allowed || !now.allowed)
    });
}

#[test]
fn more_liars_to_withstand_never_allow_more() {
    for_each(|judged, _| {
        let mut policy = judged.case.policy.clone();
        policy.liars += 1;
        judged.decision.allowed || !judged.with_policy(&policy).allowed
    });
}

#[test]
fn a_stricter_minimum_and_one_more_place_to_rule_out_never_allow_more() {
    use ringfence_fence::policy::Minimum;
    for_each(|judged, rng| {
        let mut policy = judged.case.policy.clone();
        policy.minimum = policy
            .minimum
            .max(one(rng, &[Minimum::Consistent, Minimum::Proven]));
        policy.exclude.push(made::country(rng));
        judged.decision.allowed || !judged.with_policy(&policy).allowed
    });
}

#[test]
fn a_role_is_never_looser_than_what_is_allowed_to_all() {
    for_each(|judged, rng| {
        let mut without = judged.case.policy.clone();
        without.roles.clear();
        let mut with = without.clone();
        with.roles.insert(judged.case.role, made::stricter(rng, &without));
        Policy::decode(&with.encode()).expect("a stricter role is valid");
        judged.with_policy(&without).allowed || !judged.with_policy(&with).allowed
    });
}

#[test]
fn nothing_unknown_is_ever_allowed() {
    for_each(|judged, rng| {
        let policy = &judged.case.policy;
        let none = judge(policy, None, &judged.case, &judged.case.evidence);
        let changed = match rng.u32(..4) {
            0 => judged.with_statement(|statement| statement.until = NOW),
            1 => judged.with_statement(|statement| statement.from = NOW + 1),
            2 => judged.with_statement(|statement| statement.roles.retain(|role| *role != judged.case.role)),
            _ => judged.case.address.as_ref().and_then(|_| {
                judged.with_statement(|statement| statement.addresses = vec!["192.0.2.1".into()])
            }),
        };
        let unknown = judged.decision.standing == Standing::Unknown;
        !none.allowed && changed.is_none_or(|now| !now.allowed) && !(unknown && judged.decision.allowed)
    });
}

#[test]
fn the_order_of_lists_changes_nothing() {
    let said = |decision: &Decision| {
        let mut reasons: Vec<_> = decision
            .reasons
            .iter()
            .map(|r| (r.code, r.rule, r.source.clone()))
            .collect();
        reasons.sort();
        let places = (decision.excluded.clone(), decision.not_excluded.clone());
        (decision.allowed, decision.standing, places, reasons)
    };
    for_each(|judged, rng| {
        let (mut policy, mut evidence) = (judged.case.policy.clone(), judged.case.evidence.clone());
        for list in [
            &mut policy.countries,
            &mut policy.law,
            &mut policy.exclude,
            &mut policy.operators,
        ] {
            rng.shuffle(list);
        }
        rng.shuffle(&mut policy.nodes);
        rng.shuffle(&mut policy.sources);
        rng.shuffle(&mut evidence.sources);
        rng.shuffle(&mut evidence.trips);
        let mut statement = judged.case.statement.clone();
        if let Some(statement) = &mut statement {
            rng.shuffle(&mut statement.addresses);
            rng.shuffle(&mut statement.law);
            rng.shuffle(&mut statement.roles);
        }
        let statement = statement.as_ref().map(drafted);
        said(&judge(&policy, statement.as_ref(), &judged.case, &evidence)) == said(&judged.decision)
    });
}

#[test]
fn no_text_or_number_stops_a_decision() {
    for_each(|judged, rng| {
        let mut policy = judged.case.policy.clone();
        let mut evidence = judged.case.evidence.clone();
        let odd = [
            "",
            "*",
            "\u{0}",
            "ZZ",
            "eu@1999-01",
            "::ffff:203.0.113.7",
            "not an address",
        ];
        policy.exclude.push(one(rng, &odd).into());
        policy.countries.push(one(rng, &odd).into());
        policy.liars = one(rng, &[0, u64::MAX, 1 << 33]);
        for source in &mut evidence.sources {
            source.country = one(rng, &odd).into();
            source.date = one(rng, &[0, u64::MAX, NOW]);
        }
        for trip in &mut evidence.trips {
            trip.min_ms = one(
                rng,
                &[f64::NAN, f64::INFINITY, -1.0, 0.0, f64::MIN_POSITIVE, 1e300],
            );
            trip.at = one(rng, &[0, u64::MAX, NOW]);
        }
        let role = one(rng, &Role::ALL);
        let none = Error::new("RF2102", "there is none");
        let statement = judged.statement.as_ref().ok_or(&none);
        let times = [0, NOW, u64::MAX];
        times
            .iter()
            .all(|time| decide(&policy, statement, &evidence, role, Some(one(rng, &odd)), *time).role == role)
    });
}
