//! Events of a stack of CloudFormation (`describe-stack-events`): what was created, updated or deleted, and whether it failed.
//!
//! The stack is named by itself, its resources by their names in it. It must never tell the tidying up behind an update. What
//! breaks it: a stack whose names say nothing of what runs on it.

use evidence::{Body, ChangePhase, Deploy};

use super::json::El;
use super::{Context, Out};

pub fn read(element: El<'_>, context: &Context<'_>, out: &mut Out) -> bool {
    if context.is_line || !element.has_all(&["StackName", "LogicalResourceId", "ResourceStatus", "Timestamp"]) {
        return false;
    }
    out.is("cloudformation");
    let status = element.word("ResourceStatus");
    let phase = if status.contains("CLEANUP") || status.starts_with("REVIEW") {
        None
    } else if status.ends_with("_FAILED") {
        Some(ChangePhase::Failed)
    } else if status.ends_with("_IN_PROGRESS") {
        Some(ChangePhase::Started)
    } else {
        status.ends_with("_COMPLETE").then_some(ChangePhase::Finished)
    };
    let Some((phase, at)) = phase.zip(element.stamp(&["Timestamp"])) else {
        out.others += 1;
        return true;
    };
    let words = [status.clone(), element.word("ResourceType"), element.word("LogicalResourceId")];
    let reason = element.first(&["ResourceStatusReason"]).map(|reason| format!(": {reason}")).unwrap_or_default();
    let deploy = Deploy {
        service: element.first(&["LogicalResourceId"]),
        version: None,
        sha: None,
        phase,
        finished: None,
        rollback: status.contains("ROLLBACK"),
        environment: None,
        actor: None,
        kind: "infrastructure".into(),
        text: format!("{}{reason}", words.join(" ")),
    };
    out.add(element, Some(at), Body::Deploy(deploy));
    true
}

#[cfg(test)]
mod tests {
    use super::super::read_whole;
    use super::*;
    use evidence::SourceId;

    #[test]
    fn a_stack_tells_what_it_did() {
        let event = |status: &str, reason: &str| {
            format!(
                r#"{{"StackName":"cart-prod","LogicalResourceId":"CartDb","ResourceType":"AWS::RDS::DBInstance","Timestamp":"2025-01-01T00:00:05Z","ResourceStatus":"{status}"{reason}}}"#
            )
        };
        let all = [
            event("UPDATE_IN_PROGRESS", ""),
            event("UPDATE_FAILED", r#","ResourceStatusReason":"no such class""#),
            event("UPDATE_ROLLBACK_COMPLETE", ""),
            event("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", ""),
        ];
        let text = format!(r#"{{"StackEvents":[{}]}}"#, all.join(","));
        let document = read_whole("s.json", SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("JSON");
        let told: Vec<_> = document
            .events
            .iter()
            .map(|e| match &e.body {
                Body::Deploy(d) => (d.phase, d.rollback, d.text.as_str()),
                other => panic!("{other:?}"),
            })
            .collect();
        let expected = [
            (ChangePhase::Started, false, "UPDATE_IN_PROGRESS AWS::RDS::DBInstance CartDb"),
            (ChangePhase::Failed, false, "UPDATE_FAILED AWS::RDS::DBInstance CartDb: no such class"),
            (ChangePhase::Finished, true, "UPDATE_ROLLBACK_COMPLETE AWS::RDS::DBInstance CartDb"),
        ];
        assert_eq!((told, document.records), (expected.to_vec(), 4));
    }
}
