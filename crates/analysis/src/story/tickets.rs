//! Tickets of a desk's list that the story of an incident leaves out: a new laptop, a password, a slow tunnel.
//!
//! What it sees: lists with many tickets of the same hours, which of them people name, and how urgent each is. Why it matters: who exports
//! what came in that morning exports everything, and thirty calls bury the four that tell what happened. It must never leave
//! out what a pager opened: few incidents of a pager fall into one outage. When it misleads: a list in which nobody named the ticket that
//! mattered and all are of one urgency; then all of them stay.

use std::collections::{BTreeMap, BTreeSet};

use evidence::{Moment, PageAction, SourceId};

use crate::scene::Scene;

/// A list has so many tickets.
const MANY: usize = 8;

/// A ticket of a list: its number, how urgent it is (1 is the most), and whether somebody names it.
struct Ticket {
    number: String,
    rank: u32,
    is_named: bool,
}

/// Numbers of tickets that came in at the time and are not told.
pub fn left_out(scene: &Scene, (from, to): (Moment, Moment)) -> BTreeSet<String> {
    let mut lists: BTreeMap<SourceId, Vec<Ticket>> = BTreeMap::new();
    let opened = scene.pages.iter().filter(|p| p.what.action == PageAction::Triggered && p.at >= from && p.at <= to);
    for page in opened {
        let number = page.what.incident.clone();
        let is_named = number.len() >= 5 && scene.chat.iter().any(|m| m.what.message.text.contains(&number));
        let ticket = Ticket { rank: rank(page.what.priority.as_deref()), number, is_named };
        lists.entry(page.place.source).or_default().push(ticket);
    }
    lists.into_values().flat_map(of_list).collect()
}

fn of_list(list: Vec<Ticket>) -> Vec<String> {
    let best = list.iter().map(|t| t.rank).min().unwrap_or_default();
    let is_told = |t: &Ticket| t.is_named || t.rank == best;
    let few = list.iter().filter(|t| is_told(t)).count() * 2 <= list.len();
    if list.len() < MANY || !few {
        return Vec::new();
    }
    list.into_iter().filter(|t| !is_told(t)).map(|t| t.number).collect()
}

/// `1 - Critical`, `P2`, `3`: the number; words without one are the least.
fn rank(priority: Option<&str>) -> u32 {
    const LEAST: u32 = 9;
    priority.and_then(|p| p.chars().find_map(|c| c.to_digit(10))).unwrap_or(LEAST)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(tickets: &[(&str, u32, bool)]) -> Vec<String> {
        let of =
            |(number, rank, is_named): &(&str, u32, bool)| Ticket { number: (*number).into(), rank: *rank, is_named: *is_named };
        of_list(tickets.iter().map(of).collect())
    }

    #[test]
    fn of_a_morning_s_calls_those_are_told_that_are_named_or_most_urgent() {
        let mut calls = vec![("INC1", 1, false), ("INC2", 3, true)];
        calls.extend([("INC3", 3, false); 6]);
        assert_eq!(list(&calls), ["INC3"; 6]);
        assert!(list(&calls[..5]).is_empty(), "too few for a list");
        assert!(list(&[("INC3", 3, false); 9]).is_empty(), "nothing tells which of them matters");
        assert_eq!((rank(Some("1 - Critical")), rank(Some("P2")), rank(Some("Highest")), rank(None)), (1, 2, 9, 9));
    }
}
