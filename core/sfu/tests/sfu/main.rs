//! Responsible for: the forwarder's behaviour between clients over a simulated network.
//! Not responsible for: real browsers and sockets.

mod bandwidth;
mod beacons;
mod continuity;
mod forward;
mod hostile;
mod moving;
mod offers;
mod removal;
mod screen;
mod stacked;
mod trips;
mod ways;
mod world;

use ringfence_sfu::connection::Way;

pub const WAY: Way = Way::Fast;
