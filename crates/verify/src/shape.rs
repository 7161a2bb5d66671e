//! The report as bytes to the report as data. Must never mend anything: a field that is not there is a fault.

use report::model::{Report, SCHEMA};
use serde_json::Value;

use crate::Verdict;

/// Reads a report; notes fields that the contract has and the report lacks. The error says why it is none at all.
pub fn read(json: &[u8], verdict: &mut Verdict) -> Result<Report, String> {
    let value: Value = serde_json::from_slice(json).map_err(|e| e.to_string())?;
    let schema = value.get("schema").and_then(Value::as_str).unwrap_or("none");
    if schema != SCHEMA {
        return Err(format!("its schema is {schema}, not {SCHEMA}"));
    }
    let report: Report = serde_json::from_slice(json).map_err(|e| e.to_string())?;
    let full = serde_json::to_value(&report).map_err(|e| e.to_string())?;
    missing(&full, &value, &mut String::new(), verdict);
    Ok(report)
}

/// Every key of `full` stands in `have`.
fn missing(full: &Value, have: &Value, path: &mut String, verdict: &mut Verdict) {
    let length = path.len();
    match (full, have) {
        (Value::Object(full), Value::Object(have)) => {
            for (key, value) in full {
                path.push_str(&format!(".{key}"));
                match have.get(key) {
                    Some(other) => missing(value, other, path, verdict),
                    None => verdict.fault(format!("the field {} is missing", path.trim_start_matches('.'))),
                }
                path.truncate(length);
            }
        }
        (Value::Array(full), Value::Array(have)) => {
            for (i, (value, other)) in full.iter().zip(have).enumerate() {
                path.push_str(&format!("[{i}]"));
                missing(value, other, path, verdict);
                path.truncate(length);
            }
        }
        _ => {}
    }
}
