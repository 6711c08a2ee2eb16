//! Responsible for: something that several threads change, each in its turn.
//! Not responsible for: who has which turn.
use std::sync::{Condvar, Mutex, PoisonError};

/// Changed in the order of turns 0, 1, 2 …, whichever thread has them.
pub struct Turns<T> {
    place: Mutex<Place<T>>,
    next: Condvar,
}

struct Place<T> {
    turn: u64,
    waiting: u32,
    stopped: bool,
    of: T,
}

impl<T> Turns<T> {
    pub fn new(of: T) -> Self {
        let place = Place {
            turn: 0,
            waiting: 0,
            stopped: false,
            of,
        };
        Self {
            place: Mutex::new(place),
            next: Condvar::new(),
        }
    }

    /// Waits for that turn, and ends it. None once it was stopped: then there are no more turns.
    pub fn take<R>(&self, turn: u64, work: impl FnOnce(&mut T) -> R) -> Option<R> {
        let mut place = self.place.lock().ok()?;
        while place.turn != turn && !place.stopped {
            place.waiting += 1;
            place = self.next.wait(place).ok()?;
            place.waiting -= 1;
        }
        if place.stopped {
            return None;
        }
        let result = work(&mut place.of);
        place.turn += 1;
        if place.waiting > 0 {
            self.next.notify_all();
        }
        Some(result)
    }

    /// Looks at it as it is, and at whose turn it is.
    pub fn look<R>(&self, look: impl FnOnce(u64, &T) -> R) -> Option<R> {
        let place = self.place.lock().ok()?;
        Some(look(place.turn, &place.of))
    }

    /// Nobody waits any longer.
    pub fn stop(&self) {
        self.place.lock().unwrap_or_else(PoisonError::into_inner).stopped = true;
        self.next.notify_all();
    }

    /// For whoever is alone with it.
    pub fn alone(&mut self) -> &mut T {
        &mut self.place.get_mut().unwrap_or_else(PoisonError::into_inner).of
    }

    pub fn into_inner(self) -> T {
        self.place.into_inner().unwrap_or_else(PoisonError::into_inner).of
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::thread;

    #[test]
    fn turns_come_in_their_order_whoever_has_them() {
        let said = Turns::new(Vec::new());
        thread::scope(|scope| {
            for thread in 0..4 {
                let said = &said;
                scope.spawn(move || {
                    for turn in (0..400).filter(|turn| turn % 4 == thread) {
                        said.take(turn, |said| said.push(turn)).expect("nobody stops it");
                    }
                });
            }
        });
        assert_eq!(said.look(|turn, _| turn), Some(400));
        assert!(said.into_inner().into_iter().eq(0..400));
    }

    #[test]
    fn nobody_waits_for_a_turn_when_it_is_stopped() {
        let never = Turns::new(0);
        let taken = thread::scope(|scope| {
            let waits = scope.spawn(|| never.take(7, |of| *of += 1));
            never.stop();
            waits.join().expect("it does not panic")
        });
        assert_eq!(taken, None);
        assert_eq!(never.into_inner(), 0);
    }
}
