//! Names that stores of logs give to who wrote a line: labels, groups, streams.
//!
//! It must never invent a name: a label that names the shipper or the node is no service. What breaks it: an
//! application that is labelled with its team.

use evidence::{Level, SourceId};

use super::carried::Outer;
use super::json::{Doc, El};

const SERVICES: [&str; 20] = [
    "service_name",
    "service",
    "app",
    "app_kubernetes_io_name",
    "app_kubernetes_io/name",
    "app.kubernetes.io/name",
    "k8s-pod/app",
    "k8s-pod/app_kubernetes_io/name",
    "container",
    "container_name",
    "k8s_container_name",
    "compose_service",
    "function_name",
    "module_id",
    "configuration_name",
    "component",
    // What a cloud runs for its customers.
    "gateway_name",
    "subscription_id",
    "topic_id",
    "queue_id",
];
const LIKELY: [&str; 4] = ["job", "unit", "syslog_identifier", "job_name"];
const INSTANCES: [&str; 9] =
    ["pod", "pod_name", "k8s_pod_name", "instance", "hostname", "host", "instance_id", "node_name", "node"];
const LEVELS: [&str; 3] = ["level", "detected_level", "severity"];
const FIELDS: [&str; 9] = [
    "namespace",
    "namespace_name",
    "k8s_namespace_name",
    "cluster",
    "cluster_name",
    "region",
    "location",
    "env",
    "revision_name",
];

/// Words for where a service runs, which stand beside its name in groups and streams.
const ENVIRONMENTS: [&str; 17] = [
    "prod",
    "production",
    "prd",
    "live",
    "stage",
    "staging",
    "stg",
    "dev",
    "development",
    "test",
    "testing",
    "qa",
    "uat",
    "preprod",
    "sandbox",
    "canary",
    "demo",
];
/// Words in groups and streams that are about no single service.
const SHARED: [&str; 18] = [
    "application",
    "applications",
    "host",
    "dataplane",
    "containers",
    "messages",
    "syslog",
    "log",
    "logs",
    "var",
    "eks",
    "ecs",
    "kubernetes",
    "cluster",
    "default",
    "instance",
    "cloudwatch",
    "export",
];

/// What labels tell about a line.
pub fn labelled(labels: El<'_>) -> Outer {
    let named = |keys: &[&str]| keys.iter().find_map(|k| labels.get(k)?.text()).filter(|v| !v.is_empty());
    let is_name = |name: &String| !name.is_empty() && !name.starts_with("unknown");
    Outer {
        service: SERVICES.iter().filter_map(|k| labels.get(k)?.text()).find(is_name),
        // A scrape job is `namespace/name`.
        likely: named(&LIKELY).map(|j| j.rsplit('/').next().unwrap_or_default().trim_end_matches(".service").to_string()),
        instance: named(&INSTANCES),
        level: named(&LEVELS).and_then(|l| Level::from_word(&l)),
        fields: FIELDS.iter().filter_map(|k| Some((k.to_string(), labels.get(k)?.text()?))).collect(),
        ..Outer::default()
    }
}

/// The service that labels name which stand as an object: `{"app":"cart"}`.
pub fn of_labels(text: &str) -> Option<String> {
    let doc = Doc::read(SourceId { input: 0, entry: 0 }, text.as_bytes(), 0)?;
    let outer = labelled(doc.elements().next()?);
    outer.service.or(outer.likely)
}

/// The service in the name of a group of logs: `/aws/lambda/cart`, `/ecs/cart`, `shop/cart`, `shop/cart/prod`. Groups of a
/// whole cluster have none.
pub fn of_group(group: &str) -> Option<String> {
    let parts: Vec<&str> = group.split('/').filter(|p| !p.is_empty()).collect();
    let name = match parts.as_slice() {
        ["aws", "rds", _, name, ..] => name,
        ["aws", "lambda" | "ecs" | "apprunner" | "codebuild" | "batch" | "elasticbeanstalk" | "amplify", name, ..] => name,
        ["aws", ..] => return None,
        ["ecs", name, ..] => name,
        // Where it runs stands behind the name.
        [..] => parts.iter().rfind(|part| !ENVIRONMENTS.contains(part))?,
    };
    (!SHARED.contains(name)).then(|| name.to_string())
}

/// Container and instance in the name of a stream: a task of ECS (`prefix/container/id`), a name and where it runs
/// (`cart/prod/b`), a pod's file, a function's instance (`2025/03/01/[3]abc`), else the stream itself.
pub fn of_stream(stream: &str) -> (Option<String>, Option<String>) {
    if let Some((_, file)) = stream.split_once("var.log.containers.") {
        let mut parts = file.trim_end_matches(".log").split('_');
        let (pod, _, last) = (parts.next(), parts.next(), parts.next());
        let container = last.and_then(|l| l.rsplit_once('-')).map(|(name, _)| name.to_string());
        return (container, pod.map(str::to_string));
    }
    let parts: Vec<&str> = stream.split('/').collect();
    // Some show the beginning of a task's id only.
    let is_short = |id: &str| id.len() >= 10 && id.bytes().filter(u8::is_ascii_digit).count() >= 2;
    let is_id = |id: &str| (id.len() >= 32 || is_short(id)) && id.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-');
    match parts.as_slice() {
        // Jobs of Batch: `definition/default/id`.
        [name, container, id] if is_id(id) => {
            let by_prefix = names_service(name) && says_less(container, name);
            let named = if by_prefix { [name, container] } else { [container, name] };
            let container = named.into_iter().find(|name| names_service(name)).unwrap_or(container);
            (Some(container.to_string()), Some(id.to_string()))
        }
        [_, _, _, last] if last.starts_with('[') => (None, last.split_once(']').map(|(_, id)| id.to_string())),
        [name, place, _] if ENVIRONMENTS.contains(place) && names_service(name) => {
            (Some(name.to_string()), Some(stream.to_string()))
        }
        _ => (None, Some(stream.to_string()).filter(|s| !s.is_empty())),
    }
}

/// A container that is called as in every task (`app`), or by a part of what stands before it (`cart` in `cart-api`).
fn says_less(container: &str, prefix: &str) -> bool {
    const OF_ALL: [&str; 9] = ["app", "main", "web", "server", "api", "service", "worker", "application", "container"];
    OF_ALL.contains(&container) || prefix.strip_prefix(container).is_some_and(|rest| rest.starts_with(['-', '_']))
}

/// Whether a part of a stream's name reads like a service: mostly letters, and none of the words for what many share.
fn names_service(part: &str) -> bool {
    let letters = part.bytes().filter(u8::is_ascii_alphabetic).count();
    let is_plain = part.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'));
    let is_machine = part.starts_with("i-") || part.starts_with("ip-");
    is_plain
        && letters >= 2
        && letters * 2 >= part.len()
        && !is_machine
        && !SHARED.contains(&part)
        && !ENVIRONMENTS.contains(&part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_and_streams_name_who_wrote() {
        assert_eq!(of_group("/aws/lambda/cart").as_deref(), Some("cart"));
        assert_eq!(of_group("/aws/rds/instance/ledger/postgresql").as_deref(), Some("ledger"));
        assert_eq!(of_group("/ecs/cart").as_deref(), Some("cart"));
        assert_eq!(of_group("/aws/containerinsights/blue/application"), None);
        let task = "web/cart/0a1b2c3d4e5f60718293a4b5c6d7e8f9";
        assert_eq!(of_stream(task), (Some("cart".into()), Some("0a1b2c3d4e5f60718293a4b5c6d7e8f9".into())));
        let file = "ip-10-0-0-1.kube.var.log.containers.cart-6d5f-x2x9k_shop_cart-0a1b2c.log";
        assert_eq!(of_stream(file), (Some("cart".into()), Some("cart-6d5f-x2x9k".into())));
        assert_eq!(of_stream("2025/01/01/[$LATEST]0a1b"), (None, Some("0a1b".into())));
    }

    #[test]
    fn a_stream_with_an_environment_behind_a_name_names_the_service() {
        assert_eq!(of_stream("basket-pay/prod/a"), (Some("basket-pay".into()), Some("basket-pay/prod/a".into())));
        let id = "0a1b2c3d4e5f60718293a4b5c6d7e8f9";
        let named = |stream: &str| of_stream(&format!("{stream}/{id}")).0;
        assert_eq!(named("vault-keys/app").as_deref(), Some("vault-keys"));
        assert_eq!(named("cart-api/cart").as_deref(), Some("cart-api"));
        assert_eq!(named("cart-api/envoy").as_deref(), Some("envoy"));
        assert_eq!(named("ecs/app").as_deref(), Some("app"));
        assert_eq!(of_stream("mail-worker/app/5a0f3b1c99").0.as_deref(), Some("mail-worker"));
        assert_eq!(of_stream("nightly/default/0a1b2c3d4e5f60718293a4b5c6d7e8f9").0.as_deref(), Some("nightly"));
        for stream in ["i-0a1b2c/prod/a", "ecs/prod/a", "2025/03/01", "prod/staging/a", "basket-pay", "logs/prod/a", ""] {
            assert_eq!(of_stream(stream).0, None, "{stream}");
        }
    }

    #[test]
    fn a_group_with_an_environment_behind_a_name_names_the_service() {
        assert_eq!(of_group("/shop/basket-pay/prod").as_deref(), Some("basket-pay"));
        assert_eq!(of_group("/aws/lambda/cart").as_deref(), Some("cart"));
        for group in ["/prod", "/eks/prod", "/eks/blue/application", "/var/log/messages", "/shop/logs"] {
            assert_eq!(of_group(group), None, "{group}");
        }
    }
}
