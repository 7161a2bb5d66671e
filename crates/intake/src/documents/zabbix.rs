//! Zabbix: problems and events as its API gives them, and the lines of its export of events.
//!
//! It must never take an event of discovery or of an item for a problem: only those of triggers are. The end of a problem
//! that the export tells by its number only is found among the problems before it. What breaks it: an export of which only the
//! recoveries were kept.

use evidence::{AlertState, Body, Page, PageAction, Stamp};

use super::alerts::service;
use super::json::El;
use super::shapes::{pairs, stamp};
use super::{Context, Out};

const SEVERITIES: [&str; 6] = ["Not classified", "Information", "Warning", "Average", "High", "Disaster"];

pub fn read(element: El<'_>, _context: &Context<'_>, out: &mut Out) -> bool {
    let is_event = element.has_all(&["eventid", "clock", "ns"]);
    // Of other sources come discoveries, registrations and events of items.
    let is_of_trigger =
        ["", "0"].contains(&element.word("source").as_str()) && ["", "0"].contains(&element.word("object").as_str());
    if !is_event {
        return false;
    }
    out.is("zabbix");
    match (is_of_trigger, element.word("value").as_str()) {
        (true, "0") => recovered(element, out),
        (true, _) if element.has("name") => problem(element, out),
        _ => out.others += 1,
    }
    true
}

fn problem(element: El<'_>, out: &mut Out) {
    let mut labels = element.get("tags").map(pairs).unwrap_or_default();
    let host = element.list("hosts").next().and_then(|host| host.text().or_else(|| host.first(&["host", "name"])));
    let service = service(&labels);
    labels.push(("eventid".to_string(), element.word("eventid")));
    labels.extend(host.map(|host| ("host".to_string(), host)));
    labels.sort();
    let severity = element.first(&["severity"]);
    let name = element.word("name");
    let ends = stamp(element, &["r_clock"]);
    let told = AlertState {
        severity: severity.and_then(|s| SEVERITIES.get(s.parse::<usize>().ok()?)).map(|s| s.to_string()),
        service: service.clone(),
        summary: element.first(&["opdata"]).map_or_else(|| name.clone(), |now| format!("{name}; {now}")),
        firing: true,
        ends,
        name: name.clone(),
        labels,
        ..AlertState::default()
    };
    out.add(element, element.stamp(&["clock"]), Body::Alert(told.clone()));
    for step in element.list("acknowledges") {
        let bits: u32 = step.word("action").parse().unwrap_or(0);
        let words = step.first(&["message"]);
        let action = if bits & 2 != 0 { PageAction::Acknowledged } else { PageAction::Note };
        // Beside those, somebody only set a severity or looked away.
        if bits & 2 == 0 && words.is_none() {
            continue;
        }
        let page = Page {
            incident: element.word("eventid"),
            title: name.clone(),
            action,
            actor: step.first(&["username", "alias", "name"]),
            priority: told.severity.clone(),
            urgency: None,
            service: service.clone(),
            text: words.unwrap_or_else(|| name.clone()),
        };
        out.add(step, step.stamp(&["clock"]), Body::Page(page));
    }
    if ends.is_some() {
        out.add(element, ends, Body::Alert(AlertState { firing: false, ..told }));
    }
}

/// The end of a problem: by the number of the problem, or by that of its end, or an event of the same name.
fn recovered(element: El<'_>, out: &mut Out) {
    let (of, own) = (element.word("p_eventid"), element.word("name"));
    let at: Option<Stamp> = element.stamp(&["clock"]);
    let is_begun = |alert: &AlertState| {
        let number = alert.labels.iter().find(|(key, _)| key == "eventid").map(|(_, value)| value.as_str());
        if of.is_empty() { alert.name == own } else { number == Some(of.as_str()) }
    };
    let alerts = out.events.iter().rev().filter_map(|event| match &event.body {
        Body::Alert(alert) if alert.firing => Some(alert),
        _ => None,
    });
    let begun = alerts.into_iter().find(|alert| is_begun(alert)).cloned();
    match begun
        .or_else(|| (!own.is_empty()).then(|| AlertState { name: own.clone(), summary: own.clone(), ..AlertState::default() }))
    {
        Some(alert) => out.add(element, at, Body::Alert(AlertState { firing: false, ends: at, ..alert })),
        None => out.others += 1,
    }
}

#[cfg(test)]
mod tests {
    use super::super::read_whole;
    use super::*;
    use evidence::SourceId;

    /// Name or step, whether it fires, severity, service, seconds since the beginning of 2025.
    fn check(text: &str) -> Vec<(String, bool, Option<String>, Option<String>, i64)> {
        let document = read_whole("z.json", SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("JSON");
        let told = document.events.into_iter().map(|e| {
            let at = e.stamp.map_or(0, |s| s.micros / 1_000_000 - 1_735_689_600);
            match e.body {
                Body::Alert(a) => (a.name, a.firing, a.severity, a.service, at),
                Body::Page(p) => (format!("{:?}: {}", p.action, p.text), false, p.actor, p.service, at),
                other => panic!("{other:?}"),
            }
        });
        told.collect()
    }

    fn told(
        name: &str,
        firing: bool,
        severity: &str,
        service: &str,
        at: i64,
    ) -> (String, bool, Option<String>, Option<String>, i64) {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_string());
        (name.into(), firing, some(severity), some(service), at)
    }

    #[test]
    fn problems_with_who_took_them_and_their_end() {
        let text = r#"{"jsonrpc":"2.0","result":[{"eventid":"1245463","source":"0","object":"0","objectid":"15112","clock":"1735689605","ns":"209442442","r_eventid":"1245468","r_clock":"1735690205","r_ns":"125644870","name":"No data from cart-1","acknowledged":"1","severity":"3","opdata":"","acknowledges":[{"acknowledgeid":"1","userid":"1","username":"ann","clock":"1735689665","message":"looking","action":"6"},{"acknowledgeid":"2","userid":"1","clock":"1735689666","message":"","action":"8"}],"suppressed":"0","tags":[{"tag":"service","value":"cart"}]},
            {"eventid":"1245464","source":"0","object":"0","clock":"1735689606","ns":"0","r_eventid":"0","r_clock":"0","name":"Disk is full","severity":"4","acknowledges":[],"tags":[]}],"id":1}"#;
        let expected = [
            told("No data from cart-1", true, "Average", "cart", 5),
            told("Acknowledged: looking", false, "ann", "cart", 65),
            told("No data from cart-1", false, "Average", "cart", 605),
            told("Disk is full", true, "High", "", 6),
        ];
        assert_eq!(check(text), expected);
    }

    #[test]
    fn events_and_lines_of_the_export_end_the_problems_before_them() {
        let events = r#"{"result":[{"eventid":"9695","source":"0","object":"0","clock":"1735689605","value":"1","ns":"4","name":"MySQL is down","severity":"5","hosts":[{"hostid":"1","host":"db-1"}]},
            {"eventid":"9697","source":"0","object":"0","clock":"1735689905","value":"0","ns":"0","name":"MySQL is down","severity":"0"},
            {"eventid":"9698","source":"3","object":"4","clock":"1735689906","value":"1","ns":"0","name":"item is not supported","severity":"0"}]}"#;
        let both = [told("MySQL is down", true, "Disaster", "", 5), told("MySQL is down", false, "Disaster", "", 305)];
        assert_eq!(check(events), both);
        let lines = r#"[{"clock":1735689605,"ns":153,"value":1,"eventid":42,"name":"MySQL is down","severity":5,"hosts":[{"host":"db-1","name":"DB 1"}],"groups":["Linux"],"tags":[]},
            {"clock":1735689905,"ns":1,"value":0,"eventid":43,"p_eventid":42}]"#;
        assert_eq!(check(lines), both);
    }
}
