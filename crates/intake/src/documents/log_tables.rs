//! Tables of Azure Monitor and Log Analytics: columns with names, rows of values; or each row as an object.
//!
//! Columns are known by their names, whichever table they are of. It must never take a table without a column of
//! messages or requests for a log. What breaks it: columns that were renamed in the query.

use evidence::{Level, Stamp};

use super::carried::{Carried, Outer};
use super::json::El;
use super::{Out, when};

const TIMES: [&str; 3] = ["TimeGenerated", "timestamp", "Timestamp"];
const MESSAGES: [&str; 12] = [
    "LogMessage",
    "LogEntry",
    "Log_s",
    "log_s",
    "OuterMessage",
    "Message",
    "message",
    "SyslogMessage",
    "RenderedDescription",
    "RawData",
    "ResultDescription",
    "Msg",
];
const LEVELS: [&str; 5] = ["LogLevel", "SeverityLevel", "severityLevel", "Level", "EventLevelName"];
const SERVICES: [&str; 8] = [
    "AppRoleName",
    "cloud_RoleName",
    "ContainerAppName_s",
    "ContainerAppName",
    "ContainerName",
    "ContainerName_s",
    "ProcessName",
    "AppName",
];
const INSTANCES: [&str; 8] = [
    "PodName",
    "ContainerGroupName_s",
    "RevisionName_s",
    "AppRoleInstance",
    "cloud_RoleInstance",
    "HostName",
    "Host",
    "Computer",
];
const TRACES: [&str; 3] = ["OperationId", "operation_Id", "CorrelationId"];
/// The other side of a call.
const TARGETS: [&str; 2] = ["Target", "target"];
const FIELDS: [&str; 6] = ["PodNamespace", "LogSource", "ExceptionType", "OperationName", "SourceContext", "_ResourceId"];

pub fn azure(element: El<'_>, out: &mut Out) -> bool {
    let tables: Vec<El<'_>> = element.list("tables").filter(|t| t.has_all(&["columns", "rows"])).collect();
    if !tables.is_empty() {
        out.is("azure_logs");
        tables.into_iter().for_each(|t| table(t, out));
        return true;
    }
    if !element.has_all(&["TableName", "TimeGenerated"]) {
        return false;
    }
    let cells: Vec<(String, El<'_>)> = element.members().collect();
    let is_known = row(element, &cells, out);
    if is_known {
        out.is("azure_logs");
    }
    is_known
}

fn table(table: El<'_>, out: &mut Out) {
    let names: Vec<String> = table.list("columns").map(|c| c.first(&["name", "ColumnName"]).unwrap_or_default()).collect();
    for item in table.list("rows") {
        let cells: Vec<(String, El<'_>)> = names.iter().cloned().zip(item.items()).collect();
        if !row(item, &cells, out) {
            out.texts.push((item.place(), item.compact()));
        }
    }
}

/// One row; false when it is neither a message nor a request.
fn row(place: El<'_>, cells: &[(String, El<'_>)], out: &mut Out) -> bool {
    let cell = |names: &[&str]| {
        let value = |n: &&str| cells.iter().find(|(k, _)| k == n).map(|(_, v)| v.text().unwrap_or_else(|| v.compact()));
        names.iter().filter_map(value).find(|v| !v.is_empty() && v != "null")
    };
    let Some(words) = cell(&MESSAGES).or_else(|| call(&cell)).or_else(|| request(&cell)) else { return false };
    let has_failed = || cell(&["Success", "success"]).filter(|s| s.eq_ignore_ascii_case("false") && cell(&TARGETS).is_some());
    let stamp: Option<Stamp> = cell(&TIMES).and_then(|t| when::read(&t));
    let fields = FIELDS.iter().filter_map(|k| Some((k.to_string(), cell(&[k])?))).collect();
    let outer = Outer {
        stamp,
        level: cell(&LEVELS).and_then(|l| level(&l)).or_else(|| has_failed().map(|_| Level::Error)),
        service: cell(&SERVICES).map(|s| s.trim_start_matches('/').to_string()),
        instance: cell(&INSTANCES),
        trace: cell(&TRACES),
        fields,
        ..Outer::default()
    };
    if stamp.is_some() && !place.is_open() {
        out.carried.push(Carried::new(place.place(), words, outer));
    }
    stamp.is_some()
}

/// A call that a service made, as Application Insights tells of it.
fn call(cell: &dyn Fn(&[&str]) -> Option<String>) -> Option<String> {
    let (name, target) = (cell(&["Name", "name"])?, cell(&TARGETS)?);
    Some(called(&name, &target, &cell(&["ResultCode", "resultCode"])?))
}

/// `GET basket to basket.example.com: 503`.
pub fn called(name: &str, target: &str, code: &str) -> String {
    let to = if target.is_empty() || name.contains(target) { String::new() } else { format!(" to {target}") };
    let of = if code.is_empty() { String::new() } else { format!(": {code}") };
    format!("{name}{to}{of}")
}

/// A request of Application Insights as the object that readers of JSON logs know.
fn request(cell: &dyn Fn(&[&str]) -> Option<String>) -> Option<String> {
    let status = cell(&["ResultCode", "resultCode"])?;
    let name = cell(&["Name", "name"])?;
    let (method, path) = name.split_once(' ').unwrap_or(("", &name));
    let url = cell(&["Url", "url"]).unwrap_or_else(|| path.to_string());
    let took = cell(&["DurationMs", "duration"]).unwrap_or_default();
    Some(serde_json::json!({"method": method, "path": url, "status": status, "duration_ms": took}).to_string())
}

/// A word, or a number on the scale of Application Insights.
fn level(text: &str) -> Option<Level> {
    match text {
        "0" => Some(Level::Debug),
        "1" => Some(Level::Info),
        "2" => Some(Level::Warn),
        "3" => Some(Level::Error),
        "4" => Some(Level::Fatal),
        word => Level::from_word(word),
    }
}

#[cfg(test)]
mod tests {
    use super::super::read_whole;
    use super::*;
    use evidence::{Basis, SourceId};

    const SOURCE: SourceId = SourceId { input: 0, entry: 0 };

    #[test]
    fn rows_of_a_container_table_are_lines_of_its_container() {
        let text = r#"{"tables":[{"name":"PrimaryResult","columns":[{"name":"TimeGenerated","type":"datetime"},{"name":"PodName","type":"string"},
            {"name":"ContainerName","type":"string"},{"name":"LogMessage","type":"dynamic"},{"name":"LogLevel","type":"string"}],"rows":[
            ["2025-01-01T00:00:05.25Z","cart-7f-x1","cart","pool is exhausted","error"],
            ["2025-01-01T00:00:06Z","cart-7f-x1","cart",{"level":"warn","msg":"retrying"},null]]}]}"#;
        let document = read_whole("q.json", SOURCE, text.as_bytes()).expect("JSON");
        assert_eq!((document.format.as_str(), document.carried.len(), document.texts.len()), ("azure_logs", 2, 0));
        let first = document.carried[0].record(document.carried[0].place);
        assert_eq!(
            (first.message.as_ref(), first.level, first.service.as_deref()),
            ("pool is exhausted", Some(Level::Error), Some("cart"))
        );
        assert_eq!(
            (first.instance.as_deref(), first.stamp),
            (Some("cart-7f-x1"), Some(Stamp::new(1_735_689_605_250_000, Basis::Zoned)))
        );
        assert_eq!(
            &text[first.place.start as usize..first.place.end as usize],
            r#"["2025-01-01T00:00:05.25Z","cart-7f-x1","cart","pool is exhausted","error"]"#
        );
        let second = document.carried[1].record(document.carried[1].place);
        assert_eq!((second.message.as_ref(), second.level, second.place.line), ("retrying", Some(Level::Warn), 4));
    }

    #[test]
    fn rows_as_objects_are_messages_or_requests() {
        let text = r#"[{"TableName":"PrimaryResult","TimeGenerated":"2025-01-01T00:00:05Z","Message":"no route","SeverityLevel":"3","AppRoleName":"cart","OperationId":"0af7"},
            {"TableName":"PrimaryResult","TimeGenerated":"2025-01-01T00:00:07Z","Name":"GET /cart","Url":"https://shop.example.com/cart?id=1","ResultCode":"503","DurationMs":"12.5","AppRoleName":"cart"},
            {"TableName":"AppDependencies","TimeGenerated":"2025-01-01T00:00:07Z","Name":"GET basket","Target":"basket.blob.example.com","ResultCode":"403","Success":false,"DurationMs":"8","AppRoleName":"cart"},
            {"TableName":"PrimaryResult","TimeGenerated":"2025-01-01T00:00:08Z","Count":4}]"#;
        let document = read_whole("q.json", SOURCE, text.as_bytes()).expect("JSON");
        let records: Vec<_> = document.carried.iter().map(|c| c.record(c.place)).collect();
        assert_eq!((records[0].level, records[0].trace.as_deref()), (Some(Level::Error), Some("0af7")));
        let http = records[1].http.as_ref().expect("a request");
        assert_eq!((http.status, http.path.as_deref(), http.duration_ms), (Some(503), Some("/cart"), Some(12.5)));
        let call = &records[2];
        assert_eq!((call.message.as_ref(), call.level), ("GET basket to basket.blob.example.com: 403", Some(Level::Error)));
        assert!(call.http.is_none(), "what a service asks of another is no request of a user");
        assert_eq!((records.len(), document.texts.len(), document.records), (3, 1, 4));
    }
}
