//! A meeting of two that nobody hears of. A browser compiles what it runs when it first runs it: who has done this
//! while nobody waited does not let others wait for it (core/bench says how long that takes).
//! Not here: when there is time for it (web/src/e2ee/session.ts).
use crate::candidate::Candidate;
use crate::member::{Member, Plan, read_package};
use ringfence_signed::{B32, Result};

const NOTHING: B32 = [0; 32];

/// What everybody does who comes in or lets somebody in. Nothing of it is kept or sent. Fails as those do.
pub fn rehearse() -> Result<()> {
    let (mut host, _) = Candidate::new(&NOTHING)?.found(&NOTHING, &[])?;
    let guest = Candidate::new(&NOTHING)?;
    let package = read_package(host.crypto(), &guest.key_package()?)?;
    let out = host.commit(Plan {
        adds: vec![package],
        psk: true,
        ..Plan::default()
    })?;
    host.merge_own()?;
    let staged = guest.open(&out.welcome.unwrap_or_default(), &host.tree()?)?;
    let mut guest = Member::enter(guest, staged)?;
    host.take(&guest.seal(&[])?).map(|_| ())
}
