//! What another policy is said to change: nothing where both mean the same, and every country that is lost.
mod made;

use fastrand::Rng;
use made::{case, one};
use ringfence_fence::policy::Minimum;
use ringfence_fence::{Policy, Role, decide, difference, draft};
use ringfence_signed::to_text;
use std::collections::BTreeSet;

const CASES: u64 = 3_000;

fn policy(allow: &str, rest: &str) -> Policy {
    let text = format!("name = \"x\"\nversion = 1\n[allow]\n{allow}\n{rest}");
    Policy::from_toml(&text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn said(before: &Policy, after: &Policy) -> Vec<String> {
    difference(before, after)
}

#[test]
fn a_change_is_said_in_plain_sentences() {
    let ca = r#"countries = ["CA"]"#;
    let any = r#"law = ["*"]"#;
    let list = |countries: &str| format!("countries = [{countries}]\n{any}");
    let table: [(Policy, Policy, &[&str]); 14] = [
        (
            policy(&list(r#""CA", "US""#), ""),
            policy(&list(r#""DE", "US""#), ""),
            &[
                "Servers are no longer allowed in: CA.",
                "Servers are now allowed in: DE.",
            ],
        ),
        (
            policy(&list(r#""eea@2026-01", "CA""#), ""),
            policy(&list(r#""CA""#), ""),
            &["Servers are no longer allowed in: the group eea@2026-01."],
        ),
        (
            policy(&list(r#""eea@2026-01""#), ""),
            policy(&list(r#""eu@2026-01", "NO""#), ""),
            &["Servers are no longer allowed in: IS, LI."],
        ),
        (
            policy(&list(r#""world-except-cn@2026-01""#), ""),
            policy(&list(r#""CA", "US""#), ""),
            &["Servers are no longer allowed in: the group world-except-cn@2026-01 (but still in CA, US)."],
        ),
        (
            policy(&list(r#""CA""#), ""),
            policy(&list(r#""CA", "eu@2026-01""#), ""),
            &["Servers are now allowed in: the group eu@2026-01."],
        ),
        (
            policy("countries = [\"CA\"]\nlaw = [\"CA\", \"US\"]", ""),
            policy("countries = [\"CA\"]\nlaw = [\"CA\", \"FR\"]", ""),
            &[
                "Operators and their parent companies may no longer answer to the law of: US.",
                "Operators and their parent companies may now also answer to the law of: FR.",
            ],
        ),
        (
            policy(ca, ""),
            policy(&list(r#""CA""#), ""),
            &["Operators and their parent companies may answer to any law."],
        ),
        (
            policy(ca, ""),
            policy(&format!("{ca}\noperators = [\"coop\"]"), ""),
            &["Only these operators: coop."],
        ),
        (
            policy(ca, "[evidence]\nminimum = \"proven\""),
            policy(ca, "[evidence]\nminimum = \"stated\""),
            &["Less is asked than before. The operator's signed word about the place is enough."],
        ),
        (
            policy(ca, "[evidence]\nexclude = [\"CN\"]"),
            policy(ca, "[evidence]\nexclude = [\"RU\"]\nliars = 2"),
            &[
                "Measured round trips need no longer rule out: CN.",
                "Measured round trips now have to rule out: RU.",
                "What round trips show has to hold though 2 of the observers lie; before: 0.",
            ],
        ),
        (
            policy(ca, ""),
            policy(ca, "[evidence]\nsources = [\"registry\"]"),
            &["Among the data sets that agree there has to be: registry."],
        ),
        (
            policy(ca, ""),
            policy(ca, "[roles.storage]\noperators = [\"coop\"]"),
            &[
                "This is another rule than before. For storage, also of servers that are named: operators coop.",
            ],
        ),
        (
            policy(ca, "[roles.storage]\noperators = [\"coop\"]"),
            policy(ca, ""),
            &["For storage nothing else is asked any more than for every role."],
        ),
        (
            policy(ca, "[evidence]\nexclude = [\"CN\"]"),
            policy("countries = []", ""),
            &[
                "No server is allowed any more: this fence names neither a country nor a node.",
                "Servers are no longer allowed in: CA.",
            ],
        ),
    ];
    for (before, after, words) in &table {
        assert_eq!(said(before, after), *words);
    }
}

#[test]
fn nodes_that_come_and_go_are_named_by_their_keys() {
    let [one, other] = [[1; 32], [2; 32]].map(|key| to_text(&key));
    let before = policy(&format!("nodes = [\"{one}\"]"), "");
    let after = policy(&format!("nodes = [\"{other}\"]"), "");
    let says = said(&before, &after);
    assert_eq!(says.len(), 2);
    assert!(says[0].starts_with("No longer allowed by name") && says[0].contains(&one));
    assert!(says[1].starts_with("Allowed by name, wherever they stand") && says[1].contains(&other));
}

/// The countries of a list, whatever it is written with.
fn countries(policy: &Policy) -> BTreeSet<String> {
    policy.countries.iter().flat_map(|entry| members(entry)).collect()
}

/// All countries, written here once more.
const WORLD: &str = "\
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV \
    BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES \
    ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE \
    IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY \
    MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU \
    NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM \
    SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE \
    VG VI VN VU WF WS YE YT ZA ZM ZW";

/// The groups that are made, by hand.
fn members(entry: &str) -> Vec<String> {
    let eu = "AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE";
    let but = |out: &[&str]| {
        let all = WORLD.split_whitespace().filter(|code| !out.contains(code));
        all.map(str::to_owned).collect()
    };
    match entry {
        "eu@2026-01" => eu.split(' ').map(str::to_owned).collect(),
        "world-except-cn@2026-01" => but(&["CN", "HK", "MO"]),
        "world-except-cn-ru-by@2026-01" => but(&["CN", "HK", "MO", "RU", "BY"]),
        code => vec![code.to_owned()],
    }
}

/// The same in other words: groups as their members, twice, in another order.
fn reworded(policy: &Policy, rng: &mut Rng) -> Policy {
    let mut other = policy.clone();
    let mut lists = vec![&mut other.countries, &mut other.exclude];
    if other.law != ["*"] {
        lists.push(&mut other.law);
    }
    for list in lists {
        *list = list.iter().flat_map(|entry| members(entry)).collect();
        if let Some(first) = list.first().cloned() {
            list.push(first);
        }
        rng.shuffle(list);
    }
    rng.shuffle(&mut other.nodes);
    rng.shuffle(&mut other.sources);
    other.name = "another name".into();
    other
}

#[test]
fn there_is_no_difference_where_both_mean_the_same() {
    for seed in 0..CASES {
        let mut rng = Rng::with_seed(seed);
        let policy = made::policy(&mut rng);
        let other = reworded(&policy, &mut rng);
        assert_eq!(said(&policy, &other), [""; 0], "seed {seed}");
        assert_eq!(said(&other, &policy), [""; 0], "seed {seed}");
    }
}

#[test]
fn where_no_difference_is_said_both_decide_alike() {
    let mut same = 0;
    for seed in 0..CASES {
        let mut rng = Rng::with_seed(seed);
        let mut case = case(&mut rng);
        let before = case.policy.clone();
        // One thing is another, and now and then it changes nothing.
        let from = made::policy(&mut rng);
        match rng.u32(..8) {
            0 => case.policy.countries = from.countries,
            1 => case.policy.law = from.law,
            2 => case.policy.operators = from.operators,
            3 => case.policy.minimum = from.minimum,
            4 => case.policy.exclude = from.exclude,
            5 => case.policy.sources = from.sources,
            6 => case.policy.liars = from.liars,
            _ => case.policy.nodes = from.nodes,
        }
        let is_same = said(&before, &case.policy).is_empty();
        assert_eq!(is_same, said(&case.policy, &before).is_empty(), "seed {seed}");
        let Some(statement) = case.statement.as_ref().filter(|_| is_same) else {
            continue;
        };
        same += 1;
        let source = draft::unsigned(statement.clone()).unwrap();
        let decide = |policy: &Policy, role: Role| {
            let address = case.address.as_deref();
            decide(policy, Ok(&source), &case.evidence, role, address, case.time).allowed
        };
        for role in [case.role, Role::Media, Role::Storage] {
            assert_eq!(decide(&before, role), decide(&case.policy, role), "seed {seed}");
        }
    }
    assert!(same > CASES / 10, "{same}");
}

#[test]
fn each_thing_that_is_another_is_said() {
    type Mutation = fn(&mut Policy);
    let mutations: [Mutation; 8] = [
        |p| p.law = vec!["JP".into()],
        |p| p.operators = vec!["nobody else".into()],
        |p| {
            p.minimum = match p.minimum {
                Minimum::Stated => Minimum::Proven,
                _ => Minimum::Stated,
            }
        },
        |p| p.exclude.push("KP".into()),
        |p| p.liars += 1,
        |p| p.nodes.push([9; 32]),
        |p| match p.sources.is_empty() {
            true => p.sources = ringfence_fence::evidence::Kind::ALL.to_vec(),
            false => p.sources.clear(),
        },
        |p| {
            let rule = ringfence_fence::policy::Rule {
                operators: Some(vec!["nobody else".into()]),
                ..Default::default()
            };
            p.roles.insert(Role::Mail, rule);
        },
    ];
    for seed in 0..CASES / 10 {
        let mut rng = Rng::with_seed(seed);
        let policy = made::policy(&mut rng);
        for (number, mutation) in mutations.iter().enumerate() {
            let mut other = policy.clone();
            mutation(&mut other);
            for says in [said(&policy, &other), said(&other, &policy)] {
                assert!(!says.is_empty(), "seed {seed}, mutation {number}");
                assert!(says.iter().all(|line| line.ends_with('.')), "{says:?}");
            }
        }
    }
}

#[test]
fn each_country_that_is_lost_is_mentioned_and_none_that_stays() {
    for seed in 0..CASES {
        let mut rng = Rng::with_seed(seed);
        let before = made::policy(&mut rng);
        let mut after = made::policy(&mut rng);
        if rng.bool() {
            after.countries = one(&mut rng, &[before.countries.clone(), vec!["CA".into()]]);
            after.countries.truncate(2);
        }
        let says = said(&before, &after);
        let start = "Servers are no longer allowed in: ";
        let line = says.iter().find_map(|line| line.strip_prefix(start));
        let mut mentioned = BTreeSet::new();
        let mut entries = line.unwrap_or("").trim_end_matches('.');
        while !entries.is_empty() {
            let end = entries.find(", ").unwrap_or(entries.len());
            let (entry, mut but) = (&entries[..end], vec![]);
            entries = &entries[end..];
            let mut entry = entry.to_owned();
            if let Some(at) = entry.find(" (but still in ") {
                let whole = format!("{entry}{entries}");
                let close = whole.find(')').unwrap();
                but = whole[at + 15..close].split(", ").map(str::to_owned).collect();
                entries = &entries[entries.len() - (whole.len() - close - 1)..];
                entry.truncate(at);
            }
            let name = entry.strip_prefix("the group ").unwrap_or(&entry);
            mentioned.extend(members(name).into_iter().filter(|code| !but.contains(code)));
            entries = entries.strip_prefix(", ").unwrap_or(entries);
        }
        let lost = &countries(&before) - &countries(&after);
        assert_eq!(mentioned, lost, "seed {seed}: {says:?}");
    }
}
