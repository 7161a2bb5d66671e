//! Tables of Application Insights: a row for each request that a service answered, or for each call that it made.
//!
//! A request becomes what readers of JSON logs know as one. A call of another service is no request of a user: it becomes a message
//! that names the other side and its answer, and is an error where it failed. Must never guess from what the cells hold; the names of
//! the columns are those of the product. What breaks it: columns that were renamed in the query.

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
}

impl Calls {
    /// The columns by their names without letter case and marks.
    pub fn of(names: &[String]) -> Option<Calls> {
        let column = |of: &[&str]| names.iter().position(|name| of.contains(&name.as_str()));
        let (success, duration) = (column(&["success"]), column(&["duration", "durationms"]));
        (success.is_some() || duration.is_some()).then_some(())?;
        Some(Calls { name: column(&["name"])?, code: column(&["resultcode"])?, success, duration, target: column(&["target"]) })
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
        match self.target.map(cell) {
            None => {
                members.add(if names_method(name) { "request" } else { "message" }, name);
                members.add_value("status", code);
            }
            Some(target) => {
                members.add("level", if failed { "error" } else { "info" });
                members.add("message", &called(name, target, code));
                members.add("target", target);
                members.add("resultCode", code);
            }
        }
    }
}

/// `GET /basket`, and not the name of a job.
fn names_method(name: &str) -> bool {
    name.split_once(' ').is_some_and(|(method, _)| method.len() > 2 && method.bytes().all(|b| b.is_ascii_uppercase()))
}
