//! What a call in a cloud's audit is as a change: the release of a program, a change of settings, or of what programs run on.
//!
//! Known by the names of calls, which clouds keep for ever. It must never guess from values, but for the versions and words that the
//! call itself has for them. What breaks it: calls that do several things; they stay changes of infrastructure.

use evidence::Deploy;

use super::changes::{is_rollback, sha};
use super::json::El;

/// Calls that let another version of a program run; of some only where they name one.
const RELEASES: [&str; 5] = ["UpdateAlias", "UpdateFunctionCode", "CreateDeployment", "UpdateService", "UpdateEnvironment"];
/// Calls that set what programs read, who may do what, and how requests are led.
const SETTINGS: [&str; 30] = [
    "UpdateFunctionConfiguration",
    "UpdateEventSourceMapping",
    "PutParameter",
    "PutSecretValue",
    "UpdateSecret",
    "RotateSecret",
    "RestoreSecret",
    "DeleteSecret",
    "ModifyDBParameterGroup",
    "ModifyDBClusterParameterGroup",
    "ModifyCacheParameterGroup",
    "AuthorizeSecurityGroup",
    "RevokeSecurityGroup",
    "PutBucketPolicy",
    "DeleteBucketPolicy",
    "PutRolePolicy",
    "DeleteRolePolicy",
    "AttachRolePolicy",
    "DetachRolePolicy",
    "UpdateAssumeRolePolicy",
    "PutKeyPolicy",
    "DisableKey",
    "UpdateAccessKey",
    "DeleteAccessKey",
    "ChangeResourceRecordSets",
    "ModifyListener",
    "ModifyRule",
    "ModifyTargetGroup",
    "SetQueueAttributes",
    "UpdateDistribution",
];

/// A call as the change that it is: with its kind, the version that it lets run and whether that is said to be one from before.
pub fn of_call(name: &str, parameters: Option<El<'_>>, change: Deploy) -> Deploy {
    let begins = |list: &[&str]| list.iter().any(|start| name.starts_with(start));
    if begins(&SETTINGS) {
        return Deploy { kind: "config".into(), ..change };
    }
    let of = |keys: &[&str]| parameters.and_then(|p| p.first(keys)).filter(|v| !v.is_empty());
    let version = of(&["functionVersion", "taskDefinition", "versionLabel", "s3ObjectVersion", "imageUri"]);
    let names_one = version.is_some() || name.starts_with("UpdateFunctionCode") || name.starts_with("CreateDeployment");
    if !begins(&RELEASES) || !names_one {
        return change;
    }
    let told = of(&["description"]).unwrap_or_default();
    let version = version.map(|v| v.rsplit(['/', ':']).next().unwrap_or(&v).to_string());
    Deploy {
        kind: "deploy".into(),
        sha: told.split(|c: char| !c.is_ascii_alphanumeric()).find_map(sha),
        rollback: is_rollback(&[&told]),
        version,
        ..change
    }
}

/// Operations of Azure's activity log that only look, though they are called actions.
pub fn only_looks(operation: &str) -> bool {
    let lower = operation.to_lowercase();
    let verb = lower.trim_end_matches("/action").rsplit('/').next().unwrap_or_default();
    lower.ends_with("/action") && ["list", "get", "validate", "check", "read", "query"].iter().any(|look| verb.starts_with(look))
}

/// What an operation of Azure's activity log is.
pub fn of_operation(operation: &str) -> &'static str {
    let settings = [
        "regeneratekey",
        "/config/",
        "/appsettings",
        "/settings/",
        "/secrets/",
        "/keys/",
        "/accesspolicies/",
        "/roleassignments/",
        "/firewallrules/",
        "/securityrules/",
        "/configurations/",
        "/networksecuritygroups/",
        "/routetables/",
        "/dnszones/",
        "/privatednszones/",
    ];
    let lower = operation.to_lowercase();
    if settings.iter().any(|part| lower.contains(part)) { "config" } else { "infrastructure" }
}

#[cfg(test)]
mod tests {
    use super::super::{Document, read_whole};
    use super::*;
    use evidence::{Body, SourceId};

    fn changes(text: &str) -> Vec<Deploy> {
        let document: Document = read_whole("a.json", SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("JSON");
        let of = |body: Body| match body {
            Body::Deploy(deploy) => deploy,
            other => panic!("{other:?}"),
        };
        document.events.into_iter().map(|e| of(e.body)).collect()
    }

    fn call(name: &str, parameters: &str) -> Deploy {
        let text = format!(
            r#"{{"Records":[{{"eventVersion":"1.08","userIdentity":{{"type":"IAMUser","userName":"ann"}},"eventTime":"2025-01-01T00:00:05Z","eventSource":"x.amazonaws.com","eventName":"{name}","requestParameters":{parameters},"eventID":"e"}}]}}"#
        );
        changes(&text).remove(0)
    }

    #[test]
    fn releases_settings_and_infrastructure_are_told_apart_by_the_call() {
        let release = call(
            "UpdateAlias20150331",
            r#"{"functionName":"cart","name":"live","functionVersion":"12","description":"git 4be1f0c7d2a9 new wording"}"#,
        );
        assert_eq!((release.kind.as_str(), release.version.as_deref(), release.rollback), ("deploy", Some("12"), false));
        assert_eq!(release.sha.as_deref(), Some("4be1f0c7d2a9"));
        assert!(
            call("UpdateAlias20150331", r#"{"functionName":"cart","functionVersion":"11","description":"rollback"}"#).rollback
        );
        let task =
            call("UpdateService", r#"{"service":"cart","taskDefinition":"arn:aws:ecs:eu-west-1:1:task-definition/cart:41"}"#);
        assert_eq!((task.kind.as_str(), task.version.as_deref()), ("deploy", Some("41")));
        assert_eq!(call("UpdateService", r#"{"service":"cart","desiredCount":4}"#).kind, "infrastructure");
        assert_eq!(call("UpdateFunctionConfiguration20150331v2", r#"{"functionName":"cart","memorySize":1024}"#).kind, "config");
        assert_eq!(call("RebootDBInstance", r#"{"dBInstanceIdentifier":"ledger"}"#).kind, "infrastructure");
    }

    #[test]
    fn a_key_that_is_made_anew_is_a_setting_and_one_that_is_listed_is_no_change() {
        let entry = |operation: &str| {
            format!(
                r#"{{"caller":"ann","eventTimestamp":"2025-01-01T00:00:05Z","operationName":{{"value":"{operation}"}},"resourceId":"/subscriptions/1/providers/Microsoft.Storage/storageAccounts/shelves","status":{{"value":"Succeeded"}},"properties":{{"requestbody":"{{\"keyName\":\"key2\"}}"}}}}"#
            )
        };
        let accounts = "Microsoft.Storage/storageAccounts";
        let text =
            format!("[{},{}]", entry(&format!("{accounts}/regenerateKey/action")), entry(&format!("{accounts}/listKeys/action")));
        let told = changes(&text);
        assert_eq!((told.len(), told[0].kind.as_str()), (1, "config"));
        assert!(told[0].text.contains("key2"), "{}", told[0].text);
        assert_eq!(of_operation("Microsoft.Compute/virtualMachines/restart/action"), "infrastructure");
    }
}
