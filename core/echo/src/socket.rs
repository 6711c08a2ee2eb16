//! Measures over a real socket. It blocks for at most three seconds. Not here: what to ask, and when (`measuring`).
use crate::measuring::{Measured, Measuring, Step};
use crate::packet::LENGTH;
use ringfence_signed::{B32, Error, Result};
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

/// A system that is asked to wait for no time at all refuses.
const SHORTEST_WAIT: Duration = Duration::from_millis(1);

/// The least of `samples` round trips to a node that has this key, asked at `address` by the beacon with the key `asker`.
///
/// Errors: `RF4203` when the system gives no socket, `RF4205` without randomness, `RF4206` when the node answers nothing.
pub fn measure(address: SocketAddr, node: B32, asker: B32, samples: u32) -> Result<Measured> {
    let system = |error: io::Error| Error::new("RF4203", error.to_string());
    let any: IpAddr = match address {
        SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    let socket = UdpSocket::bind((any, 0)).map_err(system)?;
    // What others send to this socket is not received.
    socket.connect(address).map_err(system)?;
    let (mut measuring, begin) = (Measuring::new(node, asker, address, samples), Instant::now());
    let mut buffer = [0; LENGTH + 1];
    loop {
        let mut fresh = B32::default();
        getrandom::fill(&mut fresh).map_err(|error| Error::new("RF4205", error.to_string()))?;
        let now = begin.elapsed();
        match measuring.step(now, fresh) {
            // What the system refuses to send is not answered, and that is what counts.
            Step::Send(question) => drop(socket.send(&question)),
            Step::Wait(until) => {
                let patience = until.saturating_sub(now).max(SHORTEST_WAIT);
                socket.set_read_timeout(Some(patience)).map_err(system)?;
                if let Ok(length) = socket.recv(&mut buffer) {
                    measuring.receive(begin.elapsed(), &buffer[..length]);
                }
            }
            Step::Done => break,
        }
    }
    let silent = || {
        Error::new(
            "RF4206",
            format!("nothing at {address} answered with the key of the node"),
        )
    };
    measuring.measured().ok_or_else(silent)
}
