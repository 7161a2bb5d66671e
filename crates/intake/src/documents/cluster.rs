//! States of Kubernetes objects that hold no containers: services and their endpoints, autoscalers, claims, quotas.
//!
//! Both the objects of the interface and tools' own short forms. It must never take what somebody asks for (a manifest)
//! for a state. An autoscaler at its cap or a quota that is used up is told as it is: whether it harms, others decide.

use evidence::{Body, KubeEvent};

use super::json::El;
use super::{Context, Out};

pub fn read(element: El<'_>, context: &Context<'_>, out: &mut Out) -> bool {
    let Some(name) = element.first(&["metadata.name", "name"]).filter(|_| !context.is_line) else { return false };
    let kinds = [endpoints, autoscaler, claim, quota];
    let Some((kind, reason, message)) = kinds.iter().find_map(|kind| kind(element)) else { return false };
    out.is("kubernetes_objects");
    let event = KubeEvent {
        reason: reason.to_string(),
        kind: kind.to_string(),
        name,
        namespace: element.first(&["metadata.namespace", "namespace"]),
        message,
        warning: true,
        count: 1,
        is_state: true,
        ..KubeEvent::default()
    };
    out.add(element, None, Body::Kube(event));
    true
}

/// Kind of the object, the word for its state, and what there is to say.
type State = (&'static str, &'static str, String);

/// A service that no ready pod stands behind.
fn endpoints(element: El<'_>) -> Option<State> {
    let kind = element.word("kind");
    let lists = ["endpoints", "ready_endpoints", "ready_addresses", "addresses"];
    let listed = lists.iter().find_map(|k| element.get(k)).filter(|_| element.has_any(&["selector", "cluster_ip", "clusterIP"]));
    let none = match kind.as_str() {
        "Endpoints" => !element.list("subsets").any(|s| s.list("addresses").next().is_some()),
        "EndpointSlice" => !element.list("endpoints").any(|e| e.dig("conditions.ready").and_then(El::truth) != Some(false)),
        _ => match listed {
            Some(list) if list.is_array() => list.items().next().is_none(),
            Some(number) => number.number() == Some(0.0),
            None => false,
        },
    };
    let selector =
        element.get("selector").into_iter().flat_map(El::members).filter_map(|(k, v)| Some(format!("{k}={}", v.text()?)));
    let selector: Vec<String> = selector.collect();
    let by = if selector.is_empty() { String::new() } else { format!(", selector {}", selector.join(",")) };
    none.then(|| ("Service", "NoEndpoints", format!("the service has no ready endpoints{by}")))
}

/// An autoscaler that wants more than it may have.
fn autoscaler(element: El<'_>) -> Option<State> {
    let number = |paths: &[&str]| paths.iter().find_map(|p| element.dig(p)).and_then(El::number);
    let most = number(&["spec.maxReplicas", "max_replicas", "maxReplicas"])?;
    let now = number(&["status.currentReplicas", "current_replicas", "currentReplicas"])?;
    let wanted = number(&["status.desiredReplicas", "desired_replicas", "desiredReplicas"]).unwrap_or(now);
    let says = format!("the autoscaler is at its maximum replicas: {now} of {most}");
    (most > 0.0 && now >= most && wanted >= most).then_some(("HorizontalPodAutoscaler", "AtMaxReplicas", says))
}

/// A claim without a volume.
fn claim(element: El<'_>) -> Option<State> {
    let is_claim = element.word("kind") == "PersistentVolumeClaim"
        || element.has_any(&["storage_class", "storageClassName"]) && element.has_any(&["phase", "status"]);
    let phase = element.first(&["status.phase", "phase", "status"])?;
    let is_unbound = is_claim && ["pending", "lost"].contains(&phase.to_lowercase().as_str());
    is_unbound.then(|| ("PersistentVolumeClaim", "Unbound", format!("the persistentvolumeclaim is {}", phase.to_lowercase())))
}

/// A quota of which something is used up.
fn quota(element: El<'_>) -> Option<State> {
    let hard = element.dig("status.hard").or_else(|| element.get("hard"))?;
    let used = element.dig("status.used").or_else(|| element.get("used"))?;
    let full = hard.members().filter_map(|(what, limit)| {
        let (limit, spent) = (limit.text()?, used.get(&what)?.text()?);
        (amount(&spent)? >= amount(&limit)? && amount(&limit)? > 0.0).then(|| format!("{what} {spent} of {limit}"))
    });
    let full: Vec<String> = full.collect();
    (!full.is_empty()).then(|| ("ResourceQuota", "QuotaUsedUp", format!("ResourceQuota used up: {}", full.join(", "))))
}

/// `500m`, `10`, `4Gi` as a number.
fn amount(text: &str) -> Option<f64> {
    let end = text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len());
    let value: f64 = text.get(..end)?.parse().ok()?;
    let unit = match text.get(end..)? {
        "" => 1.0,
        "m" => 1e-3,
        "k" => 1e3,
        "M" => 1e6,
        "G" => 1e9,
        "T" => 1e12,
        "Ki" => 1024.0,
        "Mi" => 1024.0_f64.powi(2),
        "Gi" => 1024.0_f64.powi(3),
        "Ti" => 1024.0_f64.powi(4),
        _ => return None,
    };
    Some(value * unit)
}

#[cfg(test)]
mod tests {
    use super::super::read_whole;
    use super::*;
    use evidence::SourceId;

    fn check(text: &str) -> Vec<(String, String)> {
        let document = read_whole("o.json", SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("JSON");
        let seen = document.events.into_iter().map(|e| match e.body {
            Body::Kube(k) => (k.kind, k.message),
            other => panic!("{other:?}"),
        });
        seen.collect()
    }

    fn told(kind: &str, message: &str) -> Vec<(String, String)> {
        vec![(kind.to_string(), message.to_string())]
    }

    #[test]
    fn a_service_without_endpoints() {
        let empty = r#"{"kind":"Endpoints","metadata":{"name":"cart"},"subsets":[{"notReadyAddresses":[{"ip":"10.0.0.1"}]}]}"#;
        assert_eq!(check(empty), told("Service", "the service has no ready endpoints"));
        let flat = r#"{"services":[{"name":"cart","selector":{"app":"cart2"},"endpoints":[]},{"name":"web","selector":{"app":"web"},"endpoints":["10.0.0.2"]}]}"#;
        assert_eq!(check(flat), told("Service", "the service has no ready endpoints, selector app=cart2"));
    }

    #[test]
    fn autoscalers_claims_and_quotas_at_their_limit() {
        let hpa = r#"{"hpas":[{"name":"cart","min_replicas":2,"max_replicas":6,"current_replicas":6,"desired_replicas":6},
            {"name":"web","min_replicas":2,"max_replicas":6,"current_replicas":3}]}"#;
        assert_eq!(check(hpa), told("HorizontalPodAutoscaler", "the autoscaler is at its maximum replicas: 6 of 6"));
        let claim = r#"{"items":[{"kind":"PersistentVolumeClaim","metadata":{"name":"data-0"},"status":{"phase":"Pending"}}]}"#;
        assert_eq!(check(claim), told("PersistentVolumeClaim", "the persistentvolumeclaim is pending"));
        let quota =
            r#"{"quotas":[{"name":"q","hard":{"requests.cpu":"4","pods":"20"},"used":{"requests.cpu":"4000m","pods":"7"}}]}"#;
        assert_eq!(check(quota), told("ResourceQuota", "ResourceQuota used up: requests.cpu 4000m of 4"));
    }
}
