//! Responsible for: which flow a packet is of, and which shard of the table has it.
//! Not responsible for: the table.
use crate::ip::Addresses;
use std::hash::{Hash, Hasher};

/// Shards of the table of flows. The number is fixed, so that bounds do not depend on how many threads there are.
pub const SHARDS: usize = 16;

/// A flow, whichever way a packet of it goes: the lower address (and port) first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    pub addresses: [u128; 2],
    pub ports: [u16; 2],
    pub protocol: u8,
    pub v6: bool,
}

/// In three words: this is done for every packet.
impl Hash for Key {
    #[inline]
    fn hash<H: Hasher>(&self, to: &mut H) {
        let [low, high] = self.ports.map(u64::from);
        let rest = (low << 48) | (high << 32) | (u64::from(self.protocol) << 1) | u64::from(self.v6);
        to.write_u128(self.addresses[0]);
        to.write_u128(self.addresses[1]);
        to.write_u64(rest);
    }
}

impl Key {
    /// The key, and whether the packet goes from the lower to the higher.
    #[inline]
    pub fn of(addresses: &Addresses, ports: [u16; 2], protocol: u8) -> (Self, bool) {
        let Addresses {
            source,
            destination,
            v6,
        } = *addresses;
        let forth = (source, ports[0]) <= (destination, ports[1]);
        let (addresses, ports) = if forth {
            ([source, destination], ports)
        } else {
            ([destination, source], [ports[1], ports[0]])
        };
        (
            Self {
                addresses,
                ports,
                protocol,
                v6,
            },
            forth,
        )
    }

    /// The same for both ways, and in every run. Not a defence: who sends all to one shard only slows the scan down.
    #[inline]
    pub fn shard(&self) -> usize {
        (self.mixed() >> 60) as usize
    }

    /// One of so many places, where few of the flows of one shard are at the same. No defence either.
    #[inline]
    pub fn recent<const PLACES: usize>(&self) -> usize {
        const { assert!(PLACES.is_power_of_two()) };
        (self.mixed() >> 40) as usize & (PLACES - 1)
    }

    #[inline]
    fn mixed(&self) -> u64 {
        let mixed = (self.addresses[0] ^ self.addresses[1].rotate_left(7)) as u64
            ^ u64::from(self.ports[0]) << 16
            ^ u64::from(self.ports[1]);
        mixed.wrapping_mul(0x9e37_79b9_7f4a_7c15)
    }
}
