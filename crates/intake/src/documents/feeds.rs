//! The feeds of status pages: RSS and Atom, one event for each entry.
//!
//! Only feeds that call themselves a status page or an incident history are read. It must never tell the state in which an
//! incident ended as that of its beginning: an entry has the time of its last update, and the state of it. What breaks it:
//! a feed without dates.

use evidence::{Body, Event, Stamp, StatusUpdate};

use super::page::Page;
use super::status::state_of;
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
        document.events.push(Event { place, stamp: Some(stamp), body: Body::Status(update) });
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
    fn other_feeds_are_no_documents() {
        let text = "<rss version=\"2.0\"><channel><title>News</title><item><title>a</title><pubDate>Wed, 01 Jan 2025 00:00:05 +0000</pubDate></item></channel></rss>\n";
        assert_eq!(read_whole("n.xml", SourceId { input: 0, entry: 0 }, text.as_bytes()), None);
    }
}
