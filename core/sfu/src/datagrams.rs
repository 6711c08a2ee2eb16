//! Responsible for: datagrams that are to be sent, one behind the other in one run of bytes.
//! Not responsible for: sending them (`bursts`, `shard`).

use std::net::SocketAddr;

#[derive(Debug, Default)]
pub struct Datagrams {
    bytes: Vec<u8>,
    /// Where each goes, and where it ends.
    all: Vec<(SocketAddr, usize)>,
}

impl Datagrams {
    pub fn push(&mut self, to: SocketAddr, datagram: &[u8]) {
        self.write(to, |bytes, _| {
            bytes.extend_from_slice(datagram);
            Some(())
        });
    }

    /// Lets `append` write one at the end of the bytes, which is also where it begins. When it gives `None` there is none.
    pub fn write(&mut self, to: SocketAddr, append: impl FnOnce(&mut Vec<u8>, usize) -> Option<()>) {
        let start = self.end();
        // What an `append` that never came back has left behind.
        self.bytes.truncate(start);
        match append(&mut self.bytes, start) {
            Some(()) => self.all.push((to, self.bytes.len())),
            None => self.bytes.truncate(start),
        }
    }

    fn end(&self) -> usize {
        self.all.last().map_or(0, |(_, end)| *end)
    }

    pub fn len(&self) -> usize {
        self.all.len()
    }

    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Forgets all, and keeps the room that they took.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.all.clear();
    }

    /// In the order in which they were written.
    pub fn iter(&self) -> impl Iterator<Item = (SocketAddr, &[u8])> {
        let starts = std::iter::once(0).chain(self.all.iter().map(|(_, end)| *end));
        let whole = starts.zip(&self.all);
        whole.map(|(start, (to, end))| (*to, &self.bytes[start..*end]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn datagrams_come_out_as_they_went_in_without_those_that_failed() {
        let to = |port| SocketAddr::from(([192, 0, 2, 1], port));
        let mut all = Datagrams::default();
        all.push(to(1), b"one");
        all.write(to(2), |bytes, start| {
            assert_eq!(start, 3);
            bytes.extend_from_slice(b"lost");
            None
        });
        all.push(to(3), b"");
        all.push(to(1), b"three");
        let seen: Vec<_> = all.iter().collect();
        assert_eq!(seen, [(to(1), &b"one"[..]), (to(3), b""), (to(1), b"three")]);
        all.clear();
        assert!(all.is_empty() && all.iter().next().is_none());
    }

    #[test]
    fn what_a_failure_left_behind_is_part_of_none() {
        let to = SocketAddr::from(([192, 0, 2, 1], 1));
        let mut all = Datagrams::default();
        all.push(to, b"one");
        let panics = std::panic::AssertUnwindSafe(|| {
            all.write(to, |bytes, _| {
                bytes.extend_from_slice(b"half");
                panic!("as a room may")
            });
        });
        assert!(std::panic::catch_unwind(panics).is_err());
        all.push(to, b"two");
        assert_eq!(
            all.iter().map(|(_, bytes)| bytes).collect::<Vec<_>>(),
            [&b"one"[..], b"two"]
        );
    }
}
