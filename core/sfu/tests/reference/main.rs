//! Responsible for: the same behaviour (../sfu) where media leaves through the library.
//! Not responsible for: what is tested: not a line of it is here.

#[path = "../sfu/continuity.rs"]
mod continuity;
#[path = "../sfu/forward.rs"]
mod forward;
#[path = "../sfu/hostile.rs"]
mod hostile;
#[path = "../sfu/moving.rs"]
mod moving;
#[path = "../sfu/removal.rs"]
mod removal;
#[path = "../sfu/screen.rs"]
mod screen;
#[path = "../sfu/stacked.rs"]
mod stacked;
#[path = "../sfu/world/mod.rs"]
#[allow(dead_code)]
mod world;

use ringfence_sfu::connection::Way;

pub const WAY: Way = Way::Reference;
