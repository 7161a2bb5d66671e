//! Of what a commit says that it is: `resolver: shorter cache`, `fix(resolver): shorter cache`.
//!
//! Must never know the services of an incident. When it misleads: a word before a colon that names a kind of work or a person; so it
//! has to stand in the path of a file that was changed as well.

use std::sync::LazyLock;

use evidence::Commit;
use expressions::{Expression, constant};

static SCOPE: LazyLock<Expression> =
    LazyLock::new(|| constant(r"^(?:[a-z]+\((?P<within>[\w./-]{3,40})\)!?|(?P<before>[A-Za-z][\w.-]{2,40})): "));

/// Words before a colon by which people tell kinds of commits.
const KINDS: [&str; 20] = [
    "feat", "fix", "chore", "docs", "doc", "refactor", "revert", "ci", "build", "test", "tests", "perf", "style", "hotfix",
    "wip", "merge", "release", "deps", "config", "ops",
];

/// The component before the colon of the subject, where a path of the commit has it.
pub fn scope(commit: &Commit) -> Option<String> {
    let captures = SCOPE.captures(super::subject(commit))?;
    let named = captures.name("within").or(captures.name("before"))?.as_str();
    let name = named.rsplit('/').next().unwrap_or(named).to_lowercase();
    let stands = |path: &str| {
        let lower = path.to_lowercase();
        lower.split('/').any(|part| part == name) || lower.split(['/', '.', '_', '-']).any(|part| part == name)
    };
    let is_name = !KINDS.contains(&name.as_str()) && !crate::entities::is_of_settings(&name);
    (is_name && commit.files.iter().any(|f| stands(&f.path))).then_some(name)
}

/// The component whose folder all files of a commit stand in, where a repository holds the settings of many: the innermost folder
/// that is named after no kind of settings and no environment.
pub fn folder(commit: &Commit) -> Option<String> {
    const PLACES: [&str; 40] = [
        "apps",
        "app",
        "applications",
        "services",
        "service",
        "components",
        "charts",
        "chart",
        "helm",
        "templates",
        "base",
        "bases",
        "overlays",
        "environments",
        "envs",
        "env",
        "clusters",
        "cluster",
        "prod",
        "production",
        "staging",
        "stage",
        "dev",
        "test",
        "live",
        "src",
        "deploy",
        "deployment",
        "deployments",
        "manifests",
        "values",
        "config",
        "configs",
        "conf",
        "infra",
        "infrastructure",
        "platform",
        "modules",
        "roles",
        "group_vars",
    ];
    let of = |path: &str| {
        let (folders, _) = path.rsplit_once('/')?;
        let is_name = |part: &&str| part.len() >= 3 && !PLACES.contains(part) && !crate::entities::is_of_settings(part);
        folders.rsplit('/').find(is_name).map(str::to_lowercase)
    };
    let mut all = commit.files.iter().map(|f| of(&f.path));
    let first = all.next()??;
    all.all(|other| other.as_ref() == Some(&first)).then_some(first)
}

#[cfg(test)]
mod tests {
    use evidence::FileDiff;

    use super::*;

    #[test]
    fn a_component_stands_before_the_colon_and_in_the_path() {
        let of = |message: &str, path: &str| {
            let files = vec![FileDiff { path: path.into(), patch: String::new() }];
            scope(&Commit { message: message.into(), files, ..Commit::default() })
        };
        assert_eq!(of("resolver: shorter cache", "infra/resolver-config.yaml").as_deref(), Some("resolver"));
        assert_eq!(of("fix(resolver): shorter cache", "infra/resolver/values.yaml").as_deref(), Some("resolver"));
        assert_eq!(of("fix: shorter cache", "fix/values.yaml"), None, "a kind of work");
        assert_eq!(of("ann: shorter cache", "infra/resolver.yaml"), None, "nothing of that name was changed");
        assert_eq!(of("shorter cache", "infra/resolver.yaml"), None);
        assert_eq!(of("log-shipper: keep more", "logging/log-shipper/values.yaml").as_deref(), Some("log-shipper"));
    }

    #[test]
    fn settings_of_many_stand_in_a_folder_each() {
        let of = |paths: &[&str]| {
            let files = paths.iter().map(|path| FileDiff { path: (*path).into(), patch: String::new() }).collect();
            folder(&Commit { files, ..Commit::default() })
        };
        assert_eq!(of(&["logging/log-shipper/values.yaml"]).as_deref(), Some("log-shipper"));
        assert_eq!(of(&["clusters/prod/apps/autoscaler/overlays/prod/values.yaml"]).as_deref(), Some("autoscaler"));
        assert_eq!(of(&["autoscaler/values.yaml", "resolver/values.yaml"]), None);
        assert_eq!(of(&["values.yaml"]), None);
    }
}
