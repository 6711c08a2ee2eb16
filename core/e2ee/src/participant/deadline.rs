//! Until when a server owes us something. Not here: what follows when it does not come.

/// It passes in two halves, the second of which begins when the first is seen to be over: a clock that was set ahead, or a
/// sleep too short to be told from it, takes away one of them, and the other is as long as an honest server needs.
#[derive(Clone, Copy)]
pub struct Deadline {
    pub at: u64,
    half: u64,
    last: bool,
}

impl Deadline {
    pub fn of(now: u64, milliseconds: u64) -> Self {
        let half = milliseconds / 2;
        Self {
            at: now + half,
            half,
            last: false,
        }
    }

    pub fn has_passed(&mut self, now: u64) -> bool {
        if now < self.at {
            return false;
        }
        if std::mem::replace(&mut self.last, true) {
            return true;
        }
        self.at = now + self.half;
        false
    }
}
