//! Kubernetes events: `kubectl get events -o json`, both versions of the interface, and tools' own short forms.
//!
//! It must never take an entry of the audit log for an event. The stamp is the first occurrence; how long it went on is
//! told by `first` and `last`.

use evidence::{Body, ChangePhase, Deploy, KubeEvent};

use super::changes::{sha, version_in};
use super::json::El;
use super::{Context, Out};

/// Events of what releases for a cluster (Flux, Argo CD): kind, reason, phase, and whether it goes back.
const RELEASES: [(&str, &str, ChangePhase, bool); 9] = [
    ("HelmRelease", "InstallSucceeded", ChangePhase::Finished, false),
    ("HelmRelease", "InstallFailed", ChangePhase::Failed, false),
    ("HelmRelease", "UpgradeSucceeded", ChangePhase::Finished, false),
    ("HelmRelease", "UpgradeFailed", ChangePhase::Failed, false),
    ("HelmRelease", "RollbackSucceeded", ChangePhase::Finished, true),
    ("HelmRelease", "RollbackFailed", ChangePhase::Failed, true),
    ("Application", "OperationCompleted", ChangePhase::Finished, false),
    ("Application", "OperationStarted", ChangePhase::Started, false),
    ("Application", "OperationFailed", ChangePhase::Failed, false),
];

pub fn read(element: El<'_>, _context: &Context<'_>, out: &mut Out) -> bool {
    let object = ["involvedObject", "regarding", "involved_object", "object"].iter().find_map(|k| element.get(k));
    let (Some(object), Some(reason)) = (object, element.first(&["reason"])) else { return false };
    if !element.has_any(&["message", "note", "type"]) {
        return false;
    }
    out.is("kubernetes_events");
    let (kind, name) = object_of(object);
    let first = element.stamp(&["firstTimestamp", "deprecatedFirstTimestamp", "first_time", "firstSeen", "first_seen"]);
    let single = element.stamp(&["eventTime", "timestamp", "time", "metadata.creationTimestamp"]);
    let last = element.stamp(&[
        "lastTimestamp",
        "series.lastObservedTime",
        "deprecatedLastTimestamp",
        "last_time",
        "lastSeen",
        "last_seen",
    ]);
    let count = ["count", "series.count", "deprecatedCount"].iter().find_map(|k| element.dig(k)).and_then(El::number);
    let event = KubeEvent {
        reason,
        kind,
        name,
        namespace: object.first(&["namespace"]).or_else(|| element.first(&["metadata.namespace", "namespace"])),
        container: object.first(&["fieldPath"]).and_then(|p| container(&p)),
        message: element.first(&["message", "note"]).unwrap_or_default(),
        warning: element.word("type").eq_ignore_ascii_case("warning"),
        count: count.map_or(1, |n| n.max(1.0) as u32),
        first: first.or(single),
        last: last.or(first).or(single),
        exit_code: None,
        is_state: false,
    };
    out.add(element, first.or(single).or(last), told(event));
    true
}

/// What an event tells: a change where it is that of a release, else what happened to an object.
pub fn told(event: KubeEvent) -> Body {
    if let Some(deploy) = applied(&event) {
        return Body::Deploy(deploy);
    }
    let known = RELEASES.iter().find(|(kind, reason, ..)| *kind == event.kind && *reason == event.reason);
    let chart = event.message.split_once(" with chart ").map(|(_, rest)| rest.split([' ', ':', ',']).next().unwrap_or(rest));
    let version = chart.and_then(|chart| chart.split_once('@')).map(|(_, version)| version.to_string());
    let synced = event.message.strip_prefix("Sync operation to ").and_then(|rest| sha(rest.split(' ').next()?));
    let Some((.., phase, rollback)) = known.filter(|_| version.is_some() || synced.is_some()) else {
        return Body::Kube(event);
    };
    Body::Deploy(Deploy {
        service: Some(event.name),
        version: version.or_else(|| synced.clone()),
        sha: synced,
        phase: *phase,
        finished: None,
        rollback: *rollback,
        environment: event.namespace,
        actor: None,
        kind: "deploy".into(),
        text: event.message,
    })
}

/// What Flux applied: `Applied revision: main@sha1:0a1b2c3`. A kustomization of many things is none of the services.
fn applied(event: &KubeEvent) -> Option<Deploy> {
    const OF_MANY: [&str; 6] = ["flux-system", "apps", "infrastructure", "infra", "cluster", "tenants"];
    let revision = event.message.strip_prefix("Applied revision: ").filter(|_| event.kind == "Kustomization")?;
    let sha = revision.split_once("sha1:").or(revision.split_once('/')).and_then(|(_, rest)| sha(rest.split(' ').next()?));
    Some(Deploy {
        service: Some(event.name.clone()).filter(|name| !OF_MANY.contains(&name.as_str())),
        version: version_in(revision.split_once(" (").map_or("", |(_, words)| words)).or_else(|| sha.clone()),
        sha,
        phase: ChangePhase::Finished,
        finished: None,
        rollback: false,
        environment: event.namespace.clone(),
        actor: None,
        kind: "deploy".into(),
        text: event.message.clone(),
    })
}

/// `Node/name`, or an object with kind and name.
fn object_of(object: El<'_>) -> (String, String) {
    match object.text() {
        Some(text) => {
            let (kind, name) = text.split_once('/').unwrap_or(("", &text));
            (kind.to_string(), name.to_string())
        }
        None => (object.word("kind"), object.word("name")),
    }
}

/// The name in `spec.containers{name}`.
fn container(path: &str) -> Option<String> {
    let (_, rest) = path.split_once('{')?;
    Some(rest.trim_end_matches('}').to_string())
}

#[cfg(test)]
mod tests {
    use super::super::read_whole;
    use super::*;
    use evidence::SourceId;

    fn check(text: &str) -> Vec<KubeEvent> {
        let document = read_whole("e.json", SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("JSON");
        let seen = document.events.into_iter().map(|e| if let Body::Kube(k) = e.body { k } else { panic!("an event") });
        seen.collect()
    }

    #[test]
    fn an_event_of_a_container() {
        let text = r#"{"kind":"List","items":[{"kind":"Event","count":3,"eventTime":null,"firstTimestamp":"2024-02-07T09:00:01Z",
            "lastTimestamp":"2024-02-07T09:00:44Z","involvedObject":{"kind":"Pod","name":"p-1","namespace":"prod","fieldPath":"spec.containers{api}"},
            "message":"Back-off","reason":"BackOff","type":"Warning"}]}"#;
        let seen = &check(text)[0];
        assert_eq!((seen.reason.as_str(), seen.count, seen.container.as_deref()), ("BackOff", 3, Some("api")));
        assert!(seen.warning && seen.first < seen.last);
    }

    #[test]
    fn what_flux_applied_is_a_change() {
        let event = |kind: &str, name: &str, message: &str| {
            told(KubeEvent { kind: kind.into(), name: name.into(), message: message.into(), ..KubeEvent::default() })
        };
        let applied =
            |name: &str, more: &str| match event("Kustomization", name, &format!("Applied revision: main@sha1:0a1b2c3d{more}")) {
                Body::Deploy(d) => (d.service, d.version, d.sha),
                other => panic!("{other:?}"),
            };
        assert_eq!(applied("cart", " (cart 1.4.0)"), (Some("cart".into()), Some("1.4.0".into()), Some("0a1b2c3d".into())));
        assert_eq!(applied("apps", ""), (None, Some("0a1b2c3d".into()), Some("0a1b2c3d".into())));
        assert!(matches!(event("Kustomization", "cart", "Reconciliation finished in 1.2s"), Body::Kube(_)));
    }

    #[test]
    fn the_short_form_of_a_tool() {
        let text = r#"{"warning_events":[{"namespace":"d","reason":"NodeNotReady","message":"m","type":"Warning","count":1,
            "involved_object":"Node/n-1","first_time":"2026-04-18T10:25:00Z"}]}"#;
        let seen = &check(text)[0];
        assert_eq!((seen.kind.as_str(), seen.name.as_str()), ("Node", "n-1"));
    }
}
