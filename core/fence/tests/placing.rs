//! What is chosen is inside the fence whatever the load says, and each that is not chosen for its place has its reason.
#[allow(dead_code, reason = "what only the properties use")]
mod made;

use ed25519_dalek::SigningKey;
use made::NOW;
use ringfence_fence::place::Candidate;
use ringfence_fence::{Decision, Evidence, Policy, Role, StatementSource, Trust, decide, draft, place};
use ringfence_signed::cose::{self, label};
use ringfence_signed::{B32, Error};

const ROUNDS: u64 = 2_000;

struct Known {
    statement: Result<StatementSource, Error>,
    evidence: Evidence,
    address: String,
}

fn key(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

fn public(seed: u8) -> B32 {
    key(seed).verifying_key().to_bytes()
}

/// The operator's, of that name.
fn seed(operator: &str) -> u8 {
    operator.bytes().fold(100, |sum, byte| sum ^ byte)
}

/// A made case whose statement is signed, by the keys that its seeds stand for.
fn known(rng: &mut fastrand::Rng) -> Known {
    let case = made::case(rng);
    let statement = case.statement.map(|mut statement| {
        let (node, operator) = (statement.node[0], seed(&statement.operator));
        statement.node = public(node);
        let trust = Trust {
            operators: [(statement.operator.clone(), public(operator))].into(),
            ..Trust::default()
        };
        let inner = cose::sign(label::NODE, &statement.encode(), &key(node));
        let document = cose::sign(label::STATEMENT, &inner, &key(operator));
        StatementSource::verify(&document, &trust).expect("made to hold")
    });
    Known {
        statement: statement.ok_or_else(|| Error::new("RF2102", "there is none")),
        evidence: case.evidence,
        address: case.address.unwrap_or_else(|| "203.0.113.7".into()),
    }
}

fn policy(rng: &mut fastrand::Rng) -> Policy {
    let mut policy = made::policy(rng);
    policy.nodes = policy.nodes.iter().map(|node| public(node[0])).collect();
    policy
}

fn decided(policy: &Policy, known: &Known) -> Decision {
    let address = Some(&*known.address);
    decide(
        policy,
        known.statement.as_ref(),
        &known.evidence,
        Role::Media,
        address,
        NOW,
    )
}

fn candidates(nodes: &[Known]) -> impl Iterator<Item = Candidate<'_, usize>> {
    nodes.iter().enumerate().map(|(node, known)| Candidate {
        node,
        statement: known.statement.as_ref(),
        evidence: &known.evidence,
        address: &known.address,
    })
}

#[test]
fn a_refused_node_is_never_chosen_whatever_the_load() {
    let (mut placed, mut nowhere, mut refusals) = (0, 0, 0);
    for round in 0..ROUNDS {
        let mut rng = fastrand::Rng::with_seed(round);
        let policy = policy(&mut rng);
        let nodes: Vec<Known> = (0..rng.usize(..12)).map(|_| known(&mut rng)).collect();
        let loads: Vec<u64> = nodes.iter().map(|_| rng.u64(..4)).collect();
        let placement = place(&policy, Role::Media, candidates(&nodes), |node| loads[*node], NOW);
        let decisions: Vec<Decision> = nodes.iter().map(|node| decided(&policy, node)).collect();
        let allowed = |node: &usize| decisions[*node].allowed;
        let expected = (0..nodes.len())
            .filter(allowed)
            .min_by_key(|node| (loads[*node], *node));
        assert_eq!(placement.chosen.map(|node| *node.get()), expected, "seed {round}");
        let refused: Vec<usize> = placement.refused.iter().map(|(node, _)| *node).collect();
        let outside: Vec<usize> = (0..nodes.len()).filter(|node| !allowed(node)).collect();
        assert_eq!(refused, outside, "seed {round}");
        for (node, reason) in &placement.refused {
            assert_eq!(Some(reason), decisions[*node].reasons.first(), "seed {round}");
        }
        placed += u64::from(expected.is_some());
        nowhere += u64::from(expected.is_none());
        refusals += refused.len();
    }
    assert!(
        placed > ROUNDS / 4 && nowhere > ROUNDS / 10 && refusals > 1000,
        "{placed} {nowhere} {refusals}"
    );
}

#[test]
fn what_nobody_signed_is_not_chosen() {
    let mut tried = 0;
    for round in 0..ROUNDS {
        let mut rng = fastrand::Rng::with_seed(round);
        let case = made::case(&mut rng);
        let Some(statement) = case.statement else { continue };
        let statement = draft::unsigned(statement).expect("made to hold");
        let (evidence, address) = (&case.evidence, "203.0.113.7");
        let candidate = Candidate {
            node: (),
            statement: Ok(&statement),
            evidence,
            address,
        };
        let placement = place(&case.policy, Role::Media, [candidate], |()| 0, case.time);
        assert!(
            placement.chosen.is_none() && placement.refused.len() == 1,
            "seed {round}"
        );
        let decision = decide(
            &case.policy,
            Ok(&statement),
            evidence,
            Role::Media,
            Some(address),
            case.time,
        );
        if decision.allowed {
            tried += 1;
            assert_eq!(placement.refused[0].1.code, "RF2102");
        }
    }
    assert!(tried > 100);
}
