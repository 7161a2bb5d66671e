//! Chats as tables, one message a row: DiscordChatExporter, Mattermost and exports of their kind.
//!
//! A table is told by all of its columns: an author, a time, words, and something that only chats have. It must never take a
//! log with a column of users for a chat. What breaks it: an export with a column that is not known here.

use evidence::{Body, Message};

use super::Document;
use super::csv::cells;
use super::csv_cells::{self, Times, delimiter, joined, names_at, row_end};
use super::page::Page;

const AUTHORS: [&str; 8] = ["author", "username", "user_name", "user", "sender", "sender_name", "from", "author_name"];
const TIMES: [&str; 7] = ["date", "timestamp", "time", "sent_at", "created_at", "datetime", "post_creation_time"];
const WORDS: [&str; 6] = ["content", "message", "text", "body", "contents", "post_message"];
const CHANNELS: [&str; 4] = ["channel", "channel_name", "conversation", "room"];
/// Columns that only chats have.
const OF_CHATS: [&str; 7] = ["attachments", "reactions", "channel", "channel_name", "thread_ts", "thread", "conversation"];
const BESIDE: [&str; 23] = [
    "authorid",
    "author_id",
    "user_id",
    "userid",
    "id",
    "message_id",
    "channel_id",
    "edited",
    "type",
    "room",
    "reply_to",
    // Mattermost's export for compliance.
    "team_id",
    "team_name",
    "team_display_name",
    "channel_display_name",
    "channel_type",
    "user_email",
    "post_id",
    "edited_by_post_id",
    "replied_to_post_id",
    "post_type",
    "user_type",
    "previews_post_id",
];

/// Reads such a table; `None` when it is none.
pub fn read(page: &Page<'_>) -> Option<Document> {
    let table = Table::of(page)?;
    Some(csv_cells::document(page, "chat_table", (table.header, table.delimiter), |row| {
        let (stamp, message) = table.message(row)?;
        Some(vec![(stamp, Body::Message(message))])
    }))
}

/// Whether a text begins like such a table.
pub fn is_likely(page: &Page<'_>) -> bool {
    Table::of(page).is_some()
}

struct Table {
    header: usize,
    delimiter: char,
    names: Vec<String>,
    times: Times,
}

impl Table {
    fn of(page: &Page<'_>) -> Option<Table> {
        let header = names_at(page)?;
        let line = page.line(header);
        let delimiter = delimiter(&line)?;
        let names: Vec<String> =
            cells(&line, delimiter).iter().map(|cell| cell.trim().to_lowercase().replace([' ', '-'], "_")).collect();
        let known = |name: &String| {
            [&AUTHORS[..], &TIMES, &WORDS, &CHANNELS, &OF_CHATS, &BESIDE].iter().any(|all| all.contains(&name.as_str()))
        };
        let has = |all: &[&str]| names.iter().any(|name| all.contains(&name.as_str()));
        if !(names.iter().all(known) && has(&AUTHORS) && has(&TIMES) && has(&WORDS) && has(&OF_CHATS)) {
            return None;
        }
        let rows = (header + 1..page.len().min(header + 60)).map(|i| cells(&page.line(i), delimiter));
        let table = Table { header, delimiter, names, times: Times::default() };
        let written: Vec<String> = rows.filter_map(|row| table.cell(&row, &TIMES)).collect();
        let table = Table { times: Times::of("", &written), ..table };
        let first = (table.header + 1..page.len()).find(|i| !page.is_blank(*i))?;
        let row = cells(&joined(page, first, row_end(page, first)), table.delimiter);
        table.message(&row).map(|_| table)
    }

    fn cell(&self, row: &[String], names: &[&str]) -> Option<String> {
        let cell = |name: &&str| row.get(self.names.iter().position(|n| n == name)?).filter(|c| !c.trim().is_empty()).cloned();
        names.iter().find_map(cell)
    }

    fn message(&self, row: &[String]) -> Option<(evidence::Stamp, Message)> {
        let stamp = self.times.read(&self.cell(row, &TIMES)?)?;
        let message = Message {
            channel: self.cell(row, &CHANNELS),
            author: self.cell(row, &AUTHORS)?,
            text: self.cell(row, &WORDS).or_else(|| self.cell(row, &["attachments"]))?,
            thread: self.cell(row, &["thread_ts", "thread", "replied_to_post_id"]),
            ..Message::default()
        };
        (row.len() == self.names.len()).then_some((stamp, message))
    }
}

#[cfg(test)]
mod tests {
    use super::super::{read_whole, sniff};
    use super::*;
    use evidence::SourceId;

    #[test]
    fn a_row_is_a_message() {
        let text = "AuthorID,Author,Date,Content,Attachments,Reactions\n\"128178\",\"ann\",\"2025-01-01T00:00:05.3950000+00:00\",\"cart is down\n5xx everywhere\",\"\",\"\"\n\"128179\",\"bo\",\"2025-01-01T00:01:05.3950000+00:00\",\"looking\",\"\",\"eyes (1)\"\n";
        assert!(sniff("c.csv", text.as_bytes(), true));
        let document = read_whole("c.csv", SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("a table");
        let said: Vec<_> = document
            .events
            .iter()
            .map(|e| {
                if let Body::Message(m) = &e.body { (m.author.as_str(), m.text.as_str(), e.place.line) } else { panic!("{e:?}") }
            })
            .collect();
        assert_eq!(said, [("ann", "cart is down\n5xx everywhere", 2), ("bo", "looking", 4)]);
    }

    #[test]
    fn an_export_for_compliance() {
        let text = "Post Creation Time,Team Id,Team Name,Team Display Name,Channel Id,Channel Name,Channel Display Name,Channel Type,User Id,User Email,Username,Post Id,Edited By Post Id,Replied to Post Id,Post Message,Post Type,User Type,Previews Post Id\n1735689605000,t,shop,Shop,c,ops,Ops,O,u1,ann@a.example,ann,p1,,,cart is down,message,user,\n";
        let document = read_whole("c.csv", SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("a table");
        let Body::Message(message) = &document.events[0].body else { panic!("a message") };
        assert_eq!(
            (message.author.as_str(), message.channel.as_deref(), message.text.as_str()),
            ("ann", Some("ops"), "cart is down")
        );
        assert_eq!(document.events[0].stamp.map(|s| s.micros / 1_000_000), Some(1_735_689_605));
    }

    #[test]
    fn a_log_with_users_is_no_chat() {
        for text in [
            "time,user,message\n2025-01-01 00:00:05,ann,logged in\n",
            "time,user,message,level,channel\n2025-01-01 00:00:05,ann,x,info,a\n",
        ] {
            assert!(!is_likely(&Page::new(SourceId { input: 0, entry: 0 }, text.as_bytes())), "{text}");
        }
    }
}
