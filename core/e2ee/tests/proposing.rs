//! What a change of the charter would come to, asked before the owner's key signs it.
use crate::amending::{amend, another_fence, three, told};
use crate::world::{World, public};
use ringfence_charter::Admits;
use ringfence_fence::preset;
use ringfence_signed::to_text;
use serde_json::{Value, json};

fn propose(world: &mut World, who: usize, change: Value) -> Value {
    world.input(who, json!({ "t": "propose", "id": 7, "change": change }));
    let answer = world.people[who].last("proposed").cloned().unwrap_or_default();
    assert_eq!(answer["id"], json!(7));
    answer
}

#[test]
fn the_owner_reads_before_signing_what_all_are_told_afterwards_and_nothing_changes_by_reading() {
    let (mut world, people) = three(Admits::Link);
    let [ann, ben, _] = people;
    let epoch = world.people[ben].epoch();
    let mut change = another_fence(&world);
    change["admission"] = json!("lobby");
    let answer = propose(&mut world, ann, change.clone());
    world.run(3_000);
    assert_eq!(world.people[ben].epoch(), epoch);
    assert!(world.people[ben].last("charter").is_none());
    let proposal = &answer["proposal"];
    assert_eq!(
        (&answer["trouble"], &proposal["version"], &proposal["barred"]),
        (&Value::Null, &json!(1), &Value::Null)
    );
    assert_eq!(
        (&proposal["waits"], &proposal["measured"]),
        (&json!([]), &json!(false))
    );
    change["version"] = json!(1);
    amend(&mut world, ann, change);
    world.agree(&people);
    assert_eq!(proposal["rules"], told(&world, ben)["rules"]);
    assert_eq!(proposal["rules"].as_array().unwrap().len(), 2);
}

#[test]
fn a_fence_that_stops_the_meeting_is_told_as_one_before_it_is_signed() {
    let (mut world, [ann, ben, _]) = three(Admits::Link);
    let mut policy = preset::policy("eu", &[0; 32]).unwrap();
    let eu = json!({ "policy": to_text(&policy.encode()) });
    let proposal = propose(&mut world, ann, eu)["proposal"].clone();
    assert_eq!(proposal["barred"]["code"], "RF2104");
    assert_eq!(
        (&proposal["rules"][0]["kind"], &proposal["waits"]),
        (&json!("fence"), &json!([]))
    );
    // Places to be ruled out: the node may be measured, and media waits until it was.
    policy = preset::policy("only-this-server", &public(&world.meeting.node)).unwrap();
    policy.exclude = vec!["CN".into()];
    let measured = json!({ "policy": to_text(&policy.encode()) });
    let proposal = propose(&mut world, ann, measured)["proposal"].clone();
    assert_eq!(
        (&proposal["barred"], &proposal["measured"]),
        (&Value::Null, &json!(true))
    );
    let codes: Vec<_> = (proposal["waits"].as_array().unwrap().iter())
        .map(|reason| reason["code"].as_str().unwrap())
        .collect();
    assert_eq!(codes, ["RF2109"], "each reason once, however many roles");
    assert_eq!(world.people[ben].problems(), Vec::<String>::new());
}

#[test]
fn what_was_read_is_what_is_signed_even_if_the_rules_change_in_between() {
    let (mut world, [ann, ben, _]) = three(Admits::Link);
    let change = another_fence(&world);
    assert_eq!(
        propose(&mut world, ann, change.clone())["proposal"]["version"],
        json!(1)
    );
    amend(&mut world, ann, json!({ "admission": "lobby" }));
    let mut late = change.clone();
    late["version"] = json!(1);
    amend(&mut world, ann, late);
    assert_eq!(world.people[ann].problems(), ["RF3264"]);
    assert_eq!(told(&world, ben)["version"], json!(2));
    // What cannot be done at all is an answer, too.
    for (who, change) in [(ben, change), (ann, json!({ "admission": "lobby" }))] {
        let answer = propose(&mut world, who, change);
        assert_eq!(
            (&answer["proposal"], &answer["trouble"]["code"]),
            (&Value::Null, &json!("RF3264"))
        );
    }
}

#[test]
fn who_asks_on_the_way_back_is_told_so() {
    let (mut world, [ann, _, _]) = three(Admits::Link);
    let change = another_fence(&world);
    let ann = world.reload(ann);
    let answer = propose(&mut world, ann, change);
    assert_eq!(
        (&answer["proposal"], &answer["trouble"]["code"]),
        (&Value::Null, &json!("RF3264"))
    );
}
