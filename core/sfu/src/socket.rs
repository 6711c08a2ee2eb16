//! Responsible for: one UDP socket, with as few system calls as the system lets it: many messages in a call, many
//! datagrams in a message (sendmmsg, recvmmsg, UDP segmentation and receive offload).
//! Not responsible for: what datagrams mean, or which of them belong together (`bursts`).

use crate::bursts::{self, Message};
use crate::datagrams::Datagrams;
use crate::stream::Error;
use nix::cmsg_space;
use nix::errno::Errno;
use nix::sys::socket::{
    ControlMessage, ControlMessageOwned, MsgFlags, MultiHeaders, SockaddrStorage, recvmmsg, sendmmsg,
    setsockopt, sockopt,
};
use std::io::{self, ErrorKind, IoSlice, IoSliceMut};
use std::net::{IpAddr, SocketAddr, SocketAddrV4, SocketAddrV6, UdpSocket};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};

/// Messages in one call.
const BATCH: usize = 64;
/// Messages taken in one call, and the longest that the system puts together.
const TAKEN: usize = 16;
const LONGEST: usize = 65_535;
/// Room for a burst of key frames to everybody. The system may give less.
const BUFFER: usize = 4 << 20;

pub struct Socket {
    socket: UdpSocket,
    address: SocketAddr,
    /// The system cuts messages up. It is asked again after a restart only.
    cuts: bool,
    /// The system may put what it received together.
    joins: bool,
    buffers: Vec<Vec<u8>>,
}

impl Socket {
    /// Errors: RF4201 (the port is taken), RF4202 (no address of this machine), RF4203 (the system).
    pub fn bind(address: IpAddr, port: u16) -> Result<Socket, Error> {
        if address.is_unspecified() {
            // Every candidate names one address, so that it can be compared with the node's statement.
            return Err(Error::new("RF4202", format!("{address} is no single address")));
        }
        let socket = UdpSocket::bind((address, port)).map_err(|error| {
            let code = match error.kind() {
                ErrorKind::AddrInUse => "RF4201",
                ErrorKind::AddrNotAvailable => "RF4202",
                _ => "RF4203",
            };
            Error::new(code, format!("UDP {}: {error}", SocketAddr::new(address, port)))
        })?;
        let system = |error: io::Error| Error::new("RF4203", error.to_string());
        socket.set_nonblocking(true).map_err(system)?;
        let address = socket.local_addr().map_err(system)?;
        let refused = |error: Errno| system(error.into());
        setsockopt(&socket, sockopt::RcvBuf, &BUFFER).map_err(refused)?;
        setsockopt(&socket, sockopt::SndBuf, &BUFFER).map_err(refused)?;
        // Older systems have neither.
        let joins = setsockopt(&socket, sockopt::UdpGroSegment, &true).is_ok();
        let cuts = setsockopt(&socket, sockopt::UdpGsoSegment, &0).is_ok();
        let buffers = vec![vec![0; LONGEST]; TAKEN];
        Ok(Socket {
            socket,
            address,
            cuts,
            joins,
            buffers,
        })
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Whether messages of several datagrams are sent.
    pub fn cuts(&self) -> bool {
        self.cuts
    }

    /// Sends each datagram on its own from now on.
    pub fn send_apart(&mut self) {
        self.cuts = false;
    }

    /// Gives `take` what has come, each with where it is from, up to some hundred. Errors that the system has for it are
    /// about what was sent before, to somebody who is gone.
    pub fn receive(&mut self, mut take: impl FnMut(SocketAddr, &[u8])) {
        let space = self.joins.then(|| cmsg_space!(i32));
        // Anew for each call: the system shortens what it finds in them.
        let mut headers = MultiHeaders::<SockaddrStorage>::preallocate(TAKEN, space);
        let mut slices: Vec<[IoSliceMut<'_>; 1]> = self
            .buffers
            .iter_mut()
            .map(|buffer| [IoSliceMut::new(buffer)])
            .collect();
        let flags = MsgFlags::MSG_DONTWAIT;
        let Ok(all) = recvmmsg(
            self.socket.as_raw_fd(),
            &mut headers,
            slices.iter_mut(),
            flags,
            None,
        ) else {
            return;
        };
        for one in all {
            let Some(from) = one.address.as_ref().and_then(address_of) else {
                continue;
            };
            let joined = one
                .cmsgs()
                .into_iter()
                .flatten()
                .find_map(|control| match control {
                    ControlMessageOwned::UdpGroSegments(segment) => usize::try_from(segment).ok(),
                    _ => None,
                });
            for bytes in one.iovs() {
                let segment = joined
                    .filter(|segment| *segment > 0)
                    .unwrap_or(bytes.len().max(1));
                bytes.chunks(segment).for_each(|datagram| take(from, datagram));
            }
        }
    }

    /// Sends all, and says how many datagrams the system did not take.
    pub fn send(&mut self, datagrams: &Datagrams) -> usize {
        let messages = bursts::messages(datagrams, self.cuts);
        messages
            .chunk_by(|one, next| one.cut() == next.cut())
            .map(|alike| self.send_alike(alike))
            .sum()
    }

    /// Messages with one cut.
    fn send_alike(&mut self, mut messages: &[Message<'_>]) -> usize {
        let mut unsent = 0;
        while let Some(first) = messages.first() {
            let batch = &messages[..messages.len().min(BATCH)];
            let done = match self.call(batch) {
                Ok(sent) => sent,
                Err(Errno::EINTR) => 0,
                Err(error) => {
                    unsent += self.refused(first, error);
                    1
                }
            };
            messages = &messages[done..];
        }
        unsent
    }

    /// How many of the first messages were sent.
    fn call(&self, messages: &[Message<'_>]) -> Result<usize, Errno> {
        let cut = messages.first().and_then(Message::cut);
        let slices: Vec<Vec<IoSlice<'_>>> = messages
            .iter()
            .map(|message| message.parts.iter().map(|part| IoSlice::new(part)).collect())
            .collect();
        let addresses: Vec<_> = messages
            .iter()
            .map(|message| Some(SockaddrStorage::from(message.to)))
            .collect();
        let space = cut.map(|_| cmsg_space!(u16));
        let mut headers = MultiHeaders::preallocate(messages.len(), space);
        let controls: Vec<_> = cut.iter().map(ControlMessage::UdpGsoSegments).collect();
        let flags = MsgFlags::MSG_DONTWAIT;
        let sent = sendmmsg(
            self.socket.as_raw_fd(),
            &mut headers,
            &slices,
            &addresses,
            &controls,
            flags,
        )?;
        Ok(sent.count())
    }

    /// What becomes of a message that the system refuses: one of several datagrams is sent again as those. Neither a
    /// network card that cannot cut nor a path with a small MTU shows before.
    fn refused(&mut self, message: &Message<'_>, error: Errno) -> usize {
        if message.parts.len() == 1 {
            return 1;
        }
        match error {
            Errno::EAGAIN | Errno::ENOBUFS => return message.parts.len(),
            // Linux: the card has no checksums to offer, so there never are cuts.
            Errno::EIO | Errno::EOPNOTSUPP => self.cuts = false,
            _ => {}
        }
        let send = |part: &&&[u8]| self.socket.send_to(part, message.to).is_err();
        message.parts.iter().filter(send).count()
    }
}

impl AsFd for Socket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

fn address_of(address: &SockaddrStorage) -> Option<SocketAddr> {
    let v4 = || address.as_sockaddr_in().map(|v4| SocketAddrV4::from(*v4).into());
    let v6 = || address.as_sockaddr_in6().map(|v6| SocketAddrV6::from(*v6).into());
    v4().or_else(v6)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn bound() -> Socket {
        Socket::bind([127, 0, 0, 1].into(), 0).expect("a port is free")
    }

    /// Receives until there are as many.
    fn received(socket: &mut Socket, wanted: usize) -> Vec<(SocketAddr, Vec<u8>)> {
        let mut all = vec![];
        while all.len() < wanted {
            socket.receive(|from, bytes| all.push((from, bytes.to_vec())));
        }
        all
    }

    fn many() -> Vec<Vec<u8>> {
        let lengths = [1200, 1200, 1200, 700, 1200, 90, 90, 1200, 1];
        lengths
            .iter()
            .enumerate()
            .map(|(at, length)| vec![at as u8; *length])
            .collect()
    }

    #[test]
    fn what_is_sent_comes_as_the_same_datagrams_in_order_together_and_apart() {
        for together in [true, false] {
            let (mut from, mut one, mut other) = (bound(), bound(), bound());
            if !together {
                from.send_apart();
            }
            let mut datagrams = Datagrams::default();
            for datagram in many() {
                datagrams.push(one.address(), &datagram);
                datagrams.push(other.address(), &datagram);
            }
            assert_eq!(from.send(&datagrams), 0);
            let expected: Vec<_> = many().into_iter().map(|bytes| (from.address(), bytes)).collect();
            assert_eq!(received(&mut one, expected.len()), expected);
            assert_eq!(received(&mut other, expected.len()), expected);
        }
    }

    #[test]
    fn more_than_one_call_takes_is_sent_whole() {
        let mut from = bound();
        let sinks: Vec<_> = (0..BATCH + 3)
            .map(|_| UdpSocket::bind("127.0.0.1:0").expect("a port"))
            .collect();
        let mut datagrams = Datagrams::default();
        for sink in &sinks {
            datagrams.push(sink.local_addr().expect("bound"), b"hello");
        }
        assert_eq!(from.send(&datagrams), 0);
        for sink in &sinks {
            sink.set_read_timeout(Some(Duration::from_secs(5)))
                .expect("a time");
            let mut buffer = [0; 9];
            assert_eq!(sink.recv(&mut buffer).expect("it came"), 5);
        }
    }

    #[test]
    fn what_cannot_be_sent_is_counted_and_the_rest_is_sent() {
        let (mut from, mut one) = (bound(), bound());
        let mut datagrams = Datagrams::default();
        // Not from an address of the loopback.
        let away = SocketAddr::from(([192, 0, 2, 1], 9));
        datagrams.push(one.address(), b"before");
        datagrams.push(away, b"lost");
        datagrams.push(away, b"lost");
        datagrams.push(one.address(), b"after");
        datagrams.push(one.address(), &[7; 7]);
        assert_eq!(from.send(&datagrams), 2);
        let all: Vec<_> = received(&mut one, 3)
            .into_iter()
            .map(|(_, bytes)| bytes)
            .collect();
        assert_eq!(all, [&b"before"[..], b"after", &[7; 7]]);
    }

    #[test]
    fn a_message_that_is_refused_whole_is_sent_in_its_parts() {
        let (mut from, mut one) = (bound(), bound());
        let mut datagrams = Datagrams::default();
        many()
            .iter()
            .for_each(|datagram| datagrams.push(one.address(), datagram));
        let messages = bursts::messages(&datagrams, true);
        let whole = messages
            .iter()
            .find(|message| message.parts.len() > 1)
            .expect("some are equal");
        assert_eq!(from.refused(whole, Errno::EIO), 0);
        assert!(!from.cuts(), "it is not tried again");
        let parts: Vec<_> = received(&mut one, whole.parts.len())
            .into_iter()
            .map(|(_, bytes)| bytes)
            .collect();
        assert_eq!(parts, whole.parts);
    }

    #[test]
    fn a_taken_port_and_no_single_address_are_refused_by_their_codes() {
        let one = bound();
        let code = |address: IpAddr, port| Socket::bind(address, port).err().map(|error| error.code);
        assert_eq!(code(one.address().ip(), one.address().port()), Some("RF4201"));
        assert_eq!(code([192, 0, 2, 1].into(), 0), Some("RF4202"));
        assert_eq!(code([0, 0, 0, 0].into(), 0), Some("RF4202"));
    }
}
