//! Tables of events whose columns somebody chose: `kubectl get events -o custom-columns=TIME:.lastTimestamp,...`.
//!
//! The command above the table says which column is what, whatever its name. It must never take a table of other objects for
//! one of events. What breaks it: a table that was pasted without its command.

use super::kubectl_cells::columns;
use super::page::Page;

/// How the columns of the default table are called, by the path of the field.
const FIELDS: [(&str, &str); 12] = [
    ("lastTimestamp", "LAST SEEN"),
    ("eventTime", "LAST SEEN"),
    ("metadata.creationTimestamp", "LAST SEEN"),
    ("firstTimestamp", "FIRST SEEN"),
    ("reason", "REASON"),
    ("involvedObject.name", "OBJECT"),
    ("involvedObject.kind", "KIND"),
    ("message", "MESSAGE"),
    ("type", "TYPE"),
    ("count", "COUNT"),
    ("metadata.namespace", "NAMESPACE"),
    ("involvedObject.namespace", "NAMESPACE"),
];

/// The columns of a line of names, as the default table calls them, where the line above it is such a command.
pub fn names(page: &Page<'_>, index: usize) -> Option<Vec<String>> {
    let above = (0..index).rev().map(|i| page.line(i).into_owned()).find(|line| !line.trim().is_empty())?;
    of_command(&above, &columns(&page.line(index)))
}

fn of_command(command: &str, header: &[String]) -> Option<Vec<String>> {
    let (before, spec) = command.split_once("custom-columns=")?;
    before.split_whitespace().any(|word| ["events", "event", "ev"].contains(&word)).then_some(())?;
    let spec = spec.trim_start_matches(['\'', '"']).split(['\'', '"', ' ']).next()?;
    let field = |column: &str| {
        let (name, path) = column.split_once(':')?;
        let known = FIELDS.iter().find(|(field, _)| *field == path.trim_start_matches('.'));
        Some((name.to_string(), known.map_or(name, |(_, known)| known).to_string()))
    };
    let fields: Vec<(String, String)> = spec.split(',').filter_map(field).collect();
    let is_header = header.len() == fields.len() && header.iter().zip(&fields).all(|(own, (name, _))| own == name);
    let has = |wanted: &str| fields.iter().any(|(_, known)| known == wanted);
    (is_header && has("REASON") && has("OBJECT") && has("LAST SEEN"))
        .then(|| fields.into_iter().map(|(_, known)| known).collect())
}

/// Of what kind the object of an event is, where no column tells.
pub fn kind_of(reason: &str, name: &str) -> &'static str {
    match reason {
        "SuccessfulRescale" | "FailedGetResourceMetric" | "FailedComputeMetricsReplicas" => "HorizontalPodAutoscaler",
        "ScalingReplicaSet" => "Deployment",
        "SuccessfulCreate" | "SuccessfulDelete" | "FailedCreate" => "ReplicaSet",
        _ if reason.contains("Node") && !name.contains('/') => "Node",
        _ => "Pod",
    }
}

/// Whether it is a warning, where no column tells.
pub fn is_warning(reason: &str) -> bool {
    const BAD: [&str; 9] = [
        "Unhealthy",
        "BackOff",
        "Evicted",
        "OOMKilling",
        "NodeNotReady",
        "SystemOOM",
        "NetworkNotReady",
        "InspectFailed",
        "Preempted",
    ];
    reason.starts_with("Failed") || BAD.contains(&reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_says_which_column_is_what() {
        let header: Vec<String> = ["WHEN", "WHY", "WHAT", "TEXT"].map(str::to_string).to_vec();
        let command =
            "$ kubectl get events -A -o custom-columns=WHEN:.lastTimestamp,WHY:.reason,WHAT:.involvedObject.name,TEXT:.message";
        let found = of_command(command, &header).expect("a table of events");
        assert_eq!(found, ["LAST SEEN", "REASON", "OBJECT", "MESSAGE"]);
        assert_eq!(of_command(&command.replace("events", "pods"), &header), None);
        assert_eq!(of_command("$ kubectl get events", &header), None);
        assert_eq!(of_command(command, &header[..3]), None, "another table");
    }
}
