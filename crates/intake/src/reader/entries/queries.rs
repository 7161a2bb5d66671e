//! Histories of queries: what a warehouse or a database lists of the statements that it ran (Snowflake, BigQuery, Databricks,
//! Redshift), a row each.
//!
//! Which columns say when a statement ended, what it was and how it went. A row is told when it ended, as that is when it
//! failed, in the words of its error or else in its own. Must never take a table without a column for the outcome for one: it
//! would be a table of texts. What breaks it: a history whose columns were renamed.

/// When a statement ended, when it was begun, what it was, how it went, of what it failed, and on what it ran.
const ENDS: [&str; 5] = ["endtime", "finishtime", "completiontime", "executionendtime", "endedat"];
const STARTS: [&str; 7] =
    ["starttime", "creationtime", "startedat", "executionstarttime", "querystarttime", "createtime", "submittime"];
const TEXTS: [&str; 6] = ["querytext", "query", "statementtext", "sqltext", "querysql", "statement"];
const STATES: [&str; 5] = ["executionstatus", "status", "state", "querystatus", "jobstate"];
const ERRORS: [&str; 5] = ["errormessage", "errorresult", "error", "errorresult.message", "failurereason"];
const PLACES: [&str; 6] = ["warehousename", "warehouse", "warehouseid", "clustername", "projectid", "workgroup"];

/// Columns of such a history.
#[derive(Debug, PartialEq)]
pub struct Queries {
    pub time: usize,
    text: usize,
    state: Option<usize>,
    error: Option<usize>,
    pub place: Option<usize>,
}

impl Queries {
    /// By the names of the columns, in small letters and without marks.
    pub fn of(names: &[String]) -> Option<Queries> {
        let column = |of: &[&str]| of.iter().find_map(|name| names.iter().position(|n| n == name));
        let (start, text) = (column(&STARTS)?, column(&TEXTS)?);
        let (state, error) = (column(&STATES), column(&ERRORS));
        state.or(error)?;
        Some(Queries { time: column(&ENDS).unwrap_or(start), text, state, error, place: column(&PLACES) })
    }

    /// What is told of a row, and how grave it is.
    pub fn told<'c>(&self, cells: &'c [String]) -> (&'c str, &'static str) {
        let cell = |column: Option<usize>| column.and_then(|c| cells.get(c)).map(|c| c.trim()).filter(|c| !is_empty(c));
        let state = cell(self.state).unwrap_or_default().to_lowercase();
        let is_failed = ["fail", "error", "abort", "cancel", "incident"].iter().any(|word| state.contains(word));
        let error = cell(self.error);
        let level = if is_failed || error.is_some() { "error" } else { "info" };
        (error.or(cell(Some(self.text))).unwrap_or_default(), level)
    }
}

fn is_empty(cell: &str) -> bool {
    cell.is_empty() || matches!(cell.to_lowercase().as_str(), "null" | "none" | "\\n" | "0" | "[]" | "{}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(names: &[&str], row: &[&str]) -> Option<(usize, String, &'static str)> {
        let names: Vec<String> = names.iter().map(|n| n.to_string()).collect();
        let row: Vec<String> = row.iter().map(|c| c.to_string()).collect();
        let queries = Queries::of(&names)?;
        let (words, level) = queries.told(&row);
        Some((queries.time, words.to_string(), level))
    }

    #[test]
    fn a_statement_is_told_when_it_ended_in_the_words_of_its_error() {
        let names = ["querytext", "warehousename", "executionstatus", "errormessage", "starttime", "endtime"];
        let row = |state, error| ["select 1", "WH_A", state, error, "2025-01-01 00:00:05", "2025-01-01 00:15:05"];
        assert_eq!(told(&names, &row("SUCCESS", "")), Some((5, "select 1".into(), "info")));
        assert_eq!(told(&names, &row("FAIL", "SQL execution canceled")), Some((5, "SQL execution canceled".into(), "error")));
    }

    #[test]
    fn a_table_without_an_outcome_is_none() {
        assert_eq!(told(&["query", "starttime", "count"], &["a", "b", "c"]), None);
    }
}
