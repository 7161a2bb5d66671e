//! The audit log of Kubernetes: requests that changed something, told as changes.
//!
//! It must never tell what the cluster's own controllers do all the time (leases, endpoints, leader election, status);
//! a person or a pipeline with an account named `system:` would be missed.

use evidence::{Body, ChangePhase, Deploy};

use super::json::El;
use super::{Context, Out};

const VERBS: [&str; 4] = ["patch", "update", "create", "delete"];
const CONFIG: [&str; 4] = ["configmaps", "secrets", "resourcequotas", "limitranges"];
const WORKLOADS: [&str; 5] = ["deployments", "statefulsets", "daemonsets", "cronjobs", "rollouts"];
const OTHERS: [&str; 14] = [
    "services",
    "ingresses",
    "networkpolicies",
    "horizontalpodautoscalers",
    "poddisruptionbudgets",
    "nodes",
    "roles",
    "rolebindings",
    "clusterroles",
    "clusterrolebindings",
    "persistentvolumeclaims",
    "customresourcedefinitions",
    "validatingwebhookconfigurations",
    "mutatingwebhookconfigurations",
];
/// Characters of the changed object that are kept as the change's own words.
const WORDS: usize = 4_000;

pub fn read(element: El<'_>, _context: &Context<'_>, out: &mut Out) -> bool {
    if !(element.word("apiVersion").starts_with("audit.k8s.io") || element.has_all(&["auditID", "verb", "objectRef"])) {
        return false;
    }
    out.is("kubernetes_audit");
    match change(element) {
        Some(deploy) => {
            let stamp = element.stamp(&["requestReceivedTimestamp", "stageTimestamp"]);
            out.add(element, stamp, Body::Deploy(deploy));
        }
        None => out.others += 1,
    }
    true
}

fn change(element: El<'_>) -> Option<Deploy> {
    let (verb, resource, name) = (element.word("verb"), element.word("objectRef.resource"), element.word("objectRef.name"));
    let is_done = element.get("stage").is_none_or(|s| s.text().is_some_and(|s| s == "ResponseComplete"));
    let code = element.dig("responseStatus.code").and_then(El::number).unwrap_or(200.0);
    let is_part =
        matches!(element.word("objectRef.subresource").as_str(), "status" | "eviction" | "binding" | "log" | "exec" | "token");
    if !is_done || code >= 400.0 || is_part || !VERBS.contains(&verb.as_str()) || name.is_empty() {
        return None;
    }
    let is_config = CONFIG.contains(&resource.as_str());
    let is_workload = WORKLOADS.contains(&resource.as_str());
    let user = element.word("user.username");
    if !(is_config || is_workload || OTHERS.contains(&resource.as_str())) || is_routine(element, &user, is_config) {
        return None;
    }
    let kind = if is_config {
        "config"
    } else if is_workload {
        "deploy"
    } else {
        "infrastructure"
    };
    Some(Deploy {
        service: Some(name.clone()),
        version: None,
        sha: None,
        phase: if is_workload { ChangePhase::Started } else { ChangePhase::Finished },
        finished: None,
        rollback: false,
        environment: element.first(&["objectRef.namespace"]),
        actor: Some(user.clone()).filter(|u| !u.is_empty()),
        kind: kind.to_string(),
        text: words(element, &format!("{verb} {resource} {}/{name} by {user}", element.word("objectRef.namespace"))),
    })
}

/// What controllers do by themselves: their own accounts, and service accounts that touch settings without saying what.
fn is_routine(element: El<'_>, user: &str, is_config: bool) -> bool {
    let own = ["system:kube-", "system:node:", "system:apiserver", "system:serviceaccount:kube-system:"];
    let object = element.get("requestObject").map(|o| o.raw().into_owned());
    let is_election = object.as_ref().is_some_and(|o| o.contains("control-plane.alpha.kubernetes.io/leader"));
    is_election
        || own.iter().any(|prefix| user.starts_with(prefix))
        || user.starts_with("system:serviceaccount:") && is_config && object.is_none()
}

fn words(element: El<'_>, head: &str) -> String {
    let Some(object) = element.get("requestObject") else { return head.to_string() };
    let data: Vec<String> = object.list_of_data();
    let body = if data.is_empty() { object.compact() } else { data.join("\n") };
    format!("{head}\n{}", body.chars().take(WORDS).collect::<String>())
}

impl El<'_> {
    /// The entries of a configuration map as `name: text`.
    fn list_of_data(self) -> Vec<String> {
        let data = self.get("data").into_iter().flat_map(El::members);
        data.filter_map(|(k, v)| Some(format!("{k}: {}", v.text()?))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::read_line;
    use super::*;
    use evidence::{RecordRef, SourceId};

    fn check(user: &str, verb: &str, resource: &str) -> Option<String> {
        let line = format!(
            r#"{{"kind":"Event","apiVersion":"audit.k8s.io/v1","stage":"ResponseComplete","verb":"{verb}","user":{{"username":"{user}"}},"objectRef":{{"resource":"{resource}","namespace":"kube-system","name":"coredns"}},"responseStatus":{{"code":200}},"stageTimestamp":"2025-10-09T02:17:41Z"}}"#
        );
        let place =
            RecordRef { source: SourceId { input: 0, entry: 0 }, start: 0, end: line.len() as u64, line: 1, last_line: 1 };
        let events = read_line(&line, place).events;
        events.first().map(|e| if let Body::Deploy(d) = &e.body { d.kind.clone() } else { panic!("a change") })
    }

    #[test]
    fn only_changes_by_others_than_the_controllers_are_told() {
        assert_eq!(check("kai@example.com", "patch", "configmaps").as_deref(), Some("config"));
        assert_eq!(check("ci-bot", "patch", "deployments").as_deref(), Some("deploy"));
        assert_eq!(check("kai@example.com", "get", "configmaps"), None);
        assert_eq!(check("system:kube-scheduler", "update", "configmaps"), None);
        assert_eq!(check("system:serviceaccount:argocd:controller", "update", "configmaps"), None);
        assert_eq!(check("kai@example.com", "update", "leases"), None);
    }
}
