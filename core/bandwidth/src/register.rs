//! Responsible for: the packets that were sent, by transport-wide sequence number, until the receiver has told of them.
//! Not responsible for: what follows from that.

use crate::units::Moment;

/// So many packets are remembered at first, and at most: eight times a second's worth of 10 Mbit/s.
const FIRST: usize = 128;
const MOST: usize = 8192;

/// What is older than this, in microseconds, is not waited for when there is no room.
const PATIENCE: i64 = 2_000_000;

/// A ring of packets, which are numbered in the order of sending.
#[derive(Debug)]
pub struct Register {
    ring: Box<[Packet]>,
    /// The number of the next packet, of which the wire has the lower 16 bits.
    next: u64,
    /// Bytes of which nothing has been heard.
    in_flight: u64,
}

/// What is known of one packet. 16 bytes: there are thousands.
#[derive(Debug, Clone, Copy, Default)]
struct Packet {
    sent: Moment,
    size: u16,
    in_probe: bool,
    fate: Fate,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Fate {
    /// Never sent, or told of in full.
    #[default]
    Arrived,
    Flying,
    Lost,
}

/// What a receiver has said of a packet that is new.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Told {
    pub sent: Moment,
    pub size: u16,
    pub in_probe: bool,
    pub news: News,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum News {
    Arrived,
    Lost,
    /// It was told to be lost before.
    ArrivedAfterAll,
}

impl Default for Register {
    fn default() -> Self {
        Self {
            ring: vec![Packet::default(); FIRST].into(),
            next: 0,
            in_flight: 0,
        }
    }
}

impl Register {
    pub fn next_sequence(&self) -> u16 {
        self.next as u16
    }

    /// Notes a packet, and gives it its number.
    pub fn send(&mut self, size: usize, in_probe: bool, now: Moment) -> u16 {
        let oldest = self.ring[self.at(self.next)];
        if oldest.fate == Fate::Flying {
            if self.ring.len() < MOST && oldest.sent.until(now) < PATIENCE {
                self.grow();
            } else {
                self.in_flight -= u64::from(oldest.size);
            }
        }
        let packet = Packet {
            sent: now,
            size: u16::try_from(size).unwrap_or(u16::MAX),
            in_probe,
            fate: Fate::Flying,
        };
        let number = self.next;
        self.ring[self.at(number)] = packet;
        self.in_flight += u64::from(packet.size);
        self.next += 1;
        number as u16
    }

    /// Takes in what a receiver says of one packet: nothing if it is not known any more, or told again.
    pub fn tell(&mut self, sequence: u16, arrived: bool) -> Option<Told> {
        let last = self.next.checked_sub(1)?;
        let number = last.checked_sub(u64::from((last as u16).wrapping_sub(sequence)))?;
        if self.next - number > self.ring.len() as u64 {
            return None;
        }
        let at = self.at(number);
        let packet = &mut self.ring[at];
        let news = match (packet.fate, arrived) {
            (Fate::Flying, true) => News::Arrived,
            (Fate::Flying, false) => News::Lost,
            (Fate::Lost, true) => News::ArrivedAfterAll,
            (Fate::Lost, false) | (Fate::Arrived, _) => return None,
        };
        if packet.fate == Fate::Flying {
            self.in_flight -= u64::from(packet.size);
        }
        packet.fate = if arrived { Fate::Arrived } else { Fate::Lost };
        Some(Told {
            sent: packet.sent,
            size: packet.size,
            in_probe: packet.in_probe,
            news,
        })
    }

    pub fn in_flight(&self) -> u64 {
        self.in_flight
    }

    /// The length is a power of two.
    fn at(&self, number: u64) -> usize {
        number as usize & (self.ring.len() - 1)
    }

    fn grow(&mut self) {
        let before = self.ring.len() as u64;
        let mut larger = vec![Packet::default(); self.ring.len() * 2];
        for number in self.next.saturating_sub(before)..self.next {
            larger[number as usize & (before as usize * 2 - 1)] = self.ring[self.at(number)];
        }
        self.ring = larger.into();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(milliseconds: u64) -> Moment {
        Moment::from_micros(milliseconds * 1000)
    }

    #[test]
    fn each_packet_is_told_of_once_and_may_arrive_after_it_was_lost() {
        let mut register = Register::default();
        assert_eq!(register.tell(0, true), None, "nothing was sent");
        let numbers = [1, 2, 3].map(|size| register.send(size, false, ms(size as u64)));
        assert_eq!(numbers, [0, 1, 2]);
        let mut news = |sequence, arrived| {
            let told = register.tell(sequence, arrived);
            told.map(|told| (told.size, told.sent, told.news))
        };
        assert_eq!(news(1, true), Some((2, ms(2), News::Arrived)));
        assert_eq!(news(1, true), None);
        assert_eq!(news(1, false), None, "a replay cannot take it back");
        assert_eq!(news(2, false), Some((3, ms(3), News::Lost)));
        assert_eq!(news(2, false), None);
        assert_eq!(news(2, true), Some((3, ms(3), News::ArrivedAfterAll)));
        assert_eq!(news(3, true), None, "not sent yet");
        assert_eq!(news(65535, true), None, "before the first");
        assert_eq!(register.in_flight(), 1);
    }

    #[test]
    fn numbers_go_round_and_are_found_on_both_sides_of_the_turn() {
        let mut register = Register::default();
        for number in 0..200_000_u32 {
            assert_eq!(register.send(100, false, ms(0)), number as u16);
            if number >= 100 {
                assert!(register.tell((number - 100) as u16, true).is_some(), "{number}");
            }
        }
        assert_eq!(
            register.ring.len(),
            FIRST,
            "a hundred in flight need no more room"
        );
    }

    #[test]
    fn it_grows_with_what_is_in_flight_and_no_further_than_its_bound() {
        let mut register = Register::default();
        for number in 0..1000_u16 {
            register.send(100, number.is_multiple_of(2), ms(u64::from(number)));
        }
        assert_eq!(register.ring.len(), 1024);
        for number in 0..1000_u16 {
            let told = register.tell(number, true).expect("none was forgotten");
            assert_eq!(
                (told.sent, told.in_probe),
                (ms(u64::from(number)), number.is_multiple_of(2))
            );
        }
        (0..100_000).for_each(|_| {
            register.send(100, false, ms(1));
        });
        assert_eq!(register.ring.len(), MOST);
        assert_eq!(register.in_flight(), 100 * MOST as u64);
    }

    #[test]
    fn what_nobody_tells_of_takes_no_room() {
        let mut register = Register::default();
        (0..10_000).for_each(|number| {
            register.send(100, false, ms(number * 20));
        });
        assert_eq!(register.ring.len(), FIRST);
    }
}
