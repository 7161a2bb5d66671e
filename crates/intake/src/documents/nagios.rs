//! The log of Nagios and its kin: checks that turned bad or well for good, who was notified and who took it.
//!
//! A soft state may pass before anybody hears of it, so it stays a line of the log, as everything else does. It must never
//! tell a notification of an acknowledgement or a downtime for a new problem. What breaks it: a check whose name has
//! semicolons.

use std::collections::BTreeSet;

use evidence::{AlertState, Body, Event, Page as Step, PageAction};

use super::carried::{Carried, Outer};
use super::page::Page;
use super::{Document, when};

/// Lines that decide.
const LOOK: usize = 40;
const KINDS: [&str; 8] = [
    "SERVICE ALERT: ",
    "HOST ALERT: ",
    "SERVICE NOTIFICATION: ",
    "HOST NOTIFICATION: ",
    "EXTERNAL COMMAND: ",
    "CURRENT SERVICE STATE: ",
    "CURRENT HOST STATE: ",
    "LOG ROTATION: ",
];

/// Reads such a log; `None` when the text is none.
pub fn read(page: &Page<'_>) -> Option<Document> {
    is_likely(page).then_some(())?;
    let mut document = Document { format: "nagios".into(), ..Document::default() };
    let mut open: BTreeSet<String> = BTreeSet::new();
    for index in (0..page.len()).filter(|i| !page.is_blank(*i)) {
        let line = page.line(index);
        let place = page.place(index, index);
        let told = timed(&line).and_then(|(time, words)| Some((when::epoch(time)?, body(words, &mut open)?)));
        match told {
            Some((stamp, body)) => document.events.push(Event { place, stamp: Some(stamp), body }),
            None => document.carried.push(Carried::new(place, line.into_owned(), Outer::default())),
        }
    }
    document.records = (document.events.len() + document.carried.len()) as u64;
    Some(document)
}

/// Whether all first lines have its time, and some its words.
pub fn is_likely(page: &Page<'_>) -> bool {
    let mut lines = (0..page.len()).filter(|i| !page.is_blank(*i)).take(LOOK).map(|i| page.line(i)).peekable();
    let mut is_told = false;
    lines.peek().is_some()
        && lines.all(|line| {
            let words = timed(&line).map(|(_, words)| words);
            is_told |= words.is_some_and(|words| KINDS.iter().any(|kind| words.starts_with(kind)));
            words.is_some()
        })
        && is_told
}

fn timed(line: &str) -> Option<(&str, &str)> {
    let (time, words) = line.strip_prefix('[')?.split_once("] ")?;
    (time.len() == 10 && time.bytes().all(|b| b.is_ascii_digit())).then_some((time, words))
}

fn body(words: &str, open: &mut BTreeSet<String>) -> Option<Body> {
    let (kind, rest) = words.split_once(": ")?;
    let parts: Vec<&str> = rest.split(';').collect();
    match (kind, parts.as_slice()) {
        ("SERVICE ALERT", [host, check, state, "HARD", _, output @ ..]) => Some(alert(host, check, state, &output.join(";"))),
        ("HOST ALERT", [host, state, "HARD", _, output @ ..]) => Some(alert(host, host, state, &output.join(";"))),
        ("SERVICE NOTIFICATION", [who, host, check, state, _, output @ ..]) => {
            notified(&Check { host, name: check }, who, state, &output.join(";"), open)
        }
        ("HOST NOTIFICATION", [who, host, state, _, output @ ..]) => {
            notified(&Check { host, name: host }, who, state, &output.join(";"), open)
        }
        ("EXTERNAL COMMAND", ["ACKNOWLEDGE_SVC_PROBLEM", host, check, _, _, _, who, words @ ..]) => {
            Some(Check { host, name: check }.step(PageAction::Acknowledged, who, &words.join(";")))
        }
        ("EXTERNAL COMMAND", ["ACKNOWLEDGE_HOST_PROBLEM", host, _, _, _, who, words @ ..]) => {
            Some(Check { host, name: host }.step(PageAction::Acknowledged, who, &words.join(";")))
        }
        _ => None,
    }
}

fn is_well(state: &str) -> bool {
    ["OK", "UP"].contains(&state)
}

fn alert(host: &str, check: &str, state: &str, output: &str) -> Body {
    Body::Alert(AlertState {
        name: check.to_string(),
        severity: Some(state.to_string()).filter(|state| !is_well(state)),
        summary: output.to_string(),
        firing: !is_well(state),
        labels: vec![("host".into(), host.into())],
        ..AlertState::default()
    })
}

/// The first notification of a problem opens it, the one that it is well ends it. What announces an acknowledgement, a
/// downtime or flapping has its state in brackets behind that word.
fn notified(check: &Check<'_>, who: &str, state: &str, output: &str, open: &mut BTreeSet<String>) -> Option<Body> {
    if state.contains(' ') {
        return None;
    }
    if is_well(state) {
        return open.remove(&check.id()).then(|| check.step(PageAction::Resolved, "", output));
    }
    let is_new = open.insert(check.id());
    let action = if is_new { PageAction::Triggered } else { PageAction::Notified };
    Some(check.step(action, if is_new { "" } else { who }, output))
}

struct Check<'a> {
    host: &'a str,
    name: &'a str,
}

impl Check<'_> {
    fn id(&self) -> String {
        if self.host == self.name { self.host.to_string() } else { format!("{}/{}", self.host, self.name) }
    }

    fn step(&self, action: PageAction, who: &str, words: &str) -> Body {
        Body::Page(Step {
            incident: self.id(),
            title: self.id(),
            action,
            actor: Some(who.to_string()).filter(|who| !who.is_empty()),
            priority: None,
            urgency: None,
            service: None,
            text: words.to_string(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::{read_whole, sniff};
    use super::*;
    use evidence::SourceId;

    #[test]
    fn hard_states_notifications_and_acknowledgements_are_told_and_the_rest_stays_a_log() {
        let text = "[1748605800] LOG ROTATION: DAILY\n\
            [1748607730] SERVICE ALERT: cart-1;checkout;CRITICAL;SOFT;1;CRITICAL - 21%\n\
            [1748607850] SERVICE ALERT: cart-1;checkout;CRITICAL;HARD;3;CRITICAL - 17%\n\
            [1748607850] SERVICE NOTIFICATION: ann;cart-1;checkout;CRITICAL;by-sms;CRITICAL - 17%\n\
            [1748607851] SERVICE NOTIFICATION: bo;cart-1;checkout;CRITICAL;by-sms;CRITICAL - 17%\n\
            [1748608005] EXTERNAL COMMAND: ACKNOWLEDGE_SVC_PROBLEM;cart-1;checkout;2;1;1;ann;on it\n\
            [1748608005] SERVICE NOTIFICATION: bo;cart-1;checkout;ACKNOWLEDGEMENT (CRITICAL);by-sms;17%;ann;on it\n\
            [1748610190] SERVICE ALERT: cart-1;checkout;OK;HARD;3;OK - 99%\n\
            [1748610190] SERVICE NOTIFICATION: ann;cart-1;checkout;OK;by-sms;OK - 99%\n\
            [1748610200] HOST ALERT: db-2;DOWN;HARD;3;PING CRITICAL\n";
        assert!(sniff("n.log", text.as_bytes(), true));
        let document = read_whole("n.log", SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("a log of Nagios");
        let told: Vec<String> = document
            .events
            .iter()
            .map(|e| match &e.body {
                Body::Alert(a) => format!("{} {} {}", e.place.line, a.name, a.firing),
                Body::Page(p) => format!("{} {:?} {}", e.place.line, p.action, p.actor.as_deref().unwrap_or("-")),
                other => panic!("{other:?}"),
            })
            .collect();
        let want = [
            "3 checkout true",
            "4 Triggered -",
            "5 Notified bo",
            "6 Acknowledged ann",
            "8 checkout false",
            "9 Resolved -",
            "10 db-2 true",
        ];
        assert_eq!((told, document.carried.len()), (want.map(str::to_string).to_vec(), 3));
        assert!(!is_likely(&Page::new(SourceId { input: 0, entry: 0 }, b"[1748605800] door opened\n")));
    }
}
