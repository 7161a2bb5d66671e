//! The feeds of status pages: RSS and Atom, one event for each update that an entry lists.
//!
//! Only feeds that call themselves a status page or an incident history are read. It must never tell the state in which an
//! incident ended as that of its beginning: an entry has the time of its last update, and the state of it. What breaks it:
//! a feed without dates.

use evidence::{Basis, Body, Event, Stamp, StatusUpdate};

use super::page::Page;
use super::status::state_of;
use super::status_text::{posted, state};
use super::{Document, html, when};

/// Reads such a feed; `None` when the text is none.
pub fn read(page: &Page<'_>, bytes: &[u8]) -> Option<Document> {
    let text = std::str::from_utf8(bytes).ok().filter(|_| is_likely(page))?;
    let mut document = Document { format: "status_feed".into(), ..Document::default() };
    let first = ["<item>", "<item ", "<entry>", "<entry "].iter().filter_map(|t| text.find(t)).min().unwrap_or(text.len());
    let provider = element(&text[..first], "title").map(|t| provider(&t)).unwrap_or_default();
    let mut at = first;
    while let Some((from, to)) = next(text, at) {
        at = to;
        let Some((stamp, update)) = entry(&text[from..to], &provider) else { continue };
        let line = |at: usize| memchr::memchr_iter(b'\n', &bytes[..at]).count();
        let place = page.place(line(from), line(to.saturating_sub(1)));
        let place = evidence::RecordRef { start: from as u64, end: to as u64, ..place };
        for (stamp, update) in updates(stamp, update) {
            document.events.push(Event { place, stamp: Some(stamp), body: Body::Status(update) });
        }
    }
    document.records = document.events.len() as u64;
    (!document.events.is_empty()).then_some(document)
}

/// Whether a text begins like the feed of a status page.
pub fn is_likely(page: &Page<'_>) -> bool {
    let head: String = (0..page.len().min(30)).map(|i| page.line(i)).collect::<Vec<_>>().join("\n").to_lowercase();
    let is_feed = head.contains("<rss") || head.contains("<feed");
    is_feed && ["status", "incident history"].iter().any(|w| head.contains(w))
}

/// The next entry: from the first byte of its tag to the last of its closing one.
fn next(text: &str, at: usize) -> Option<(usize, usize)> {
    let rest = text.get(at..)?;
    let tags = [("<item", "</item>"), ("<entry", "</entry>")];
    let (from, close) = tags.iter().filter_map(|(open, close)| Some((rest.find(open)?, *close))).min()?;
    let to = rest[from..].find(close)? + close.len();
    Some((at + from, at + from + to))
}

fn entry(text: &str, provider: &str) -> Option<(Stamp, StatusUpdate)> {
    let dated = ["pubDate", "updated", "published", "dc:date"].iter().filter_map(|t| when::read(element(text, t)?.trim()));
    let stamp = dated.into_iter().next()?;
    let markup =
        ["description", "content", "summary", "content:encoded"].iter().find_map(|t| element(text, t)).unwrap_or_default();
    let body = html::text(&markup);
    // The newest update stands first and begins with its state.
    let told =
        markup.split_once("<strong>").and_then(|(_, rest)| rest.split_once("</strong>")).map(|(state, _)| state.to_lowercase());
    let update = StatusUpdate {
        provider: provider.to_string(),
        title: html::text(&element(text, "title").unwrap_or_default()),
        state: told.unwrap_or_else(|| state_of(&body)),
        body,
        started: element(text, "published").and_then(|t| when::read(t.trim())),
        ..StatusUpdate::default()
    };
    Some((stamp, update))
}

/// The updates of an entry, newest first, each below its time; the entry itself where it does not list them.
fn updates(newest: Stamp, entry: StatusUpdate) -> Vec<(Stamp, StatusUpdate)> {
    let lines: Vec<&str> = entry.body.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let heads: Vec<(usize, Stamp, String)> = (0..lines.len().saturating_sub(1))
        .filter_map(|i| {
            let at = posted(lines[i]).and_then(|at| in_year_of(at, newest))?;
            Some((i, at, state(lines[i + 1])?.0))
        })
        .collect();
    if heads.len() < 2 || heads.windows(2).any(|pair| pair[0].1.micros < pair[1].1.micros) {
        return vec![(newest, entry)];
    }
    let ends = heads.iter().skip(1).map(|head| head.0).chain([lines.len()]);
    let one = |((from, at, state), to): (&(usize, Stamp, String), usize)| {
        let body = lines.get(*from..to).unwrap_or_default().join("\n");
        (*at, StatusUpdate { state: state.clone(), body, ..entry.clone() })
    };
    heads.iter().zip(ends).map(one).collect()
}

/// A time without its year, in the year before another time that is not much earlier.
fn in_year_of(at: Stamp, newest: Stamp) -> Option<Stamp> {
    let year = |stamp: Stamp| Some(jiff::Timestamp::from_microsecond(stamp.micros).ok()?.to_zoned(jiff::tz::TimeZone::UTC));
    let dated = match at.basis {
        Basis::Zoned => at,
        Basis::ZonedNoYear => {
            let (own, of) = (year(at)?, year(newest)?);
            let in_year = |year: i16| own.with().year(year).build().ok().map(|t| t.timestamp().as_microsecond());
            let micros =
                in_year(of.year()).filter(|m| *m <= newest.micros + 86_400_000_000).or_else(|| in_year(of.year() - 1))?;
            Stamp::new(micros, Basis::Zoned)
        }
        _ => return None,
    };
    (dated.micros <= newest.micros + 86_400_000_000).then_some(dated)
}

/// The content of the first element of that name; markup within is unescaped once.
fn element(text: &str, name: &str) -> Option<String> {
    let at = [format!("<{name}>"), format!("<{name} ")].iter().filter_map(|open| text.find(open.as_str())).min()?;
    let from = at + text[at..].find('>')? + 1;
    let to = from + text[from..].find(&format!("</{name}>"))?;
    let inner = text[from..to].trim();
    match inner.strip_prefix("<![CDATA[") {
        Some(data) => Some(data.trim_end_matches("]]>").to_string()),
        None => Some(html::entities(inner)),
    }
}

/// `Gridpay Status - Incident History` is `Gridpay`.
fn provider(title: &str) -> String {
    title.split(" - ").next().unwrap_or(title).trim().trim_end_matches("Status").trim().to_string()
}

#[cfg(test)]
mod tests {
    use super::super::{read_whole, sniff};
    use super::*;
    use evidence::SourceId;

    fn check(text: &str) -> Vec<(String, String, String, i64, String)> {
        assert!(sniff("h.xml", text.as_bytes(), true));
        let document = read_whole("h.xml", SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("a feed");
        let told = document.events.into_iter().map(|e| match e.body {
            Body::Status(s) => {
                assert!(text[e.place.start as usize..e.place.end as usize].starts_with('<') && e.place.line == 3);
                (s.provider, s.title, s.state, e.stamp.map_or(0, |s| s.micros / 1_000_000 - 1_735_689_600), s.body)
            }
            other => panic!("{other:?}"),
        });
        told.collect()
    }

    #[test]
    fn entries_of_both_kinds_of_feeds() {
        let expected = [(
            "Gridpay".to_string(),
            "Errors & delays".to_string(),
            "resolved".to_string(),
            5,
            "Jan 1, 00:00 UTC\nResolved - all is well".to_string(),
        )];
        let words = "&lt;p&gt;&lt;small&gt;Jan 1, 00:00 UTC&lt;/small&gt;&lt;br&gt;&lt;strong&gt;Resolved&lt;/strong&gt; - all is well&lt;/p&gt;";
        let rss = format!(
            "<?xml version=\"1.0\"?>\n<rss version=\"2.0\"><channel><title>Gridpay Status - Incident History</title>\n<item><title>Errors &amp;amp; delays</title><description>{words}</description><pubDate>Wed, 01 Jan 2025 00:00:05 +0000</pubDate></item></channel></rss>\n"
        );
        let atom = format!(
            "<?xml version=\"1.0\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\"><title>Gridpay Status - Incident History</title><updated>2025-01-01T09:00:00Z</updated>\n<entry><id>x</id><title>Errors &amp;amp; delays</title><published>2025-01-01T00:00:00Z</published><updated>2025-01-01T00:00:05Z</updated><content type=\"html\">{words}</content></entry></feed>\n"
        );
        assert_eq!(check(&rss), expected);
        assert_eq!(check(&atom), expected);
    }

    #[test]
    fn an_entry_lists_its_updates() {
        let words = |at: &str, state: &str| {
            format!(
                "&lt;p&gt;&lt;small&gt;{at} UTC&lt;/small&gt;&lt;br&gt;&lt;strong&gt;{state}&lt;/strong&gt; - words&lt;/p&gt;"
            )
        };
        let text = format!(
            "<?xml version=\"1.0\"?>\n<rss version=\"2.0\"><channel><title>Gridpay Status - Incident History</title>\n<item><title>Errors</title><description>{}{}</description><pubDate>Wed, 01 Jan 2025 00:01:00 +0000</pubDate></item></channel></rss>\n",
            words("Jan 1, 00:01", "Resolved"),
            words("Dec 31, 23:59", "Investigating")
        );
        let told: Vec<_> = check(&text).into_iter().map(|(_, _, state, at, _)| (state, at)).collect();
        assert_eq!(told, [("resolved".to_string(), 60), ("investigating".to_string(), -60)]);
    }

    #[test]
    fn other_feeds_are_no_documents() {
        let text = "<rss version=\"2.0\"><channel><title>News</title><item><title>a</title><pubDate>Wed, 01 Jan 2025 00:00:05 +0000</pubDate></item></channel></rss>\n";
        assert_eq!(read_whole("n.xml", SourceId { input: 0, entry: 0 }, text.as_bytes()), None);
    }
}
