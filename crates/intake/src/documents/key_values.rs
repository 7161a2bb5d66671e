//! Audit logs of stores of settings (Consul's KV): a value that was put or deleted is a change of the configuration.
//!
//! A call is told once, when it is done. It must never tell what was only read, nor the locks and leases that programs renew
//! all day. What breaks it: a program that keeps its state beside the settings.

use evidence::{Body, ChangePhase, Deploy};

use super::json::El;
use super::{Context, Out};

const PREFIX: &str = "/v1/kv/";
/// Parts of keys that programs write by themselves.
const ROUTINE: [&str; 8] = ["lock", "locks", "leader", "session", "sessions", "lease", "heartbeat", "__status"];

pub fn read(element: El<'_>, _context: &Context<'_>, out: &mut Out) -> bool {
    let call = element.get("payload").unwrap_or(element);
    let (Some(request), Some(at)) = (call.get("request"), element.stamp(&["created_at", "timestamp", "time"])) else {
        return false;
    };
    let endpoint = request.word("endpoint");
    let Some(key) = endpoint.strip_prefix(PREFIX).map(|key| key.split('?').next().unwrap_or(key)) else { return false };
    let operation = request.first(&["operation", "method"]).unwrap_or_default().to_ascii_uppercase();
    let is_done = call.first(&["stage"]).is_none_or(|stage| stage == "OperationComplete");
    let is_routine =
        key.split('/').any(|part| ROUTINE.contains(&part)) || endpoint.contains("?acquire") || endpoint.contains("?release");
    if !is_done || is_routine || !["PUT", "POST", "DELETE"].contains(&operation.as_str()) || call.has("error") {
        return false;
    }
    out.is("consul_audit");
    let values = |name: &str| call.first(&[&format!("value.{name}"), &format!("{name}_value")]);
    let text = match (values("old"), values("new")) {
        (Some(old), Some(new)) => format!("{key}: {old} -> {new}"),
        (None, Some(new)) => format!("{key}: {new}"),
        _ => format!("{operation} {key}"),
    };
    let deploy = Deploy {
        // `cart/log_level` belongs to the cart; a key without a folder to nobody.
        service: key.split_once('/').map(|(folder, _)| folder.to_string()),
        version: None,
        sha: None,
        phase: ChangePhase::Finished,
        finished: None,
        rollback: false,
        environment: None,
        actor: call.first(&["auth.description", "auth.accessor_id"]),
        kind: "config".into(),
        text,
    };
    out.add(element, Some(at), Body::Deploy(deploy));
    true
}

#[cfg(test)]
mod tests {
    use super::super::read_line;
    use super::*;
    use evidence::{RecordRef, SourceId};

    fn check(operation: &str, endpoint: &str, stage: &str) -> Option<(Option<String>, Option<String>, String)> {
        let line = format!(
            r#"{{"created_at":"2025-01-01T00:00:05Z","event_type":"audit","payload":{{"auth":{{"description":"ann"}},"request":{{"operation":"{operation}","endpoint":"{endpoint}"}},"value":{{"old":"20","new":"2"}},"stage":"{stage}"}}}}"#
        );
        let place =
            RecordRef { source: SourceId { input: 0, entry: 0 }, start: 0, end: line.len() as u64, line: 1, last_line: 1 };
        let event = read_line(&line, place).events.into_iter().next()?;
        if let Body::Deploy(d) = event.body { Some((d.service, d.actor, d.text)) } else { panic!("a change") }
    }

    #[test]
    fn what_is_put_is_a_change_and_what_is_read_or_locked_is_none() {
        let told = check("PUT", "/v1/kv/cart/pool_size", "OperationComplete");
        assert_eq!(told, Some((Some("cart".into()), Some("ann".into()), "cart/pool_size: 20 -> 2".into())));
        assert_eq!(check("PUT", "/v1/kv/cart/pool_size", "OperationStart"), None);
        assert_eq!(check("GET", "/v1/kv/cart/pool_size", "OperationComplete"), None);
        assert_eq!(check("PUT", "/v1/kv/cart/lock/run", "OperationComplete"), None);
        assert_eq!(check("PUT", "/v1/agent/check/pass/1", "OperationComplete"), None);
    }
}
