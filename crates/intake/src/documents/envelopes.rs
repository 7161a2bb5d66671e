//! What carries another message as text: notifications of Amazon SNS, also within those of SQS and of Lambda.
//!
//! What is carried is read as if it stood there, at the place of what carries it. A text that is no JSON is left as it is.
//! It must never read what carries messages of programs, which are streams. What breaks it: a message that was compressed.

use evidence::{Body, RecordRef, Stamp};

use super::json::{Doc, El};
use super::{Context, Out, recognise};

pub fn read(element: El<'_>, context: &Context<'_>, out: &mut Out) -> bool {
    let notice = element.get("Sns").unwrap_or(element);
    let carried = if notice.has_all(&["TopicArn", "Message"]) {
        notice.word("Message")
    } else if element.has_any(&["ReceiptHandle", "receiptHandle"]) {
        element.first(&["Body", "body"]).unwrap_or_default()
    } else {
        return false;
    };
    told_within(element, &carried, None, context, out)
}

/// Tells what a text within an element says as JSON, at the place of the element, and at its time where it says none. False
/// when nobody knows it.
pub fn told_within(element: El<'_>, carried: &str, stamp: Option<Stamp>, context: &Context<'_>, out: &mut Out) -> bool {
    let blank = carried.len() - carried.trim_start().len();
    let base = RecordRef { line: 1, last_line: 1, ..element.place() };
    let Some(doc) = Doc::read_at(base, carried.as_bytes(), blank).filter(|_| !element.is_open()) else { return false };
    let mut within = Out::default();
    if !doc.elements().any(|inner| recognise(inner, context, &mut within)) {
        return false;
    }
    for event in &mut within.events {
        event.stamp = event.stamp.or(stamp);
        event.place = element.place();
        if let Body::Series(series) = &mut event.body {
            series.points.iter_mut().for_each(|point| point.place = element.place());
        }
    }
    for line in &mut within.carried {
        line.place = element.place();
    }
    if let Some(format) = within.format {
        out.is(format);
    }
    out.events.append(&mut within.events);
    out.carried.append(&mut within.carried);
    out.others += within.others;
    true
}

#[cfg(test)]
mod tests {
    use super::super::read_whole;
    use super::*;
    use evidence::SourceId;

    #[test]
    fn a_notification_tells_what_it_carries() {
        let alarm = r#"{\"AlarmName\":\"cart-5xx\",\"NewStateValue\":\"ALARM\",\"NewStateReason\":\"9.0 > 5.0\",\"StateChangeTime\":\"2025-01-01T00:00:05.123+0000\",\"Trigger\":{\"Threshold\":5.0,\"Dimensions\":[{\"name\":\"ServiceName\",\"value\":\"cart\"}]}}"#;
        let notice = format!(
            r#"{{"Type":"Notification","TopicArn":"arn:aws:sns:eu-west-1:0:ops","Subject":"ALARM","Message":"{alarm}","Timestamp":"2025-01-01T00:00:06.000Z"}}"#
        );
        let lambda = format!(r#"{{"Records":[{{"EventSource":"aws:sns","Sns":{notice}}}]}}"#);
        for text in [notice, lambda] {
            let document = read_whole("sns.json", SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("JSON");
            let Body::Alert(alert) = &document.events[0].body else { panic!("an alert") };
            assert_eq!(
                (alert.name.as_str(), alert.service.as_deref(), alert.threshold.as_deref()),
                ("cart-5xx", Some("cart"), Some("5.0"))
            );
            assert_eq!(document.events[0].stamp.map(|s| s.micros / 1_000 % 60_000), Some(5_123));
        }
    }

    #[test]
    fn a_notification_in_words_is_left() {
        let text = "{\"Type\":\"Notification\",\n\"TopicArn\":\"arn:aws:sns:eu-west-1:0:ops\",\"Message\":\"disk is full\",\"Timestamp\":\"2025-01-01T00:00:06.000Z\"}";
        let document = read_whole("sns.json", SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("JSON");
        assert!(document.events.is_empty());
    }
}
