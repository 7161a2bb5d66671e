//! Audit logs of clouds: what people and pipelines changed there, told as changes. CloudTrail, Azure's activity log, audits
//! of Google Cloud and of Cloudflare.
//!
//! It must never tell what was only looked at, nor what a cloud's own services do all the time; those entries are counted,
//! or left as records. What breaks it: an interface whose verbs do not say whether they change something.

use evidence::{Body, ChangePhase, Deploy, RecordRef};

use super::json::{Doc, El};
use super::{Context, Out, cloud_kinds};

/// Beginnings of names of calls that change what a service runs on.
const CHANGES: [&str; 26] = [
    "Modify",
    "Update",
    "Delete",
    "Create",
    "Reboot",
    "Stop",
    "Terminate",
    "Attach",
    "Detach",
    "Put",
    "Set",
    "Register",
    "Deregister",
    "Enable",
    "Disable",
    "Authorize",
    "Revoke",
    "Associate",
    "Disassociate",
    "Replace",
    "Restore",
    "Promote",
    "Failover",
    "Rollback",
    "Resize",
    "ChangeResourceRecordSets",
];
/// Calls of that kind that programs make all day.
const ROUTINE: [&str; 17] = [
    "PutMetricData",
    "PutLogEvents",
    "CreateLog",
    "UpdateInstance",
    "PutEvents",
    "PutItem",
    "UpdateItem",
    "DeleteItem",
    "PutObject",
    "DeleteObject",
    "PutRecord",
    "DeleteMessage",
    "CreateNetworkInterface",
    "DeleteNetworkInterface",
    "CreateTags",
    "CreateMultipart",
    "RegisterContainerInstance",
];
/// Characters of the parameters that are kept.
const WORDS: usize = 2_000;

pub fn read(element: El<'_>, context: &Context<'_>, out: &mut Out) -> bool {
    let kinds = [cloudtrail, azure, google, cloudflare];
    // In a stream they stay records: there may be millions.
    !context.is_line && kinds.iter().any(|kind| kind(element, out))
}

fn cloudtrail(element: El<'_>, out: &mut Out) -> bool {
    // An event of `lookup-events` holds the record as a text.
    if let Some(record) = element.get("CloudTrailEvent").and_then(El::text).filter(|_| element.has("EventName")) {
        let doc = Doc::read_at(RecordRef { line: 1, last_line: 1, ..element.place() }, record.as_bytes(), 0);
        return doc.iter().flat_map(Doc::elements).any(|inner| call(element, inner, out));
    }
    call(element, element, out)
}

/// A call as CloudTrail records it, told at a place.
fn call(place: El<'_>, element: El<'_>, out: &mut Out) -> bool {
    if !element.has_all(&["eventSource", "eventName", "eventTime"]) || !element.has_any(&["userIdentity", "eventVersion"]) {
        return false;
    }
    let name = element.word("eventName");
    let only_reads = element.get("readOnly").and_then(El::truth) == Some(true);
    if only_reads || !is_change(&name) || is_own(element) {
        // A record of a log, as any other.
        return false;
    }
    let who = ["userIdentity.userName", "userIdentity.sessionContext.sessionIssuer.userName", "userIdentity.arn"];
    let session = element.first(&["userIdentity.arn"]).and_then(|arn| person(&arn));
    let source = element.word("eventSource");
    let service = source.split('.').next().unwrap_or_default();
    let parameters = element.get("requestParameters").map(El::compact).unwrap_or_default();
    let target = element.get("requestParameters").and_then(subject);
    let deploy = Deploy {
        phase: if element.has_any(&["errorCode", "errorMessage"]) { ChangePhase::Failed } else { ChangePhase::Finished },
        environment: element.first(&["awsRegion"]),
        actor: session.or_else(|| element.first(&who)),
        ..change(target, format!("{service} {name} {}", cut(&parameters)))
    };
    let deploy = cloud_kinds::of_call(&name, element.get("requestParameters"), deploy);
    out.is("cloudtrail");
    out.add(place, element.stamp(&["eventTime"]), Body::Deploy(deploy));
    true
}

/// Whether a call changes what a service runs on, by its name.
pub fn is_change(name: &str) -> bool {
    let begins = |list: &[&str]| list.iter().any(|start| name.starts_with(start));
    begins(&CHANGES) && !begins(&ROUTINE)
}

/// Who took a role: `arn:aws:sts::1:assumed-role/sre/ann` is `ann`; sessions of programs have numbers for names.
fn person(arn: &str) -> Option<String> {
    let (_, role) = arn.split_once(":assumed-role/")?;
    let name = role.split('/').nth(1)?.split('@').next()?;
    let digits = name.bytes().filter(u8::is_ascii_digit).count();
    let is_program =
        digits > 4 || ["session", "botocore", "role", "terraform", "github"].iter().any(|w| name.to_lowercase().contains(w));
    (!name.is_empty() && !is_program).then(|| name.to_string())
}

/// Whether a service of the cloud called, for itself or by a role that machines take.
fn is_own(element: El<'_>) -> bool {
    let identity = |path: &str| element.first(&[path]).unwrap_or_default();
    let by_machine = last(&identity("userIdentity.arn")).starts_with("i-");
    identity("userIdentity.type") == "AWSService"
        || !identity("userIdentity.invokedBy").is_empty()
        || identity("userIdentity.sessionContext.sessionIssuer.userName").starts_with("AWSServiceRole")
        || by_machine
}

/// The thing that was changed, by the first parameter that is a name of one.
fn subject(parameters: El<'_>) -> Option<String> {
    let is_name = |key: &str| {
        let key = key.to_lowercase();
        ["identifier", "name", "service", "functionname"].iter().any(|end| key.ends_with(end)) && !key.contains("user")
    };
    // `"policyName":"default"` names nothing.
    let says_nothing = |name: &String| ["default", "latest", "current", "primary"].contains(&name.as_str());
    let names = parameters.members().filter(|(k, _)| is_name(k)).filter_map(|(_, v)| v.text()).map(|n| last(&n));
    names.into_iter().find(|name| !says_nothing(name))
}

/// `arn:aws:ecs:eu-west-1:1:service/blue/cart` is `cart`.
pub fn last(path: &str) -> String {
    path.trim_end_matches('/').rsplit(['/', ':']).next().unwrap_or(path).to_string()
}

/// The same of an object of a cluster, of which a part was changed: `deployments/cart/scale` is `cart`.
fn object(path: &str) -> String {
    let part = ["/scale", "/status", "/finalize", "/eviction", "/rollback", "/resize"];
    let whole = part.into_iter().find_map(|part| path.strip_suffix(part)).filter(|_| path.contains("/namespaces/"));
    last(whole.unwrap_or(path))
}

/// An entry of Azure's activity log: writes, deletions and actions, once, when they ended.
fn azure(element: El<'_>, out: &mut Out) -> bool {
    if !element.has_all(&["operationName", "resourceId"]) || !element.has_any(&["eventTimestamp", "submissionTimestamp"]) {
        return false;
    }
    let operation = element.first(&["operationName.value", "operationName"]).unwrap_or_default();
    let status = element.first(&["status.value", "status"]).unwrap_or_default().to_lowercase();
    let is_change = ["/write", "/delete", "/action"].iter().any(|end| operation.to_lowercase().ends_with(end));
    let is_admin = element.first(&["category.value", "category"]).is_none_or(|c| c == "Administrative");
    let phase = match status.as_str() {
        "succeeded" => ChangePhase::Finished,
        "started" | "accepted" => ChangePhase::Started,
        "failed" => ChangePhase::Failed,
        _ => return false,
    };
    if !is_change || !is_admin || cloud_kinds::only_looks(&operation) {
        return false;
    }
    let told = element.first(&["operationName.localizedValue"]);
    let words = told.map_or(operation.clone(), |told| format!("{told} ({operation})"));
    // What was asked for: which key, which value.
    let asked = element.first(&["properties.requestbody", "properties.requestBody"]).filter(|body| body.len() > 2);
    let words = asked.map_or(words.clone(), |asked| format!("{words} {}", cut(&asked)));
    let target = element.first(&["resourceId"]).map(|id| last(owner(&id)));
    let deploy = Deploy {
        phase,
        environment: element.first(&["resourceGroupName"]),
        actor: element.first(&["caller"]),
        kind: cloud_kinds::of_operation(&operation).into(),
        ..change(target, words)
    };
    out.is("azure_activity");
    out.add(element, element.stamp(&["eventTimestamp"]), Body::Deploy(deploy));
    true
}

/// Settings and slots stand below what they are of: `…/sites/cart/config/appsettings` is of `cart`.
fn owner(id: &str) -> &str {
    let parts = [
        "/config/",
        "/slots/",
        "/extensions/",
        "/hostNameBindings/",
        "/configurations/",
        "/firewallRules/",
        "/diagnosticSettings/",
    ];
    parts.iter().filter_map(|part| id.find(part)).min().map_or(id, |at| &id[..at])
}

/// An entry of an audit of activity (not of access to data) of Google Cloud.
fn google(element: El<'_>, out: &mut Out) -> bool {
    let Some(audit) = element.get("protoPayload").filter(|p| p.has("methodName")) else { return false };
    let is_activity = element.word("logName").contains("activity");
    let actor = audit.first(&["authenticationInfo.principalEmail"]);
    let is_own = actor.as_deref().is_none_or(|a| a.starts_with("system:") || a.contains("gcp-sa-"));
    // The last entry of a long operation repeats the first one.
    let is_repeated = element.get("operation").is_some_and(|o| o.has("last") && !o.has("first"));
    if !is_activity || is_own || is_repeated {
        return false;
    }
    let failed = audit.get("status").and_then(|s| s.get("code")).and_then(El::number).is_some_and(|c| c != 0.0);
    let parameters = audit.get("request").map(El::compact).unwrap_or_default();
    let kind = if is_of_a_run(&audit.word("methodName")) { "job" } else { "infrastructure" };
    let serves = |t: &El<'_>| t.get("percent").and_then(El::number) == Some(100.0);
    let deploy = Deploy {
        phase: if failed { ChangePhase::Failed } else { ChangePhase::Finished },
        environment: element.first(&["resource.labels.project_id"]),
        actor,
        kind: kind.to_string(),
        version: audit.get("request").and_then(|r| r.list("traffic").find(serves)?.first(&["revisionName"])),
        ..change(audit.first(&["resourceName"]).map(|r| object(&r)), format!("{} {}", audit.word("methodName"), cut(&parameters)))
    };
    out.is("gcp_audit");
    out.add(element, element.stamp(&["timestamp"]), Body::Deploy(deploy));
    true
}

/// An entry of Cloudflare's audit: who changed what of a zone, from what to what. Who signs in changes nothing.
fn cloudflare(element: El<'_>, out: &mut Out) -> bool {
    const LOOKS: [&str; 6] = ["login", "logout", "view", "read", "get", "list"];
    let action = element.first(&["action.type"]).unwrap_or_default();
    let is_entry = element.has_all(&["actor", "when", "resource"]) && element.has_any(&["newValue", "oldValue", "interface"]);
    if !is_entry || action.is_empty() {
        return false;
    }
    out.is("cloudflare_audit");
    if LOOKS.iter().any(|word| action.to_lowercase().contains(word)) {
        out.others += 1;
        return true;
    }
    let value = |name: &str| element.first(&[name]).filter(|v| !v.is_empty());
    let before = value("oldValue").map_or(String::new(), |v| format!(" from {}", cut(&v)));
    let after = value("newValue").map_or(String::new(), |v| format!(" to {}", cut(&v)));
    let thing = element.first(&["resource.type"]).unwrap_or_default();
    let failed = element.get("action").and_then(|a| a.get("result")).and_then(El::truth) == Some(false);
    let deploy = Deploy {
        phase: if failed { ChangePhase::Failed } else { ChangePhase::Finished },
        environment: element.first(&["metadata.zone_name"]),
        actor: element.first(&["actor.email", "actor.type"]),
        ..change(Some("cloudflare".into()), format!("{action} {thing}{before}{after}"))
    };
    out.add(element, element.stamp(&["when"]), Body::Deploy(deploy));
    true
}

/// A run of a job that is started or stopped; nothing is changed by it.
fn is_of_a_run(method: &str) -> bool {
    let call = method.rsplit('.').next().unwrap_or(method);
    let verb = ["Run", "Cancel", "Stop", "Submit"].iter().find_map(|verb| call.strip_prefix(verb));
    verb.is_some_and(|rest| ["Job", "JobRun", "Execution", "Workflow", "WorkflowRun"].contains(&rest))
}

fn cut(parameters: &str) -> String {
    parameters.chars().take(WORDS).collect()
}

pub fn change(service: Option<String>, text: String) -> Deploy {
    Deploy {
        service,
        version: None,
        sha: None,
        phase: ChangePhase::Finished,
        finished: None,
        rollback: false,
        environment: None,
        actor: None,
        kind: "infrastructure".to_string(),
        text: text.trim().to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Document, read_whole};
    use super::*;
    use evidence::SourceId;

    /// What was changed, by whom, phase, words, seconds since 2025-01-01.
    type Told = (Option<String>, Option<String>, ChangePhase, String, i64);

    fn check(text: &str) -> (Vec<Told>, usize) {
        let document: Document = read_whole("a.json", SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("JSON");
        let told = document.events.into_iter().map(|e| match e.body {
            Body::Deploy(d) => (d.service, d.actor, d.phase, d.text, e.stamp.map_or(0, |s| s.micros / 1_000_000 - 1_735_689_600)),
            other => panic!("{other:?}"),
        });
        (told.collect(), document.texts.len())
    }

    #[test]
    fn a_policy_that_is_called_default_names_no_service() {
        let record = |parameters: &str| {
            format!(
                r#"{{"Records":[{{"eventVersion":"1.09","eventTime":"2025-01-01T00:00:05Z","eventSource":"kms.amazonaws.com","eventName":"PutKeyPolicy","userIdentity":{{"arn":"arn:aws:sts::1:assumed-role/sre/ann"}},"requestParameters":{parameters}}}]}}"#
            )
        };
        let service = |parameters: &str| check(&record(parameters)).0[0].0.clone();
        assert_eq!(service(r#"{"keyId":"7d1c","policyName":"default"}"#), None);
        assert_eq!(service(r#"{"keyId":"7d1c","policyName":"ledger"}"#).as_deref(), Some("ledger"));
    }

    #[test]
    fn the_actor_is_who_took_the_role_and_a_lookup_holds_the_record_as_text() {
        let record = |arn: &str| {
            format!(
                r#"{{"eventVersion":"1.09","userIdentity":{{"type":"AssumedRole","arn":"{arn}","sessionContext":{{"sessionIssuer":{{"userName":"sre"}}}}}},"eventTime":"2025-01-01T00:00:05Z","eventSource":"ecs.amazonaws.com","eventName":"UpdateService","requestParameters":{{"service":"cart"}}}}"#
            )
        };
        let ann = record("arn:aws:sts::1:assumed-role/sre/ann");
        let looked = format!(
            r#"{{"Events":[{{"EventName":"UpdateService","EventTime":"2025-01-01T01:00:05+01:00","Username":"ann","CloudTrailEvent":"{}"}}]}}"#,
            ann.replace('"', "\\\"")
        );
        for (text, want) in [
            (format!(r#"{{"Records":[{ann}]}}"#), "ann"),
            (looked, "ann"),
            (format!(r#"{{"Records":[{}]}}"#, record("arn:aws:sts::1:assumed-role/ci/GitHubActions")), "sre"),
        ] {
            let document =
                super::super::read_whole("c.json", evidence::SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("JSON");
            let Body::Deploy(deploy) = &document.events[0].body else { panic!("a change") };
            assert_eq!((deploy.actor.as_deref(), deploy.service.as_deref()), (Some(want), Some("cart")));
            assert_eq!(document.events[0].stamp.map(|s| s.micros / 1_000_000), Some(1_735_689_605));
        }
    }

    #[test]
    fn calls_that_change_something_are_changes() {
        let call = |name: &str, read: bool| {
            format!(
                r#"{{"eventVersion":"1.08","userIdentity":{{"type":"IAMUser","userName":"ann"}},"eventTime":"2025-01-01T00:00:05Z","eventSource":"rds.amazonaws.com","eventName":"{name}","awsRegion":"eu-west-1",
                "requestParameters":{{"dBInstanceIdentifier":"ledger","maxConnections":20}},"readOnly":{read},"eventID":"e"}}"#
            )
        };
        let text = format!(r#"{{"Records":[{},{}]}}"#, call("ModifyDBInstance", false), call("DescribeDBInstances", true));
        let service =
            call("ModifyDBInstance", false).replace("\"userName\":\"ann\"", "\"invokedBy\":\"autoscaling.amazonaws.com\"");
        assert_eq!(check(&format!("[{service},{}]", call("PutMetricData", false))).0, []);
        let words = r#"rds ModifyDBInstance {"dBInstanceIdentifier":"ledger","maxConnections":20}"#;
        let expected = (Some("ledger".into()), Some("ann".into()), ChangePhase::Finished, words.into(), 5);
        assert_eq!(check(&text), (vec![expected], 1));
    }

    #[test]
    fn activities_of_azure_and_google() {
        let azure = r#"[{"eventTimestamp":"2025-01-01T00:00:05Z","operationName":{"value":"Microsoft.Web/sites/restart/action","localizedValue":"Restart Web App"},"caller":"ann@example.com","status":{"value":"Succeeded"},"resourceId":"/subscriptions/x/sites/cart","level":"Informational","category":{"value":"Administrative"}}]"#;
        let words = "Restart Web App (Microsoft.Web/sites/restart/action)";
        let expected = (Some("cart".into()), Some("ann@example.com".into()), ChangePhase::Finished, words.into(), 5);
        assert_eq!(check(azure), (vec![expected], 0));
        let google = r#"[{"insertId":"a","logName":"projects/p/logs/cloudaudit.googleapis.com%2Factivity","severity":"NOTICE","timestamp":"2025-01-01T00:00:05Z",
            "protoPayload":{"methodName":"google.cloud.sql.v1.Instances.Update","resourceName":"projects/p/instances/ledger","authenticationInfo":{"principalEmail":"ann@example.com"},"request":{"tier":"small"}}}]"#;
        let words = r#"google.cloud.sql.v1.Instances.Update {"tier":"small"}"#;
        let expected = (Some("ledger".into()), Some("ann@example.com".into()), ChangePhase::Finished, words.into(), 5);
        assert_eq!(check(google), (vec![expected], 0));
    }

    #[test]
    fn an_audit_of_cloudflare_tells_what_was_set_from_what_to_what() {
        let entry = |action: &str| {
            format!(
                r#"{{"action":{{"result":true,"type":"{action}","info":""}},"actor":{{"email":"ann@shop.example","type":"user"}},"id":"a","interface":"UI","metadata":{{"zone_name":"shop.example"}},
            "newValue":"under_attack","oldValue":"medium","resource":{{"id":"b","type":"security_level"}},"when":"2025-01-01T00:00:05Z"}}"#
            )
        };
        let text = format!(r#"{{"result":[{},{}],"success":true}}"#, entry("change_setting"), entry("login"));
        let words = "change_setting security_level from medium to under_attack";
        let want = (Some("cloudflare".into()), Some("ann@shop.example".into()), ChangePhase::Finished, words.into(), 5);
        assert_eq!(check(&text).0, vec![want]);
    }

    #[test]
    fn what_is_scaled_is_the_object_and_not_its_part() {
        assert_eq!(object("apps/v1/namespaces/shop/deployments/cart/scale"), "cart");
        assert_eq!(object("apps/v1/namespaces/shop/deployments/cart"), "cart");
        assert_eq!((object("projects/p/instances/scale"), object("scale")), ("scale".into(), "scale".into()));
    }

    #[test]
    fn a_run_of_a_job_is_no_change_and_traffic_names_the_revision() {
        let call = |method: &str, request: &str| {
            format!(
                r#"[{{"insertId":"a","logName":"projects/p/logs/cloudaudit.googleapis.com%2Factivity","timestamp":"2025-01-01T00:00:05Z",
            "protoPayload":{{"methodName":"{method}","resourceName":"projects/p/jobs/export","authenticationInfo":{{"principalEmail":"a@b.example"}},"request":{request}}}}}]"#
            )
        };
        let told = |text: String| {
            let source = SourceId { input: 0, entry: 0 };
            let document: Document = read_whole("a.json", source, text.as_bytes()).expect("JSON");
            match &document.events[0].body {
                Body::Deploy(d) => (d.kind.clone(), d.version.clone()),
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(told(call("google.cloud.run.v2.Jobs.RunJob", "{}")), ("job".into(), None));
        assert_eq!(told(call("google.cloud.run.v2.Executions.CancelExecution", "{}")), ("job".into(), None));
        assert_eq!(told(call("google.cloud.run.v2.Jobs.UpdateJob", "{}")), ("infrastructure".into(), None));
        let traffic = r#"{"traffic":[{"revisionName":"cart-00012-abc","percent":100}]}"#;
        let replaced = told(call("google.cloud.run.v1.Services.ReplaceService", traffic));
        assert_eq!(replaced, ("infrastructure".into(), Some("cart-00012-abc".into())));
    }
}
