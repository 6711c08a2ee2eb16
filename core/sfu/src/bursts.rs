//! Responsible for: which datagrams leave together: equal lengths to one address are one message that the system cuts up
//! (UDP generic segmentation offload), and messages of one cut are one call.
//! Not responsible for: the calls (`socket`).

use crate::datagrams::Datagrams;
use std::collections::HashMap;
use std::net::SocketAddr;

/// The system cuts a message into at most this many (UDP_MAX_SEGMENTS of Linux before 6.7).
pub const MOST_SEGMENTS: usize = 64;
/// A message is at most as long as IPv4 lets one be, with its headers.
const LONGEST: usize = 65_507;

/// Datagrams to one address: all of one length, but for the last, which may be shorter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message<'a> {
    pub to: SocketAddr,
    /// The length of the first.
    pub segment: usize,
    pub parts: Vec<&'a [u8]>,
    length: usize,
    /// How many messages to this address come before it.
    turn: usize,
}

impl Message<'_> {
    fn takes(&self, datagram: &[u8]) -> bool {
        let last = self.parts.last().map_or(0, |last| last.len());
        self.parts.len() < MOST_SEGMENTS
            && last == self.segment
            && (1..=self.segment).contains(&datagram.len())
            && self.length + datagram.len() <= LONGEST
    }
}

/// Messages in an order in which what goes to one address keeps its own, and neighbours have one cut where they can.
/// `together` false: each datagram is a message.
pub fn messages(datagrams: &Datagrams, together: bool) -> Vec<Message<'_>> {
    let mut all: Vec<Message<'_>> = Vec::with_capacity(datagrams.len());
    let mut latest: HashMap<SocketAddr, usize> = HashMap::new();
    for (to, datagram) in datagrams.iter() {
        let before = latest.get(&to).copied();
        if let Some(message) = before.map(|at| &mut all[at]).filter(|_| together)
            && message.takes(datagram)
        {
            message.length += datagram.len();
            message.parts.push(datagram);
            continue;
        }
        latest.insert(to, all.len());
        all.push(Message {
            to,
            segment: datagram.len(),
            parts: vec![datagram],
            length: datagram.len(),
            turn: before.map_or(0, |at| all[at].turn + 1),
        });
    }
    all.sort_by_key(|message| (message.turn, message.cut()));
    all
}

impl Message<'_> {
    /// What the system is told to cut at; `None`: it is one datagram.
    pub fn cut(&self) -> Option<u16> {
        let cut = u16::try_from(self.segment).ok();
        cut.filter(|_| self.parts.len() > 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn to(port: u16) -> SocketAddr {
        SocketAddr::from(([192, 0, 2, 1], port))
    }

    /// Datagrams by port and length.
    fn datagrams(all: &[(u16, usize)]) -> Datagrams {
        let mut datagrams = Datagrams::default();
        for (at, (port, length)) in all.iter().enumerate() {
            datagrams.push(to(*port), &vec![at as u8; *length]);
        }
        datagrams
    }

    /// Messages as port, cut, and lengths.
    fn shape(messages: &[Message<'_>]) -> Vec<(u16, Option<u16>, Vec<usize>)> {
        let one = |message: &Message<'_>| {
            let lengths = message.parts.iter().map(|part| part.len()).collect();
            (message.to.port(), message.cut(), lengths)
        };
        messages.iter().map(one).collect()
    }

    #[test]
    fn equal_lengths_to_one_address_are_one_message_and_a_shorter_one_ends_it() {
        let all = datagrams(&[(1, 9), (2, 9), (1, 9), (2, 9), (1, 5), (2, 9), (1, 9), (2, 12)]);
        let expected = [
            (1, Some(9), vec![9, 9, 5]),
            (2, Some(9), vec![9, 9, 9]),
            (1, None, vec![9]),
            (2, None, vec![12]),
        ];
        assert_eq!(shape(&messages(&all, true)), expected);
    }

    #[test]
    fn a_message_has_no_more_segments_and_bytes_than_the_system_takes_and_none_is_empty() {
        let small = datagrams(&[(1, 2); 65]);
        let lengths = messages(&small, true)
            .iter()
            .map(|one| one.parts.len())
            .collect::<Vec<_>>();
        assert_eq!(lengths, [64, 1]);
        let large = datagrams(&[(1, 1400); 64]);
        assert!(messages(&large, true).iter().all(|one| one.length <= LONGEST));
        let empty = datagrams(&[(1, 3), (1, 0), (1, 0)]);
        assert_eq!(messages(&empty, true).len(), 3, "what is empty is not cut off");
    }

    #[test]
    fn alone_each_datagram_is_a_message() {
        let all = datagrams(&[(1, 9), (1, 9), (2, 9)]);
        let expected = [(1, None, vec![9]), (2, None, vec![9]), (1, None, vec![9])];
        assert_eq!(shape(&messages(&all, false)), expected);
    }

    #[test]
    fn whatever_comes_goes_out_once_and_in_order_for_each_address() {
        let mut random = fastrand::Rng::with_seed(8);
        for _ in 0..200 {
            let all: Vec<_> = (0..random.usize(..200))
                .map(|_| (random.u16(1..5), random.usize(..4) * 300 + random.usize(..2)))
                .collect();
            let all = datagrams(&all);
            let sent = messages(&all, random.bool());
            for port in 1..5 {
                let wanted: Vec<_> = all
                    .iter()
                    .filter(|one| one.0 == to(port))
                    .map(|one| one.1)
                    .collect();
                let got = sent
                    .iter()
                    .filter(|one| one.to == to(port))
                    .flat_map(|one| one.parts.clone());
                assert_eq!(got.collect::<Vec<_>>(), wanted);
            }
            let calls = sent.chunk_by(|one, next| one.cut() == next.cut()).count();
            assert!(calls <= sent.len());
        }
    }
}
