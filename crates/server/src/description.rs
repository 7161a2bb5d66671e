//! What `/openapi.json` says: the description that stands beside each handler, and what holds for all of them.
//!
//! A refusal has one form and one media type wherever it comes from, so that is said here once; a handler cannot forget it. Must never
//! know a single operation.

use serde_json::{Value, json};
use utoipa::OpenApi;

#[derive(OpenApi)]
#[openapi(
    info(title = "Casefile", description = "Cases, their evidence, their reports, and what people say of them."),
    components(schemas(crate::logs::Counted)),
    tags((name = "cases"), (name = "evidence"), (name = "analysis"), (name = "report"), (name = "logs"), (name = "server"))
)]
pub struct Description;

const PROBLEM: &str = "application/problem+json";

/// With what every operation may answer besides.
pub fn whole(description: &utoipa::openapi::OpenApi) -> Value {
    let mut whole = serde_json::to_value(description).unwrap_or_default();
    let paths = whole["paths"].as_object_mut().into_iter().flat_map(|paths| paths.values_mut());
    for operation in paths.filter_map(Value::as_object_mut).flat_map(|item| item.values_mut()) {
        let Some(responses) = operation.get_mut("responses").and_then(Value::as_object_mut) else { continue };
        responses.values_mut().for_each(refusal);
        responses.insert("default".to_owned(), any());
    }
    whole
}

/// A refusal is a problem (RFC 9457), not any JSON.
fn refusal(response: &mut Value) {
    let Some(content) = response.get_mut("content").and_then(Value::as_object_mut) else { return };
    let is_problem = |body: &Value| body["schema"]["$ref"] == "#/components/schemas/Problem";
    if content.get("application/json").is_some_and(is_problem)
        && let Some(body) = content.remove("application/json")
    {
        content.insert(PROBLEM.to_owned(), body);
    }
}

fn any() -> Value {
    json!({
        "description": "A refusal that any operation may give: 403 for a request of another site that would change something, 405 and 415, \
                        421 for a name that is not this server's, 500 for a fault of its own, 503 with Retry-After while what it keeps \
                        cannot be reached, 507 when the disk is full.",
        "content": { PROBLEM: { "schema": { "$ref": "#/components/schemas/Problem" } } }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_says_how_it_refuses() {
        let description = whole(&crate::described().1);
        for (path, item) in description["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                for (status, response) in operation["responses"].as_object().unwrap() {
                    let is_refusal = status == "default" || status.starts_with(['4', '5']);
                    let content = response["content"].as_object();
                    assert!(response.get("content").is_none_or(Value::is_object), "{method} {path} {status}: {response}");
                    assert!(
                        !is_refusal || content.is_some_and(|c| c.contains_key(PROBLEM)),
                        "{method} {path} {status}: {response}"
                    );
                }
                for parameter in operation["parameters"].as_array().into_iter().flatten() {
                    let name = parameter["name"].as_str().unwrap();
                    let stands = if path.contains(&format!("{{{name}}}")) { "path" } else { "query" };
                    assert_eq!(parameter["in"], stands, "{method} {path} {name}");
                }
            }
        }
    }

    /// Draft 2020-12, which OpenAPI 3.1 has, knows a list of schemas as `prefixItems` only.
    #[test]
    fn every_schema_is_one() {
        fn looked_at(value: &Value, at: &str) {
            if let Some(items) = value.get("items") {
                assert!(items.is_object() || items.is_boolean(), "{at}");
            }
            let inner = value.as_object().into_iter().flatten().map(|(key, inner)| (key.clone(), inner));
            let listed = value.as_array().into_iter().flatten().enumerate().map(|(n, inner)| (n.to_string(), inner));
            inner.chain(listed).for_each(|(key, inner)| looked_at(inner, &format!("{at}/{key}")));
        }
        looked_at(&whole(&crate::described().1), "");
    }
}
