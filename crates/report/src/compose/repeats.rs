//! Entries of the timeline that say the same again: a page that a bot repeats in chat, an acknowledgement in two places, an
//! event that stands in the pager's log and in its incident.
//!
//! The earliest stays and cites them all; it takes over a number of the incident that only the repeat has. Must never
//! merge what says something new, nor alerts of two names.

use analysis::findings::{Happening, HappeningKind, What};
use evidence::Moment;

/// Between two reports of the same, at most: one minute.
const APART: u64 = 60 * Moment::SECOND as u64;

/// Words of what says no more than that somebody takes it, or that it is over.
const BARE: usize = 6;

/// `sorted`: by time. What remains, in the same order.
pub fn merged(sorted: Vec<&Happening>) -> Vec<Happening> {
    let mut kept: Vec<Happening> = Vec::new();
    for next in sorted {
        let near = kept.iter().rev().take_while(|k| k.at.0.abs_diff(next.at.0) <= APART).position(|k| repeats(k, next));
        let known = near.map(|back| kept.len() - 1 - back).or_else(|| kept.iter().position(|k| begins_again(k, next)));
        match known.and_then(|at| kept.get_mut(at)) {
            Some(earlier) => {
                earlier.places = earlier.places.and(&next.places);
                if number(&earlier.what).is_none() && number(&next.what).is_some() && !says_more(earlier, next) {
                    earlier.what = next.what.clone();
                }
                // A bot that repeats an alert did not raise it.
                let own = earlier.kind != HappeningKind::Alert;
                earlier.actor = earlier.actor.take().or_else(|| next.actor.clone().filter(|_| own));
                earlier.service = earlier.service.take().or_else(|| next.service.clone());
            }
            None => kept.push(next.clone()),
        }
    }
    kept
}

/// What somebody wrote stays in their words, and at their time, where the pager's entry comes later.
fn says_more(earlier: &Happening, next: &Happening) -> bool {
    let is_message = matches!(earlier.what, What::Message { .. }) && earlier.actor.is_some();
    let is_bare_ack = earlier.kind == HappeningKind::Ack && words(&earlier.what).split_whitespace().count() <= BARE;
    is_message && earlier.kind != HappeningKind::Alert && !is_bare_ack && earlier.at.seconds() < next.at.seconds()
}

/// The same words of the same service, at another level: it began to log them once.
fn begins_again(earlier: &Happening, next: &Happening) -> bool {
    let failures = (&earlier.what, &next.what);
    let same = matches!(failures, (What::Failure { words: a, .. }, What::Failure { words: b, .. }) if a == b);
    same && earlier.service == next.service
}

fn repeats(earlier: &Happening, next: &Happening) -> bool {
    if is_twice(earlier, next) {
        return true;
    }
    match (earlier.kind, next.kind) {
        (HappeningKind::Alert, HappeningKind::Alert) => told_again(&earlier.what, &next.what) || sent_again(earlier, next),
        (HappeningKind::Recovery, HappeningKind::Recovery) => sent_again(earlier, next),
        (HappeningKind::Ack, HappeningKind::Ack) | (HappeningKind::Resolved, HappeningKind::Resolved) => {
            let bare = |h: &Happening| words(&h.what).split_whitespace().count() <= BARE;
            let of_pager = |h: &Happening| matches!(h.what, What::Page { .. });
            let same = is_same_person(earlier, next) && !are_of_two(&earlier.what, &next.what);
            same && bare(next) && (bare(earlier) || of_pager(earlier) || of_pager(next))
        }
        _ => false,
    }
}

/// One person by one name; the pager writes it without the mark of the chat.
fn is_same_person(earlier: &Happening, next: &Happening) -> bool {
    let name = |h: &Happening| h.actor.as_ref().map(|name| name.trim_start_matches('@').to_lowercase());
    name(earlier).is_some() && name(earlier) == name(next)
}

/// One change of an alert in two notices, as where the notice of its end repeats when it fired.
fn sent_again(earlier: &Happening, next: &Happening) -> bool {
    let alerts = (&earlier.what, &next.what);
    let same = matches!(alerts, (
        What::Alert { name: a, summary: s, firing: f, .. },
        What::Alert { name: b, summary: t, firing: g, .. },
    ) if a == b && s == t && f == g);
    same && earlier.at.seconds() == next.at.seconds() && earlier.service == next.service
}

/// Two incidents of the pager.
fn are_of_two(earlier: &What, next: &What) -> bool {
    let pages = (earlier, next);
    matches!(pages, (What::Page { incident: a, .. }, What::Page { incident: b, .. }) if !a.is_empty() && !b.is_empty() && a != b)
}

/// One event of one pager incident, told by two documents: the same in all that both of them say.
fn is_twice(earlier: &Happening, next: &Happening) -> bool {
    let pages = (&earlier.what, &next.what);
    let (What::Page { incident: a, title: t, text }, What::Page { incident: b, title: u, text: again }) = pages else {
        return false;
    };
    let agree = |a: Option<&str>, b: Option<&str>| a.is_none() || b.is_none() || a == b;
    let moment = earlier.kind == next.kind && earlier.at.seconds() == next.at.seconds();
    let who =
        agree(earlier.actor.as_deref(), next.actor.as_deref()) && agree(earlier.service.as_deref(), next.service.as_deref());
    let is_one = !a.is_empty() && a == b && (u.is_empty() || t == u) && (again.is_empty() || text == again);
    // An entry of the pager's log and the incident itself, of which only one has the number.
    let is_its_entry = (a.is_empty() || b.is_empty()) && earlier.actor.is_some() && earlier.actor == next.actor;
    moment && who && (is_one || is_its_entry && (earlier.kind != HappeningKind::Alert))
}

/// A tool's message that has the title or name of the page or alert before it.
fn told_again(earlier: &What, next: &What) -> bool {
    let What::Message { text } = next else {
        let pages = (earlier, next);
        return matches!(pages, (What::Page { incident: a, title: t, .. }, What::Page { incident: b, title: u, .. }) if !a.is_empty() && a == b && t == u);
    };
    let said = text.to_lowercase();
    let has = |name: &str| name.chars().count() >= 6 && said.contains(&name.to_lowercase());
    match earlier {
        What::Page { title, text, .. } => has(title) || has(text),
        What::Alert { name, summary, firing: true, .. } => has(summary) || has(name) && said.split_whitespace().count() <= 4,
        _ => false,
    }
}

/// The number of the incident in the pager's own form.
fn number(what: &What) -> Option<&str> {
    match what {
        What::Page { incident, .. } => Some(incident.as_str()).filter(|i| !i.is_empty()),
        What::Message { text } => text.split_whitespace().find(|w| w.contains('-') && w.ends_with(|c: char| c.is_ascii_digit())),
        _ => None,
    }
}

fn words(what: &What) -> &str {
    match what {
        What::Message { text } | What::Page { text, .. } => text,
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use analysis::findings::Places;
    use evidence::{RecordRef, SourceId};

    fn happening(second: i64, kind: HappeningKind, actor: &str, what: What) -> Happening {
        let start = second.unsigned_abs();
        let place = RecordRef { source: SourceId { input: 0, entry: 0 }, start, end: start + 1, line: start, last_line: start };
        Happening {
            at: Moment::from_seconds(second),
            kind,
            service: None,
            actor: Some(actor.into()),
            what,
            places: Places::one(place),
        }
    }

    fn message(text: &str) -> What {
        What::Message { text: text.into() }
    }

    fn page(text: &str) -> What {
        What::Page { incident: "77".into(), title: "Cart is down".into(), text: text.into() }
    }

    fn left(all: &[Happening]) -> Vec<usize> {
        merged(all.iter().collect()).iter().map(|h| h.places.iter().count()).collect()
    }

    #[test]
    fn a_page_that_a_bot_repeats_is_one_entry() {
        let alert = HappeningKind::Alert;
        let all = [happening(0, alert, "pager", page("")), happening(5, alert, "bot", message("#77 Cart is down (high)"))];
        assert_eq!(left(&all), [2]);
        let late = [happening(0, alert, "pager", page("")), happening(90, alert, "bot", message("#77 Cart is down (high)"))];
        assert_eq!(left(&late), [1, 1]);
    }

    #[test]
    fn one_event_of_an_incident_in_two_documents_of_the_pager_is_one_entry() {
        let ack = HappeningKind::Ack;
        let nobody = |h: Happening| Happening { actor: None, ..h };
        let known = happening(0, ack, "ada", page(""));
        for two in [
            [nobody(known.clone()), nobody(Happening { places: happening(7, ack, "", page("")).places, ..known.clone() })],
            [nobody(known.clone()), Happening { places: happening(7, ack, "", page("")).places, ..known.clone() }],
        ] {
            assert_eq!(left(&two), [2]);
        }
        let merged = merged(vec![&nobody(known.clone()), &known]);
        assert_eq!(merged[0].actor.as_deref(), Some("ada"), "who did it is kept");
    }

    #[test]
    fn two_people_two_incidents_and_further_words_at_one_time_stay() {
        let ack = HappeningKind::Ack;
        let other = What::Page { incident: "78".into(), title: "Cart is down".into(), text: String::new() };
        let first = happening(0, ack, "ada", page(""));
        for next in [
            happening(0, ack, "ben", page("")),
            happening(0, ack, "ada", other),
            happening(0, HappeningKind::Statement, "ada", page("")),
            happening(0, ack, "ada", page("Taken over by ada, who looks at the new index of the orders table")),
        ] {
            assert_eq!(merged(vec![&first, &next]).len(), 2);
        }
    }

    #[test]
    fn an_acknowledgement_that_says_more_stays() {
        let ack = HappeningKind::Ack;
        let all = [happening(0, ack, "ada", page("Acknowledged by ada")), happening(8, ack, "ada", message("ack"))];
        assert_eq!(left(&all), [2]);
        let more = [
            happening(0, ack, "ada", page("Acknowledged by ada")),
            happening(8, ack, "ada", message("on it, looks like the new index is missing again")),
        ];
        assert_eq!(left(&more), [1, 1]);
    }

    #[test]
    fn who_closes_it_in_the_chat_and_at_the_pager_does_so_once_in_their_words() {
        let over = HappeningKind::Resolved;
        let said = happening(0, over, "@ada", message("no errors since ten past, all pods are ready: resolved"));
        let all = [&said, &happening(22, over, "Ada", page("Resolved by Ada"))];
        let merged_once = merged(all.to_vec());
        assert_eq!((merged_once.len(), merged_once[0].places.iter().count()), (1, 2));
        assert!(matches!(merged_once[0].what, What::Message { .. }));
        assert_eq!(merged(vec![&said, &happening(22, over, "ben", page("Resolved by Ben"))]).len(), 2);
    }
}
