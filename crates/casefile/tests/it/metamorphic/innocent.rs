//! Changes that have nothing to do with an incident, made when it began, in the shapes of a code host's interface.

use report::model::Report;
use serde_json::json;

/// A deployment of a service that appears nowhere else.
pub fn deploy(at: &str) -> String {
    let one = json!([{
        "id": 1_500_000_077, "sha": "5a11ab1e0000000000000000000000000000feed", "ref": "v3.4.1", "task": "deploy",
        "environment": "production", "description": "new footer", "creator": { "login": "nadia" },
        "created_at": at, "updated_at": at, "statuses": [{ "state": "success", "created_at": at }],
        "repository_url": "https://api.github.com/repos/shop/newsletter-cms"
    }]);
    serde_json::to_string_pretty(&one).unwrap()
}

/// A commit to the service that is blamed, of documentation and tests alone.
pub fn commit(at: &str, report: &Report) -> String {
    let service = report.causes.first().and_then(|c| c.service.as_deref()).unwrap_or("newsletter-cms");
    let person = json!({ "name": "Nadia Roth", "email": "nadia@example.com", "date": at });
    let file = |name: &str, patch: &str| json!({ "filename": name, "status": "modified", "additions": 1, "deletions": 1, "changes": 2, "patch": patch });
    let one = json!([{
        "sha": "d0c5000000000000000000000000000000001234",
        "commit": { "author": person, "committer": person, "message": "docs: say how to run the tests" },
        "html_url": format!("https://github.com/shop/{service}/commit/d0c5000000000000000000000000000000001234"),
        "author": { "login": "nadia" },
        "files": [
            file("docs/testing.md", "@@ -1,3 +1,3 @@\n # Testing\n \n-Run make.\n+Run make test."),
            file("tests/readme_test.txt", "@@ -1 +1 @@\n-make\n+make test"),
        ]
    }]);
    serde_json::to_string_pretty(&one).unwrap()
}
