//! A group in which one member has added everybody, so that no other has a path of their own: the dearest tree to join, and
//! to remove somebody from. Two members are real: the committer and a witness.
use ringfence_e2ee::candidate::Candidate;
use ringfence_e2ee::member::{Member, Outgoing, Plan, Taken, read_package};
use ringfence_signed::B32;

/// In the order in which they can be done.
pub const STEPS: [&str; 6] = [
    "key-package",
    "add",
    "process-add",
    "join",
    "remove",
    "process-remove",
];
/// The most that one commit adds.
const BATCH: usize = 128;
const PSK: B32 = [4; 32];

pub struct Crowd {
    committer: Member,
    witness: Member,
    newcomer: Option<Candidate>,
    package: Vec<u8>,
    out: Option<Outgoing>,
    joined: Option<Member>,
}

fn candidate() -> Candidate {
    Candidate::new(&PSK).expect("randomness")
}

impl Crowd {
    /// Of two members at least.
    pub fn new(members: u32) -> Crowd {
        let (mut committer, _) = candidate().found(&[5; 32], b"bench").expect("a group");
        let witness = candidate();
        let mut packages = vec![witness.key_package().expect("a key package")];
        packages.extend((2..members).map(|_| candidate().key_package().expect("a key package")));
        let mut outs: Vec<(Outgoing, Vec<u8>)> = vec![];
        for batch in packages.chunks(BATCH) {
            let out = add(&mut committer, batch);
            committer.merge_own().expect("our own commit");
            outs.push((out, committer.tree().expect("a tree")));
        }
        let (first, tree) = &outs[0];
        let welcome = first.welcome.as_ref().expect("for those added");
        let staged = witness.open(welcome, tree).expect("it is for the witness");
        let mut witness = Member::enter(witness, staged).expect("the witness is in");
        for (out, _) in &outs[1..] {
            process(&mut witness, &out.commit);
        }
        Crowd {
            committer,
            witness,
            newcomer: None,
            package: vec![],
            out: None,
            joined: None,
        }
    }

    pub fn step(&mut self, name: &str) {
        match name {
            "key-package" => {
                let newcomer = candidate();
                self.package = newcomer.key_package().expect("a key package");
                self.newcomer = Some(newcomer);
            }
            "add" => {
                self.out = Some(add(&mut self.committer, std::slice::from_ref(&self.package)));
                self.committer.merge_own().expect("our own commit");
            }
            "process-add" | "process-remove" => {
                let out = self.out.as_ref().expect("a commit was made");
                process(&mut self.witness, &out.commit);
            }
            "join" => {
                let newcomer = self.newcomer.take().expect("a key package was made");
                let welcome = self.out.as_ref().and_then(|out| out.welcome.as_ref());
                let tree = self.committer.tree().expect("a tree");
                let staged = newcomer.open(welcome.expect("somebody was added"), &tree);
                self.joined = Some(Member::enter(newcomer, staged.expect("it opens")).expect("in"));
            }
            "remove" => {
                let leaf = self.joined.take().expect("somebody has joined").own_leaf();
                let plan = Plan {
                    removes: vec![leaf],
                    ..Plan::default()
                };
                self.out = Some(self.committer.commit(plan).expect("a removal"));
                self.committer.merge_own().expect("our own commit");
            }
            other => panic!("{other} is no step"),
        }
    }
}

fn add(committer: &mut Member, packages: &[Vec<u8>]) -> Outgoing {
    let read = |package: &Vec<u8>| read_package(committer.crypto(), package).expect("a key package");
    let adds = packages.iter().map(read).collect();
    let plan = Plan {
        adds,
        psk: true,
        ..Plan::default()
    };
    committer.commit(plan).expect("an addition")
}

fn process(witness: &mut Member, commit: &[u8]) {
    let Taken::Commit { staged, .. } = witness.take(commit).expect("a commit of this epoch") else {
        panic!("not a commit");
    };
    witness.merge(*staged).expect("it fits");
}
