//! Records whose times rise, as those of nearly every log do: of such a stretch only the ends matter.
//!
//! Must never reach over a day or from one kind of time to another, so that what is counted by day is counted right. What
//! breaks it: a log in no order, of which every record is a stretch of its own.

use evidence::{Moment, RecordRef, Stamp};

use crate::stray::DAY;

/// A time and where it stands.
type At = (Stamp, RecordRef);

#[derive(Debug, Clone, Copy)]
pub struct Course {
    pub records: u64,
    pub first: At,
    pub last: At,
    /// Microseconds at which the next day begins.
    end: i64,
}

impl Course {
    /// Begins with a record.
    pub fn of(at: At) -> Course {
        let day = DAY * Moment::SECOND;
        Course { records: 1, first: at, last: at, end: at.0.micros.div_euclid(day).saturating_add(1).saturating_mul(day) }
    }

    /// Takes a record that comes behind all others of it on the same day; false for another one.
    pub fn takes(&mut self, (stamp, place): At) -> bool {
        let (last, before) = self.last;
        let rises = (stamp.micros, place.start) > (last.micros, before.start) && stamp.micros < self.end;
        if rises && stamp.basis == last.basis {
            self.records += 1;
            self.last = (stamp, place);
            return true;
        }
        false
    }
}
