//! Releases that objects of a cluster remember: the history of a HelmRelease of Flux, and replica sets, of which each is a
//! version of its deployment.
//!
//! It must never take the time at which an object was first made for that of a later release: a replica set that is scaled up
//! again says nothing of when. What breaks it: replica sets that were pruned.

use evidence::{Body, ChangePhase, Deploy, KubeEvent};

use super::changes::is_rollback;
use super::json::El;
use super::kube::told;
use super::{Context, Out, pods};

pub fn read(element: El<'_>, context: &Context<'_>, out: &mut Out) -> bool {
    if context.is_line {
        return false;
    }
    match element.word("kind").as_str() {
        "HelmRelease" => helm_release(element, out),
        "ReplicaSet" => replica_set(element, context, out),
        _ => false,
    }
}

/// What was released, newest first; without a history, what a condition says of the last time.
fn helm_release(element: El<'_>, out: &mut Out) -> bool {
    let conditions: Vec<El<'_>> = element.dig("status.conditions").into_iter().flat_map(El::items).collect();
    let history: Vec<El<'_>> = element.dig("status.history").into_iter().flat_map(El::items).collect();
    let name = element.first(&["metadata.name"]).unwrap_or_default();
    let namespace = element.first(&["metadata.namespace"]);
    let before = out.events.len();
    for (index, release) in history.iter().enumerate() {
        let chart = release.word("chartVersion");
        let says_back = |c: &El<'_>| is_rollback(&[&c.word("reason")]) && c.word("message").contains(&chart);
        let deploy = Deploy {
            service: Some(name.clone()),
            version: release.first(&["appVersion", "chartVersion"]),
            sha: None,
            phase: if release.word("status") == "failed" { ChangePhase::Failed } else { ChangePhase::Finished },
            finished: None,
            rollback: index == 0 && !chart.is_empty() && conditions.iter().any(says_back),
            environment: namespace.clone(),
            actor: None,
            kind: "deploy".into(),
            text: format!("{} {chart} {}", release.word("chartName"), release.word("status")).trim().to_string(),
        };
        out.add(*release, release.stamp(&["lastDeployed"]), Body::Deploy(deploy));
    }
    for condition in conditions.iter().filter(|_| history.is_empty()) {
        let event = KubeEvent {
            kind: "HelmRelease".into(),
            name: name.clone(),
            namespace: namespace.clone(),
            reason: condition.word("reason"),
            message: condition.word("message"),
            ..KubeEvent::default()
        };
        let body = told(event);
        let is_new = !out.events.iter().skip(before).any(|e| e.body == body);
        if is_new && matches!(body, Body::Deploy(_)) {
            out.add(*condition, condition.stamp(&["lastTransitionTime"]), body);
        }
    }
    if out.events.len() > before {
        out.is("flux");
    }
    out.events.len() > before
}

/// A replica set of a deployment is made when the deployment gets what no set before it had.
fn replica_set(element: El<'_>, context: &Context<'_>, out: &mut Out) -> bool {
    let owners = element.dig("metadata.ownerReferences").into_iter().flat_map(El::items);
    let owner = owners.filter(|o| o.word("kind") == "Deployment").find_map(|o| o.first(&["name"]));
    let Some((owner, stamp)) = owner.zip(element.stamp(&["metadata.creationTimestamp"])) else { return false };
    out.is("kubernetes_objects");
    let containers = element.dig("spec.template.spec.containers").into_iter().flat_map(El::items);
    let images: Vec<String> = containers.filter_map(|c| c.first(&["image"])).collect();
    let tag = images.first().and_then(|image| image.rsplit('/').next()?.split_once(':')).map(|(_, tag)| tag);
    let deploy = Deploy {
        service: Some(owner),
        version: tag.map(|tag| tag.split('@').next().unwrap_or(tag).to_string()),
        sha: None,
        phase: ChangePhase::Started,
        finished: None,
        rollback: false,
        environment: element.first(&["metadata.namespace"]),
        actor: None,
        kind: "deploy".into(),
        text: format!("replica set {} with {}", element.word("metadata.name"), images.join(", ")),
    };
    out.add(element, Some(stamp), Body::Deploy(deploy));
    // What state it is in is another matter.
    pods::read(element, context, out);
    true
}

#[cfg(test)]
mod tests {
    use super::super::read_whole;
    use super::*;
    use evidence::SourceId;

    /// Service, version, rollback, seconds since the beginning of 2025.
    fn check(name: &str, text: &str) -> Vec<(String, String, bool, i64)> {
        let document = read_whole(name, SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("objects");
        let told = document.events.into_iter().filter_map(|e| match e.body {
            Body::Deploy(d) => {
                let at = e.stamp.map_or(0, |s| s.micros / 1_000_000 - 1_735_689_600);
                Some((d.service.unwrap_or_default(), d.version.unwrap_or_default(), d.rollback, at))
            }
            _ => None,
        });
        told.collect()
    }

    #[test]
    fn a_helm_release_remembers_or_says_what_was_last() {
        let head = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata:\n  name: cart\nstatus:\n  conditions:\n  - lastTransitionTime: \"2025-01-01T00:10:05Z\"\n    message: Helm rollback to previous release shop/cart.v1 with chart cart@1.2.3 succeeded\n    reason: RollbackSucceeded\n    type: Ready\n";
        let history = "  history:\n  - appVersion: v7\n    chartVersion: 1.2.3\n    lastDeployed: \"2025-01-01T00:09:05Z\"\n    status: deployed\n  - appVersion: v8\n    chartVersion: 1.2.4\n    lastDeployed: \"2025-01-01T00:00:05Z\"\n    status: superseded\n";
        assert_eq!(check("r.yaml", head), [("cart".into(), "1.2.3".into(), true, 605)]);
        let expected = [("cart".into(), "v7".into(), true, 545), ("cart".into(), "v8".into(), false, 5)];
        assert_eq!(check("r.yaml", &format!("{head}{history}")), expected);
    }

    #[test]
    fn a_replica_set_is_a_version_of_its_deployment() {
        let text = r#"{"kind":"List","items":[{"kind":"ReplicaSet","metadata":{"name":"cart-7f8","creationTimestamp":"2025-01-01T00:00:05Z","ownerReferences":[{"kind":"Deployment","name":"cart"}]},
            "spec":{"replicas":3,"template":{"spec":{"containers":[{"name":"cart","image":"reg.example:5000/shop/cart:4.12.0"}]}}},"status":{"replicas":3,"readyReplicas":3}}]}"#;
        assert_eq!(check("rs.json", text), [("cart".into(), "4.12.0".into(), false, 5)]);
    }
}
