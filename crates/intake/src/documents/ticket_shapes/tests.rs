use super::super::read_whole;
use evidence::{Body, SourceId};

/// What it is, who, the words, seconds since the beginning of 2025.
fn check(text: &str) -> Vec<(String, String, String, i64)> {
    let document = read_whole("t.json", SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("JSON");
    let told = document.events.into_iter().map(|e| {
        let at = e.stamp.map_or(-1, |s| s.micros / 1_000_000 - 1_735_689_600);
        match e.body {
            Body::Message(m) => ("said".to_string(), m.author, m.text, at),
            Body::Page(p) => {
                let about = [p.incident, p.priority.unwrap_or_default(), p.service.unwrap_or_default()].join(" ");
                (format!("{:?} {about}", p.action), p.actor.unwrap_or_default(), p.text, at)
            }
            other => panic!("{other:?}"),
        }
    });
    told.collect()
}

fn told(what: &str, who: &str, words: &str, at: i64) -> (String, String, String, i64) {
    (what.into(), who.into(), words.into(), at)
}

#[test]
fn an_incident_of_servicenow_with_its_notes() {
    let text = r#"{"result":[{"number":"INC0010023","short_description":"Cart fails","description":"","state":"6","priority":"1","opened_at":"2025-01-01 00:00:05","resolved_at":"2025-01-01 00:20:05","opened_by":{"display_value":"Ann Lee"},"cmdb_ci":{"display_value":"cart"},"work_notes":"2025-01-01 00:10:05 - Bo Lund (Work notes)\nrolled back\n\n2025-01-01 00:05:05 - Bo Lund (Work notes)\npool is exhausted\n\n"},
        {"number":"RITM0010024","short_description":"New laptop","opened_at":"2025-01-01 00:00:06","opened_by":{"display_value":"Cy"}}]}"#;
    let expected = [
        told("Triggered INC0010023 1 cart", "", "Cart fails", 5),
        told("Resolved INC0010023 1 cart", "", "Cart fails", 1_205),
        told("said", "Bo Lund", "rolled back", 605),
        told("said", "Bo Lund", "pool is exhausted", 305),
        told("said", "Cy", "New laptop", 6),
    ];
    assert_eq!(check(text), expected);
}

#[test]
fn tools_that_keep_nothing_but_incidents() {
    let datadog = r#"{"data":[{"id":"0","type":"incidents","attributes":{"public_id":17,"title":"Cart down","customer_impacted":true,"created":"2025-01-01T00:00:05Z","resolved":"2025-01-01T00:20:05Z","fields":{"severity":{"value":"SEV-2"},"services":{"value":["cart"]}}}}]}"#;
    let both = [told("Triggered 17 SEV-2 cart", "", "Cart down", 5), told("Resolved 17 SEV-2 cart", "", "Cart down", 1_205)];
    assert_eq!(check(datadog), both);
    let rootly = r#"{"data":{"id":"5b","type":"incidents","attributes":{"sequential_id":42,"title":"Cart down","slug":"cart-down","severity":{"data":{"attributes":{"name":"SEV1"}}},"services":[{"name":"cart"}],"started_at":"2025-01-01T00:00:05Z","acknowledged_at":"2025-01-01T00:02:05Z","mitigated_at":"2025-01-01T00:18:05Z","resolved_at":"2025-01-01T00:20:05Z"}}}"#;
    let steps: Vec<String> = check(rootly).into_iter().map(|(what, ..)| what).collect();
    assert_eq!(steps, ["Triggered 42 SEV1 cart", "Acknowledged 42 SEV1 cart", "Note 42 SEV1 cart", "Resolved 42 SEV1 cart"]);
    let hydrant = r#"{"id":"f1","name":"Cart down","number":7,"severity":"SEV1","current_milestone":"resolved","milestones":[{"type":"started","occurred_at":"2025-01-01T00:00:05Z"},{"type":"acknowledged","occurred_at":"2025-01-01T00:02:05Z"},{"type":"resolved","occurred_at":"2025-01-01T00:20:05Z"}],"services":[{"name":"cart"}]}"#;
    assert_eq!(check(hydrant)[1], told("Acknowledged 7 SEV1 cart", "", "Cart down", 125));
}

#[test]
fn an_issue_is_an_incident_by_its_label_and_else_what_somebody_wrote() {
    let github = |label: &str| {
        format!(
            r#"[{{"repository_url":"https://api.github.com/repos/shop/cart","number":7,"title":"Cart down","user":{{"login":"ann"}},"labels":[{{"name":"{label}"}}],"state":"closed","created_at":"2025-01-01T00:00:05Z","closed_at":"2025-01-01T00:20:05Z","body":"503s"}}]"#
        )
    };
    let paged = [told("Triggered 7  ", "", "Cart down\n503s", 5), told("Resolved 7  ", "", "Cart down", 1_205)];
    assert_eq!(check(&github("incident")), paged);
    assert_eq!(check(&github("bug")), [told("said", "ann", "Cart down\n503s", 5)]);
    let comment = r#"[{"id":1,"issue_url":"https://api.github.com/repos/shop/cart/issues/7","body":"rolled back","user":{"login":"bo"},"created_at":"2025-01-01T00:10:05Z"}]"#;
    assert_eq!(check(comment), [told("said", "bo", "rolled back", 605)]);
    let gitlab = r#"[{"iid":6,"title":"Cart down","description":"503s","author":{"username":"ann","name":"Ann Lee"},"created_at":"2025-01-01T00:00:05Z","closed_at":"2025-01-01T00:20:05Z","closed_by":{"name":"Bo"},"issue_type":"incident","severity":"CRITICAL"}]"#;
    assert_eq!(check(gitlab)[1], told("Resolved 6 CRITICAL ", "Bo", "Cart down", 1_205));
    let zendesk = r#"{"tickets":[{"id":3,"subject":"Cannot pay","description":"error 503","status":"open","type":"incident","created_at":"2025-01-01T00:00:05Z","requester_id":12,"via":{"channel":"web"}}]}"#;
    assert_eq!(check(zendesk), [told("said", "12", "Cannot pay\nerror 503", 5)]);
}

#[test]
fn a_step_of_grafana_oncall_is_told_once() {
    let text = r#"{"event":{"type":"acknowledge","time":"2025-01-01T00:02:05+00:00"},"user":{"username":"ann"},"alert_group":{"id":"I6","state":"acknowledged","created_at":"2025-01-01T00:00:05Z","acknowledged_at":"2025-01-01T00:02:05Z","title":"Memory is full"},"alert_group_id":"I6","alert_payload":{"labels":{"service":"cart"},"status":"firing","startsAt":"2025-01-01T00:00:05Z","annotations":{}},"integration":{"name":"a"}}"#;
    assert_eq!(check(text), [told("Acknowledged I6  cart", "ann", "Memory is full", 125)]);
}
