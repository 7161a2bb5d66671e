//! Whose turn it is to write, where several threads read pieces of one source: pieces are written in their order.
//!
//! Must never hold what is written. Whoever waits waits only for pieces that come before its own, and those never wait for
//! it, so that somebody always goes on; a thread that ends in the middle of its piece lets all others go.

use std::sync::{Condvar, Mutex, PoisonError};

#[derive(Debug, Default)]
pub struct Turns {
    /// The number of the piece that is written next; `None` when one of them will never be.
    next: Mutex<Option<u64>>,
    changed: Condvar,
}

impl Turns {
    pub fn new() -> Turns {
        Turns { next: Mutex::new(Some(0)), ..Turns::default() }
    }

    pub fn is(&self, number: u64) -> bool {
        self.next.lock().unwrap_or_else(PoisonError::into_inner).is_none_or(|next| next == number)
    }

    /// Until the pieces before this one are written.
    pub fn wait(&self, number: u64) {
        let next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let waits = |next: &mut Option<u64>| next.is_some_and(|next| next < number);
        drop(self.changed.wait_while(next, waits).unwrap_or_else(PoisonError::into_inner));
    }

    /// The piece whose turn it is was written.
    pub fn pass(&self) {
        if let Some(next) = &mut *self.next.lock().unwrap_or_else(PoisonError::into_inner) {
            *next += 1;
        }
        self.changed.notify_all();
    }

    /// Nobody waits any more.
    pub fn give_up(&self) {
        *self.next.lock().unwrap_or_else(PoisonError::into_inner) = None;
        self.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    #[test]
    fn pieces_are_written_in_their_order() {
        let (turns, written) = (Turns::new(), Mutex::new(Vec::new()));
        thread::scope(|scope| {
            for first in 0..4 {
                let (turns, written) = (&turns, &written);
                scope.spawn(move || {
                    for number in (0..40).filter(|number| number % 4 == first) {
                        turns.wait(number);
                        assert!(turns.is(number));
                        written.lock().unwrap().push(number);
                        turns.pass();
                    }
                });
            }
        });
        assert_eq!(written.into_inner().unwrap(), (0..40).collect::<Vec<u64>>());
    }

    #[test]
    fn who_gives_up_lets_the_others_go() {
        let turns = Turns::new();
        thread::scope(|scope| {
            scope.spawn(|| turns.wait(7));
            turns.give_up();
        });
        assert!(turns.is(3));
    }
}
