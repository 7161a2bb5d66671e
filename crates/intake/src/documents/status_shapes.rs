//! What clouds and their kin publish of their own health, each in members of its own: Google Cloud, AWS Health, Azure Service
//! Health, Salesforce, status.io, Better Stack, and the components of Statuspage. One row of a table says how each is told.
//!
//! It must never tell the time at which something began as the time at which it was published. What breaks it: a notice in
//! a form that somebody shaped anew.

use evidence::{Body, StatusUpdate};

use super::html;
use super::json::El;
use super::shapes::{Paths, at, first, has_all, stamp};
use super::{Context, Out};

struct Shape {
    format: &'static str,
    /// Whose page it is, and which service of theirs.
    vendor: &'static str,
    of: Paths,
    inside: Paths,
    needs: Paths,
    title: Paths,
    impact: Paths,
    began: Paths,
    ended: Paths,
    /// The list of its updates; empty where the element is one itself.
    updates: &'static str,
    words: Paths,
    state: Paths,
    /// What numbers mean that stand for a state.
    states: &'static [(&'static str, &'static str)],
    published: Paths,
}

const SHAPES: [Shape; 8] = [
    Shape {
        format: "google_cloud_status",
        vendor: "Google Cloud",
        of: &["service_name", "affected_products.title"],
        inside: &[],
        needs: &["external_desc", "begin", "status_impact"],
        title: &["external_desc"],
        impact: &["status_impact", "severity"],
        began: &["begin"],
        ended: &["end"],
        updates: "updates",
        words: &["text"],
        state: &["status"],
        states: &[],
        published: &["created", "when"],
    },
    Shape {
        format: "aws_health",
        vendor: "AWS",
        of: &["service"],
        inside: &["event", "detail"],
        needs: &["eventTypeCode", "eventTypeCategory", "service"],
        title: &["eventTypeCode"],
        impact: &["eventTypeCategory"],
        began: &["startTime"],
        ended: &["endTime"],
        updates: "",
        words: &["eventDescription.latestDescription", "eventTypeCode"],
        state: &["statusCode"],
        states: &[],
        published: &["lastUpdatedTime", "time", "startTime"],
    },
    Shape {
        format: "azure_service_health",
        vendor: "Azure",
        of: &["properties.service"],
        inside: &["data.context.activityLog", "data.alertContext", "alertContext"],
        needs: &["properties.incidentType", "properties.trackingId"],
        title: &["properties.title"],
        impact: &["properties.incidentType"],
        began: &["properties.impactStartTime"],
        ended: &["properties.impactMitigationTime"],
        updates: "",
        words: &["properties.communication", "properties.defaultLanguageContent", "description", "properties.title"],
        state: &["properties.stage", "status"],
        states: &[],
        published: &["eventTimestamp", "submissionTimestamp"],
    },
    Shape {
        format: "salesforce_trust",
        vendor: "Salesforce",
        of: &["instanceKeys", "serviceKeys"],
        inside: &[],
        needs: &["IncidentEvents", "IncidentImpacts"],
        title: &["externalId", "serviceKeys", "type"],
        impact: &["IncidentImpacts.severity", "IncidentImpacts.type"],
        began: &["IncidentImpacts.startTime"],
        ended: &["IncidentImpacts.endTime"],
        updates: "IncidentEvents",
        words: &["message"],
        state: &["type"],
        states: &[],
        published: &["createdAt"],
    },
    Shape {
        format: "status_io",
        vendor: "",
        of: &["components_affected.name", "name"],
        inside: &[],
        needs: &["name", "messages", "datetime_open"],
        title: &["name"],
        impact: &[],
        began: &["datetime_open"],
        ended: &["datetime_resolved"],
        updates: "messages",
        words: &["details"],
        state: &["state"],
        states: &[("100", "investigating"), ("200", "identified"), ("300", "monitoring")],
        published: &["datetime"],
    },
    Shape {
        format: "better_stack",
        vendor: "",
        of: &["title"],
        inside: &["attributes"],
        needs: &["message", "published_at", "affected_resources"],
        title: &["title"],
        impact: &["affected_resources.status"],
        began: &[],
        ended: &[],
        updates: "",
        words: &["message"],
        state: &["affected_resources.status"],
        states: &[],
        published: &["published_at"],
    },
    Shape {
        format: "status_page",
        vendor: "",
        of: &["page.name", "component.name"],
        inside: &[],
        needs: &["component_update.new_status", "component.name"],
        title: &["component.name"],
        impact: &["page.status_indicator"],
        began: &[],
        ended: &[],
        updates: "",
        words: &["page.status_description", "component_update.new_status"],
        state: &["component_update.new_status"],
        states: &[],
        published: &["component_update.created_at"],
    },
    Shape {
        format: "cloudflare_status",
        vendor: "Cloudflare",
        of: &[],
        inside: &["data"],
        needs: &["incident_impact", "incident_name"],
        title: &["incident_name"],
        impact: &["incident_impact"],
        began: &["incident_created_at"],
        ended: &[],
        updates: "",
        words: &["incident_status_message", "incident_name"],
        state: &["incident_status"],
        states: &[],
        published: &["ts", "incident_created_at"],
    },
];

pub fn read(element: El<'_>, context: &Context<'_>, out: &mut Out) -> bool {
    let inner = |shape: &Shape| {
        let within = shape.inside.iter().filter_map(|path| element.dig(path));
        std::iter::once(element).chain(within).find(|e| has_all(*e, shape.needs))
    };
    let Some((shape, about)) = SHAPES.iter().find_map(|shape| Some((shape, inner(shape)?))) else { return false };
    out.is(shape.format);
    if shape.updates.is_empty() {
        out.add(element, published(element, about, shape), Body::Status(update(element, about, about, shape, context)));
        return true;
    }
    let listed = at(about, shape.updates).into_iter().flat_map(El::items);
    let mut is_told = false;
    for item in listed.filter(|item| first(*item, shape.words).is_some()) {
        is_told = true;
        out.add(item, stamp(item, shape.published), Body::Status(update(item, item, about, shape, context)));
    }
    out.others += u64::from(!is_told);
    true
}

fn published(element: El<'_>, about: El<'_>, shape: &Shape) -> Option<evidence::Stamp> {
    stamp(about, shape.published).or_else(|| stamp(element, shape.published))
}

fn update(outer: El<'_>, item: El<'_>, about: El<'_>, shape: &Shape, context: &Context<'_>) -> StatusUpdate {
    let words = first(item, shape.words).filter(|w| !w.is_empty());
    // AWS tells the words beside the event that they are about.
    let beside = first(outer, shape.words);
    let words = beside.or(words).unwrap_or_default();
    let state = first(item, shape.state).unwrap_or_default();
    let named = shape.states.iter().find(|(number, _)| *number == state).map(|(_, name)| name.to_string());
    let of = first(about, shape.of);
    let provider = match (shape.vendor, of) {
        ("", of) => of.unwrap_or_else(|| context.stem().to_string()),
        (vendor, Some(of)) if !of.starts_with(vendor) => format!("{vendor} {of}"),
        (vendor, _) => vendor.to_string(),
    };
    let region = first(about, &["region", "eventRegion", "properties.region"]);
    let title = first(about, shape.title).unwrap_or_default();
    StatusUpdate {
        provider,
        title: region.filter(|_| !title.is_empty()).map_or(title.clone(), |region| format!("{title} ({region})")),
        state: named.unwrap_or(state),
        body: if html::is_html(&words) { html::text(&words) } else { words },
        impact: first(about, shape.impact),
        started: stamp(about, shape.began),
        resolved: stamp(about, shape.ended),
    }
}

#[cfg(test)]
mod tests {
    use super::super::read_whole;
    use super::*;
    use evidence::SourceId;

    /// Provider, state, words, seconds since the beginning of 2025.
    fn check(text: &str) -> Vec<(String, String, String, i64)> {
        let document = read_whole("s.json", SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("JSON");
        let told = document.events.into_iter().map(|e| match (e.stamp, e.body) {
            (Some(at), Body::Status(s)) => (s.provider, s.state, s.body, at.micros / 1_000_000 - 1_735_689_600),
            other => panic!("{other:?}"),
        });
        told.collect()
    }

    fn told(provider: &str, state: &str, words: &str, at: i64) -> (String, String, String, i64) {
        (provider.into(), state.into(), words.into(), at)
    }

    #[test]
    fn three_clouds() {
        let google = r#"[{"id":"a","number":"1","begin":"2024-12-31T23:00:00+00:00","created":"2025-01-01T00:00:05+00:00","end":"2025-01-01T01:00:00+00:00","external_desc":"Errors in Cloud SQL","updates":[{"created":"2025-01-01T00:10:05+00:00","when":"2025-01-01T00:10:05+00:00","text":"Mitigation is underway","status":"SERVICE_DISRUPTION","affected_locations":[{"title":"Belgium"}]}],"status_impact":"SERVICE_DISRUPTION","severity":"medium","service_name":"Cloud SQL"}]"#;
        assert_eq!(check(google), [told("Google Cloud Cloud SQL", "SERVICE_DISRUPTION", "Mitigation is underway", 605)]);
        let details = r#"{"successfulSet":[{"event":{"arn":"arn:aws:health:x","service":"RDS","eventTypeCode":"AWS_RDS_OPERATIONAL_ISSUE","eventTypeCategory":"issue","region":"eu-west-1","startTime":1735686000.0,"lastUpdatedTime":1735689605.5,"statusCode":"open"},"eventDescription":{"latestDescription":"We are investigating."}}],"failedSet":[]}"#;
        assert_eq!(check(details), [told("AWS RDS", "open", "We are investigating.", 5)]);
        let bus = r#"{"version":"0","detail-type":"AWS Health Event","source":"aws.health","time":"2025-01-01T00:00:06Z","detail":{"service":"EC2","eventTypeCode":"AWS_EC2_OPERATIONAL_ISSUE","eventTypeCategory":"issue","startTime":"Tue, 31 Dec 2024 23:00:00 GMT","lastUpdatedTime":"Wed, 1 Jan 2025 00:00:05 GMT","statusCode":"open","eventDescription":[{"language":"en_US","latestDescription":"API errors."}]}}"#;
        assert_eq!(check(bus), [told("AWS EC2", "open", "API errors.", 5)]);
        let azure = r#"{"schemaId":"Microsoft.Insights/activityLogs","data":{"status":"Activated","context":{"activityLog":{"eventSource":"ServiceHealth","eventTimestamp":"2025-01-01T00:00:05+00:00","level":"Warning","properties":{"title":"VMs in Australia East","service":"Virtual Machines","region":"Australia East","communication":"<p>Customers may see errors</p>","incidentType":"Incident","trackingId":"0NIH","impactStartTime":"2024-12-31T23:00:00Z","stage":"Active"},"status":"Active"}}}}"#;
        assert_eq!(check(azure), [told("Azure Virtual Machines", "Active", "Customers may see errors", 5)]);
    }

    #[test]
    fn pages_of_other_vendors() {
        let trust = r#"[{"id":1,"type":"Incident","status":"Resolved","instanceKeys":["EU1"],"serviceKeys":["coreService"],"IncidentImpacts":[{"startTime":"2024-12-31T23:00:00.000Z","severity":"major"}],"IncidentEvents":[{"id":1,"type":"Initial","message":"We are investigating","createdAt":"2025-01-01T00:00:05.000Z"}]}]"#;
        assert_eq!(check(trust), [told("Salesforce EU1", "Initial", "We are investigating", 5)]);
        let io = r#"{"result":{"resolved_incidents":[{"_id":"5","name":"Cart errors","datetime_open":"2025-01-01T00:00:05.000Z","messages":[{"datetime":"2025-01-01T00:00:05.000Z","details":"We are investigating","state":100,"status":500}],"components_affected":[{"name":"Cart"}]}]}}"#;
        assert_eq!(check(io), [told("Cart", "investigating", "We are investigating", 5)]);
        let component = r#"{"meta":{"generated_at":"2025-01-01T00:00:06Z"},"page":{"id":"p","status_description":"Partial System Outage"},"component_update":{"created_at":"2025-01-01T00:00:05Z","new_status":"major_outage","old_status":"operational"},"component":{"id":"c","name":"Cart","status":"major_outage"}}"#;
        assert_eq!(check(component), [told("Cart", "major_outage", "Partial System Outage", 5)]);
    }
}
