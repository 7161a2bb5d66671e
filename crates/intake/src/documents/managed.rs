//! Events of services that a cloud runs for others (`describe-events` of RDS and ElastiCache): each is a line of the log
//! of the service that it names, which nobody else keeps.
//!
//! It must never judge what a line means: a failover that begins and one that is over differ in their words only. What
//! breaks it: events of another cloud.

use super::carried::{Carried, Outer};
use super::json::El;
use super::{Context, Out};

pub fn read(element: El<'_>, _context: &Context<'_>, out: &mut Out) -> bool {
    let Some(service) = element.first(&["SourceIdentifier"]).filter(|_| element.has_all(&["SourceType", "Message", "Date"]))
    else {
        return false;
    };
    if element.is_open() {
        return false;
    }
    out.is("cloud_events");
    let outer = Outer { stamp: element.stamp(&["Date"]), service: Some(service), ..Outer::default() };
    out.carried.push(Carried::new(element.place(), element.word("Message"), outer));
    true
}

#[cfg(test)]
mod tests {
    use super::super::read_whole;
    use evidence::SourceId;

    #[test]
    fn an_event_is_a_line_of_the_log_of_its_service() {
        let text = r#"{"Events":[{"SourceIdentifier":"cart-db","SourceType":"db-instance","Message":"Multi-AZ instance failover started","Date":"2025-01-01T00:00:05Z"},
            {"SourceIdentifier":"cart-db","SourceType":"db-instance","Message":"Backing up DB instance","Date":"2025-01-01T01:00:05Z"}]}"#;
        let document = read_whole("e.json", SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("JSON");
        assert_eq!((document.carried.len(), document.texts.len(), document.format.as_str()), (2, 0, "cloud_events"));
        let record = document.carried[0].record(document.carried[0].place);
        let at = record.stamp.map(|s| s.micros / 1_000_000 - 1_735_689_600);
        assert_eq!(
            (record.service.as_deref(), record.message.as_ref(), at),
            (Some("cart-db"), "Multi-AZ instance failover started", Some(5))
        );
    }
}
