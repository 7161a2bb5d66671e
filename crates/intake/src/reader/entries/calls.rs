//! Tables of Application Insights: a row for each request that a service answered, or for each call that it made.
//!
//! A request becomes what readers of JSON logs know as one. A call of another service is no request of a user: it becomes a message
//! that names the other side and its answer, and is an error where it failed. Where one table has several services, each request of a
//! user stands there once for each that had a part in it: those of the services behind the first one are messages as well. Must never
//! guess from what the cells hold; the names of the columns are those of the product. What breaks it: columns that were renamed in
//! the query.

use std::collections::{BTreeMap, BTreeSet};

use super::members::Members;
use crate::documents::called;

/// The columns of such a table.
pub struct Calls {
    name: usize,
    code: usize,
    success: Option<usize>,
    duration: Option<usize>,
    /// The other side; only calls have one.
    target: Option<usize>,
    role: Option<usize>,
    operation: Option<usize>,
    /// Services that are asked by other services only.
    inner: BTreeSet<String>,
}

impl Calls {
    /// The columns by their names without letter case and marks.
    pub fn of(names: &[String]) -> Option<Calls> {
        let column = |of: &[&str]| names.iter().position(|name| of.contains(&name.as_str()));
        let (success, duration) = (column(&["success"]), column(&["duration", "durationms"]));
        (success.is_some() || duration.is_some()).then_some(())?;
        Some(Calls {
            name: column(&["name"])?,
            code: column(&["resultcode"])?,
            success,
            duration,
            target: column(&["target"]),
            role: column(&["cloudrolename", "approlename"]),
            operation: column(&["operationid"]),
            inner: BTreeSet::new(),
        })
    }

    /// Learns which services are only asked by others: of one operation the first request is the user's. `rows`: with their times.
    pub fn learn<'r>(&mut self, rows: impl Iterator<Item = (i64, &'r [String])>) {
        let (Some(role), Some(operation)) = (self.role, self.operation) else { return };
        let mut operations: BTreeMap<&str, Vec<(i64, &str)>> = BTreeMap::new();
        for (at, cells) in rows {
            if let (Some(role), Some(id)) = (cells.get(role), cells.get(operation).filter(|id| !id.is_empty())) {
                operations.entry(id.as_str()).or_default().push((at, role.as_str()));
            }
        }
        let (mut outer, mut inner) = (BTreeSet::new(), BTreeSet::new());
        for mut requests in operations.into_values() {
            requests.sort_by_key(|(at, _)| *at);
            let Some((_, first)) = requests.first().copied() else { continue };
            outer.insert(first);
            inner.extend(requests.into_iter().map(|(_, role)| role).filter(|role| *role != first));
        }
        self.inner = inner.difference(&outer).map(|role| role.to_string()).collect();
    }

    /// Whether a column is one of these.
    pub fn has(&self, column: usize) -> bool {
        [Some(self.name), Some(self.code), self.success, self.duration, self.target].contains(&Some(column))
    }

    /// What the cells say, under the names that JSON logs have for it.
    pub fn add(&self, cells: &[String], members: &mut Members) {
        let cell = |column: usize| cells.get(column).map_or("", |cell| cell.trim());
        let (name, code) = (cell(self.name), cell(self.code));
        let failed = self.success.is_some_and(|column| cell(column).eq_ignore_ascii_case("false"));
        members.add_value("duration_ms", self.duration.map_or("", cell));
        let is_inner = self.role.is_some_and(|role| self.inner.contains(cell(role)));
        match self.target.map(cell) {
            None if is_inner => {
                members.add("level", if failed { "error" } else { "info" });
                // Not in the order in which a request and its answer are read.
                members.add("message", &format!("answered {code}: {name}"));
            }
            None => {
                if failed && code.len() == 3 && code.starts_with('5') {
                    members.add("level", "error");
                }
                members.add(if names_method(name) { "request" } else { "message" }, name);
                members.add_value("status", code);
            }
            Some(target) => {
                members.add("level", if failed { "error" } else { "info" });
                members.add("message", &called(name, target, code));
                members.add("target", resource(target));
                members.add("resultCode", code);
            }
        }
    }
}

/// `shelves` of `shelves.blob.core.windows.net`: a resource of Azure is the first part of its host.
fn resource(target: &str) -> &str {
    const CLOUD: [&str; 6] =
        [".core.windows.net", ".azure.net", ".windows.net", ".azure.com", ".azurewebsites.net", ".azurecr.io"];
    let host = target.split([' ', '|', '/', ':']).next().unwrap_or(target);
    if CLOUD.iter().any(|end| host.ends_with(end)) { host.split('.').next().unwrap_or(host) } else { target }
}

/// `GET /basket`, and not the name of a job.
fn names_method(name: &str) -> bool {
    name.split_once(' ').is_some_and(|(method, _)| method.len() > 2 && method.bytes().all(|b| b.is_ascii_uppercase()))
}
