//! What a content network logs of itself: which version of the settings was made active.
//!
//! One event for each activation, in the words of the network. It must never tell a version that was only cloned or edited:
//! nothing ran with it. What breaks it: a network that names its services by numbers only, of which several are in one export.

use evidence::{Body, ChangePhase, Deploy, Stamp};

use super::changes::is_rollback;
use super::json::El;
use super::{Context, Out};

/// How a network tells that something about a service was changed.
struct Shape {
    format: &'static str,
    needs: &'static [&'static str],
    /// Where it says what was done, and the words of which one says that it took effect.
    what: &'static [&'static str],
    active: &'static [&'static str],
    service: &'static [&'static str],
    version: &'static [&'static str],
    at: &'static [&'static str],
    actor: &'static [&'static str],
    environment: &'static [&'static str],
    text: &'static [&'static str],
}

const SHAPES: [Shape; 2] = [
    Shape {
        format: "fastly_events",
        needs: &["attributes.event_type", "attributes.created_at"],
        what: &["attributes.event_type"],
        active: &["version.activate"],
        service: &["attributes.service_name", "attributes.metadata.service_name"],
        version: &["attributes.metadata.version", "attributes.metadata.version_number"],
        at: &["attributes.created_at"],
        actor: &["attributes.user_name", "attributes.metadata.user_name", "attributes.user_id"],
        environment: &[],
        text: &["attributes.description"],
    },
    Shape {
        format: "akamai_activations",
        needs: &["propertyName", "propertyVersion", "network", "submitDate"],
        what: &["status"],
        active: &["active"],
        service: &["propertyName"],
        version: &["propertyVersion"],
        at: &["updateDate", "submitDate"],
        actor: &["submittedBy", "notifyEmails"],
        environment: &["network"],
        text: &["note"],
    },
];

pub fn read(element: El<'_>, context: &Context<'_>, out: &mut Out) -> bool {
    let has = |shape: &Shape| shape.needs.iter().all(|path| element.dig(path).is_some());
    let Some(shape) = SHAPES.iter().find(|shape| !context.is_line && has(shape)) else { return false };
    out.is(shape.format);
    match told(element, shape, context) {
        Some((stamp, change)) => out.add(element, Some(stamp), Body::Deploy(change)),
        None => out.others += 1,
    }
    true
}

fn told(element: El<'_>, shape: &Shape, context: &Context<'_>) -> Option<(Stamp, Deploy)> {
    let first = |paths: &[&str]| element.first(paths).filter(|text| !text.is_empty());
    let what = first(shape.what)?.to_lowercase();
    let is_active = shape.active.contains(&what.as_str());
    let environment = first(shape.environment).map(|e| e.to_lowercase());
    if !is_active || environment.as_deref() == Some("staging") {
        return None;
    }
    let text = first(shape.text).unwrap_or_else(|| what.clone());
    let of_network = shape.format.split('_').next().unwrap_or_default().to_string();
    let deploy = Deploy {
        // Without a name it is the network itself, by the name under which its exports lie here.
        service: first(shape.service)
            .or_else(|| context.folder().map(str::to_lowercase).filter(|f| *f == of_network))
            .or(Some(of_network)),
        version: first(shape.version).or_else(|| numbered(&text)),
        sha: None,
        phase: ChangePhase::Finished,
        finished: None,
        rollback: is_rollback(&[&text]),
        environment,
        actor: first(shape.actor),
        kind: "config".into(),
        text,
    };
    Some((element.stamp(shape.at)?, deploy))
}

/// `Version 318 was activated`.
fn numbered(text: &str) -> Option<String> {
    let mut words = text.split_whitespace().skip_while(|word| !word.eq_ignore_ascii_case("version"));
    words.nth(1).filter(|word| word.bytes().all(|b| b.is_ascii_digit())).map(str::to_string)
}

#[cfg(test)]
mod tests {
    use super::super::read_whole;
    use super::*;
    use evidence::SourceId;

    /// Service, version, who, and the minute of the day.
    fn told(text: &str) -> Vec<(String, Option<String>, Option<String>, i64)> {
        let document = read_whole("cdn.json", SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("JSON");
        let told = document.events.into_iter().map(|e| match e.body {
            Body::Deploy(d) if d.kind == "config" => {
                (d.service.unwrap_or_default(), d.version, d.actor, e.stamp.map_or(-1, |s| s.micros / 60_000_000 % 1_440))
            }
            other => panic!("{other:?}"),
        });
        told.collect()
    }

    #[test]
    fn an_activation_is_a_change_and_a_login_or_a_clone_is_none() {
        let event = |kind: &str, words: &str| {
            format!(
                r#"{{"id":"e1","type":"event","attributes":{{"created_at":"2025-01-01T00:05:00Z","description":"{words}","event_type":"{kind}","service_id":"SU1","user_id":"u-ann"}}}}"#
            )
        };
        let list = [
            event("version.activate", "Version 41 was activated"),
            event("version.clone", "Version 40 was cloned"),
            event("user.login", "Ann logged in"),
        ];
        let ann = || Some("u-ann".to_string());
        assert_eq!(told(&format!(r#"{{"data":[{}]}}"#, list.join(","))), [("fastly".into(), Some("41".into()), ann(), 5)]);
    }

    #[test]
    fn a_property_is_changed_in_production_only() {
        let one = |network: &str, status: &str| {
            format!(
                r#"{{"activationId":"a1","propertyName":"shop.example","propertyVersion":12,"network":"{network}","status":"{status}","submitDate":"2025-01-01T00:05:00Z","submittedBy":"ann","note":"cache key"}}"#
            )
        };
        let list = [one("PRODUCTION", "ACTIVE"), one("STAGING", "ACTIVE"), one("PRODUCTION", "PENDING")];
        let text = format!(r#"{{"activations":{{"items":[{}]}}}}"#, list.join(","));
        assert_eq!(told(&text), [("shop.example".into(), Some("12".into()), Some("ann".into()), 5)]);
    }
}
