//! E-mail: one message as a file, and mailboxes of many. One mail is one message by its sender, at its date.
//!
//! It must never take what a mail quotes for the words of its sender, nor a patch that was sent by mail for talk. What
//! breaks it: a sender who writes between quoted lines without a mark.

use evidence::{Body, Event, Message};

use super::mail_words::{self, decoded};
use super::page::Page;
use super::{Document, mail_alerts, when};

/// Lines that the headers of one mail may take.
const HEADERS: usize = 300;

/// Reads mails; `None` when the text is none.
pub fn read(page: &Page<'_>) -> Option<Document> {
    if !is_likely(page) {
        return None;
    }
    let mut document = Document { format: "mail".into(), ..Document::default() };
    let starts: Vec<usize> = if is_separator(&page.line(0)) {
        (0..page.len()).filter(|i| begins(page, *i)).collect()
    } else {
        let first = first_full(page);
        [first].into_iter().chain((first + 1..page.len()).filter(|i| is_further(page, first, *i))).collect()
    };
    for (n, start) in starts.iter().enumerate() {
        let end = starts.get(n + 1).copied().unwrap_or(page.len());
        match event(page, *start, end) {
            Some(event) => document.events.push(event),
            None => document.texts.extend((*start..end).filter_map(|i| page.record(i))),
        }
    }
    document.records = (document.events.len() + document.texts.len()) as u64;
    Some(document)
}

/// Whether a text begins with the headers of a mail, possibly behind the line that parts the mails of a mailbox.
pub fn is_likely(page: &Page<'_>) -> bool {
    let first = first_full(page);
    let start = if is_separator(&page.line(first)) { first + 1 } else { first };
    let Some((headers, _)) = headers(page, start, page.len()) else { return false };
    let has = |name: &str| headers.iter().any(|(n, _)| n == name);
    has("from")
        && (has("date") || has("sent") && has("subject"))
        && ["subject", "to", "message-id", "received"].iter().any(|name| has(name))
}

fn first_full(page: &Page<'_>) -> usize {
    (0..page.len().min(20)).find(|i| !page.is_blank(*i)).unwrap_or(0)
}

/// `From ann@example.org Tue Mar 18 13:57:02 2025`; patches have a line like it, with an address of no mail.
fn is_separator(line: &str) -> bool {
    let Some((who, date)) = line.strip_prefix("From ").and_then(|rest| rest.split_once(' ')) else { return false };
    let is_commit = who.len() == 40 && who.bytes().all(|b| b.is_ascii_hexdigit());
    !is_commit && when::read(date.trim()).is_some()
}

fn begins(page: &Page<'_>, index: usize) -> bool {
    let follows = || headers(page, index + 1, page.len()).is_some_and(|(h, _)| h.iter().any(|(name, _)| name == "from"));
    is_separator(&page.line(index)) && (index == 0 || page.is_blank(index - 1)) && follows()
}

/// Whether below a mail of plain text another one was pasted with its headers. One that the mail quotes has a line above it
/// that says so.
fn is_further(page: &Page<'_>, first: usize, index: usize) -> bool {
    if !page.line(index).starts_with("From: ") || !page.is_blank(index - 1) {
        return false;
    }
    let is_quote = |line: &str| line.starts_with(['-', '_', '>', '*']) || line.trim_end().ends_with(':');
    let before = page.last_full(first, index);
    let is_shown = headers(page, first, page.len()).is_some_and(|(headers, _)| headers.iter().any(|(name, _)| name == "sent"));
    let is_plain = |headers: &Headers| {
        let says = |(name, value): &(String, String)| {
            name.starts_with("content-") && (value.contains("multipart") || value.contains("base64"))
        };
        !headers.iter().any(says)
    };
    !is_quote(&page.line(before))
        && headers(page, first, page.len()).is_some_and(|(headers, _)| is_plain(&headers))
        && headers(page, index, page.len()).is_some_and(|(headers, _)| {
            let has = |name: &str| headers.iter().find(|(n, _)| n == name).map(|(_, value)| value);
            has("from").is_some_and(|from| is_shown || from.contains('@'))
                && has(if is_shown { "sent" } else { "date" }).is_some_and(|date| when::read(date).is_some())
                && has("subject").is_some()
        })
}

type Headers = Vec<(String, String)>;

/// The headers, their names in small letters, and the line behind them; `None` when a line is none of any.
fn headers(page: &Page<'_>, start: usize, end: usize) -> Option<(Headers, usize)> {
    let mut headers: Headers = Vec::new();
    for index in start..end.min(start + HEADERS) {
        let line = page.line(index);
        if line.trim().is_empty() {
            return Some((headers, index + 1));
        }
        if let Some((_, value)) = headers.last_mut().filter(|_| line.starts_with([' ', '\t'])) {
            value.push(' ');
            value.push_str(line.trim());
            continue;
        }
        let (name, value) = line.split_once(':')?;
        let is_name = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        if !is_name {
            return None;
        }
        headers.push((name.to_ascii_lowercase(), value.trim().to_string()));
    }
    Some((headers, end))
}

fn event(page: &Page<'_>, start: usize, end: usize) -> Option<Event> {
    let from = if is_separator(&page.line(start)) { start + 1 } else { start };
    let (headers, body) = headers(page, from, end)?;
    let header = |name: &str| headers.iter().find(|(n, _)| n == name).map(|(_, value)| decoded(value));
    let (author, account) = sender(&header("from")?);
    let subject = header("subject").unwrap_or_default();
    let lines: Vec<String> = (body..end).map(|i| page.line(i).into_owned()).collect();
    let part = |name: &str| headers.iter().find(|(n, _)| n == name).map_or("", |(_, value)| value.as_str());
    let said = mail_words::own(&lines.join("\n"), part("content-type"), part("content-transfer-encoding"));
    let is_automatic = headers.iter().any(|(n, v)| n == "auto-submitted" && v != "no" || n == "precedence" && v != "list");
    let is_bot = is_automatic || is_of_a_program(&account);
    // Outlook shows to people when it was sent, in their zone.
    let stamp = header("date").or_else(|| header("sent")).and_then(|date| when::read(&date));
    let place = page.place(start, page.last_full(start, end));
    if let Some(alert) = mail_alerts::of(&subject, &said).filter(|_| is_bot && stamp.is_some()) {
        return Some(Event { place, stamp, body: Body::Alert(alert) });
    }
    let topic = Some(subject.trim().to_string()).filter(|s| !s.is_empty() && !is_answer(s));
    let text = topic.into_iter().chain(Some(said).filter(|s| !s.is_empty())).collect::<Vec<_>>().join("\n");
    let message = Message {
        author,
        is_bot,
        text,
        thread: header("references").or_else(|| header("in-reply-to")).and_then(|ids| first_word(&ids)),
        ..Message::default()
    };
    Some(Event { place, stamp, body: Body::Message(message) })
}

fn first_word(text: &str) -> Option<String> {
    text.split_whitespace().next().map(str::to_string)
}

/// `Ann Lee <ann@example.org>`: the name that people read, else the account, and the account.
fn sender(from: &str) -> (String, String) {
    let (name, address) = match from.split_once('<') {
        Some((name, rest)) => (name.trim().trim_matches('"').trim(), rest.split('>').next().unwrap_or_default()),
        None if !from.contains('@') => (from.trim().trim_matches('"'), ""),
        None => ("", from.split_whitespace().next().unwrap_or_default()),
    };
    let account = address.split('@').next().unwrap_or_default().to_string();
    (if name.is_empty() { account.clone() } else { name.to_string() }, account)
}

/// Accounts from which nobody writes by hand.
fn is_of_a_program(account: &str) -> bool {
    let names = [
        "noreply",
        "no-reply",
        "donotreply",
        "alert",
        "alerts",
        "alerting",
        "alertmanager",
        "monitoring",
        "zabbix",
        "nagios",
        "icinga",
        "grafana",
        "prometheus",
        "pagerduty",
        "opsgenie",
        "notifications",
        "jenkins",
        "root",
        "cron",
        "prtg",
        "checkmk",
        "centreon",
        "sensu",
        "monit",
        "monitor",
        "watchdog",
        "cloudwatch",
        "datadog",
        "dynatrace",
        "newrelic",
        "splunk",
        "sentry",
        "netdata",
        "librenms",
        "pingdom",
        "uptimerobot",
        "statuscake",
        "veeam",
        "smartd",
        // What machines have beside their own system.
        "ilo",
        "idrac",
        "ipmi",
        "bmc",
        "esxi",
        "vcenter",
        "truenas",
        "synology",
        "qnap",
        "ups",
        "mailer-daemon",
        "daemon",
    ];
    let account = account.to_ascii_lowercase();
    names.iter().any(|name| account == *name || account.strip_prefix(name).is_some_and(|rest| rest.starts_with(['-', '+', '.'])))
}

/// `Re: …`: the subject is that of the mail it answers.
fn is_answer(subject: &str) -> bool {
    let lower = subject.to_lowercase();
    ["re:", "aw:", "antw:", "sv:", "vs:", "fwd:", "fw:", "wg:", "tr:", "r:", "res:", "enc:"].iter().any(|p| lower.starts_with(p))
}

#[cfg(test)]
mod tests {
    use super::super::read_whole;
    use super::*;
    use evidence::{Basis, SourceId};

    /// Author, whether it is a program, text, seconds since 2025, first and last line.
    type Said = (String, bool, String, Option<i64>, (u64, u64));

    fn check(text: &str) -> Vec<Said> {
        let document = read_whole("m", SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("mail");
        assert_eq!(document.format, "mail");
        let said = document.events.into_iter().map(|e| match e.body {
            Body::Message(m) => {
                let at = e.stamp.filter(|s| s.basis == Basis::Zoned).map(|s| s.micros / 1_000_000 - 1_735_689_600);
                (m.author, m.is_bot, m.text, at, (e.place.line, e.place.last_line))
            }
            other => panic!("{other:?}"),
        });
        said.collect()
    }

    #[test]
    fn a_sensor_and_the_board_of_a_machine_are_nobody() {
        assert!(is_of_a_program("prtg") && is_of_a_program("ilo-db4") && is_of_a_program("Monitoring"));
        assert!(!is_of_a_program("ilona") && !is_of_a_program("upshaw") && !is_of_a_program("monika"));
    }

    #[test]
    fn what_outlook_shows_of_a_mail_and_of_the_one_it_answers() {
        let text = "From: Ann Lee <ann@example.org>\nSent: Monday, March 3, 2025 9:10 AM\nTo: Ops <ops@example.org>\nSubject: RE: cart is down\n\nRolled back to 2.13.2.\n\nFrom: Bo Lund\nSent: Monday, March 3, 2025 9:05 AM\nTo: Ops\nSubject: cart is down\n\nCustomers cannot check out.\n";
        let document =
            super::super::read_whole("m.txt", evidence::SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("mails");
        let told: Vec<_> = document
            .events
            .iter()
            .map(|e| match &e.body {
                Body::Message(m) => (m.author.as_str(), m.text.as_str(), e.stamp.map(|s| s.micros / 60_000_000 % 1_440)),
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(
            told,
            [
                ("Ann Lee", "Rolled back to 2.13.2.", Some(550)),
                ("Bo Lund", "cart is down\nCustomers cannot check out.", Some(545))
            ]
        );
    }

    #[test]
    fn each_mail_of_a_mailbox_is_one_message_without_what_it_quotes() {
        let text = "From ann@a.example Wed Jan  1 01:00:07 2025\nFrom: Ann Lee <ann@a.example>\nTo: ops@a.example\nSubject: cart is down\nDate: Wed, 1 Jan 2025 01:00:05 +0100\nMessage-ID: <1@a>\n\nAll carts fail.\n\nFrom what I see it is the cache.\n\nFrom bo@a.example Wed Jan  1 01:04:00 2025\nFrom: \"Bo Ray\" <bo@a.example>\nSubject: Re: cart is down\nDate: Wed, 1 Jan 2025 01:03:05 +0100\n\nOn Wed, Ann Lee wrote:\n> All carts fail.\n\nLooking.\n\n-- \nBo Ray, Ops\n";
        let expected = [
            (
                "Ann Lee".to_string(),
                false,
                "cart is down\nAll carts fail.\n\nFrom what I see it is the cache.".to_string(),
                Some(5),
                (1, 10),
            ),
            ("Bo Ray".to_string(), false, "Looking.".to_string(), Some(185), (12, 23)),
        ];
        assert_eq!(check(text), expected);
    }

    #[test]
    fn one_mail_of_several_parts_is_told_as_plain_text() {
        let text = "Return-Path: <alerts@a.example>\nDate: Wed, 1 Jan 2025 00:00:05 +0000\nFrom: =?utf-8?Q?W=C3=A4chter?= <alerts@a.example>\nSubject: [FIRING:1]\n CartDown (cart)\nContent-Type: multipart/alternative; boundary=\"b1\"\n\n--b1\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\nservice =3D cart, ratio =3D 6=\n1%\n\n--b1\nContent-Type: text/html\n\n<p>service = cart</p>\n--b1--\n";
        let report = text.replace("[FIRING:1]", "Report on");
        let expected =
            [("Wächter".into(), true, "Report on CartDown (cart)\nservice = cart, ratio = 61%".into(), Some(5), (1, 19))];
        assert_eq!(check(&report), expected);
        let document = read_whole("m.eml", SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("a mail");
        let alert = document
            .events
            .iter()
            .find_map(|e| if let Body::Alert(a) = &e.body { Some((a.name.as_str(), a.firing)) } else { None });
        assert_eq!(alert, Some(("CartDown (cart)", true)), "the mail of a monitor is its alert");
        let html = "From: ann@a.example\nDate: Wed, 1 Jan 2025 00:00:05 +0000\nTo: b@a.example\nContent-Type: text/html\nContent-Transfer-Encoding: base64\n\nPHA+d2UgYXJlIDxiPmRv\nd248L2I+PC9wPg==\n";
        assert_eq!(check(html), [("ann".into(), false, "we are down".into(), Some(5), (1, 8))]);
    }

    #[test]
    fn patches_and_settings_are_no_mail() {
        for text in [
            "From 5d11e0c5d11e0c5d11e0c5d11e0c5d11e0c5d11e Mon Sep 17 00:00:00 2001\nFrom: Ann <a@b>\nDate: Wed, 1 Jan 2025 00:00:05 +0000\nSubject: [PATCH] x\n\nwords\n",
            "From: here\nTo: there\n\nwords\n",
            "Date: 2025-01-01\nAuthor: Ann\n\nwords\n",
        ] {
            let document = read_whole("m", SourceId { input: 0, entry: 0 }, text.as_bytes());
            assert!(document.is_none_or(|d| d.format != "mail"), "{text}");
        }
    }
}
