//! Conversations about another incident in the same input: what is said there is not of this one.
//!
//! What it sees: people who handle something more than a day before or after the incident. Why it matters: the tickets and the
//! tasks of one incident must not stand in the report of another. When it misleads: a rehearsal of this very incident on another
//! day; what was decided in it is left out then.

use evidence::Moment;

use crate::findings::Places;
use crate::incident::Incident;
use crate::told;
use crate::window::{Stretch, Window};

/// Seconds between two incidents that people tell of, at least: on the next day they speak of the one before.
const DAY_S: f64 = 86_400.0;

/// When people handled something else, each with the day on which they speak of it.
pub struct Apart(Vec<Stretch>);

impl Apart {
    pub fn of(incident: &Incident<'_>) -> Apart {
        Apart(beyond(told::handled(&incident.scene.chat), &incident.window))
    }

    pub fn holds(&self, at: Moment) -> bool {
        self.0.iter().any(|(from, to)| at >= *from && at <= *to)
    }

    /// A message of such a conversation.
    pub fn is_of_another(&self, incident: &Incident<'_>, places: &Places) -> bool {
        !self.0.is_empty() && incident.scene.chat.iter().any(|m| m.place == places.first() && self.holds(m.at))
    }
}

fn beyond(handled: Vec<Stretch>, window: &Window) -> Vec<Stretch> {
    let is_apart = |(from, to): &Stretch| from.since(window.to) > DAY_S || window.from.since(*to) > DAY_S;
    handled.into_iter().filter(is_apart).map(|(from, to)| (from, to.plus(DAY_S))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_handle_on_another_day_is_another_incident() {
        let at = |hours: i64| Moment::from_seconds(hours * 3_600);
        let window = Window { from: at(100), to: at(102), data_from: at(90), data_to: at(110), width: 60 };
        let handled = vec![(at(10), at(11)), (at(101), at(104)), (at(120), at(121)), (at(400), at(402))];
        let apart = Apart(beyond(handled, &window));
        assert!(apart.holds(at(10)) && apart.holds(at(420)));
        assert!(!apart.holds(at(103)) && !apart.holds(at(120)) && !apart.holds(at(300)));
    }
}
