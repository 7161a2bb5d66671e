//! Files that reach no running program: documentation, tests, pipelines, style sheets, generated text.
//!
//! It must never know an incident. What breaks it: a pipeline file that holds production settings; it counts as neutral.

use expressions::{Expression, constant};
use std::sync::LazyLock;

use evidence::Commit;

use super::parse::Hunk;

static FILES: LazyLock<Expression> = LazyLock::new(|| {
    constant(
        r"(?xi)
        \.(md|rst|adoc|txt|css|scss|less|svg|png|jpe?g|gif|ico|woff2?|snap|lock|sum|map)$
        | (^|/)(docs?|tests?|__tests__|spec|specs|testdata|fixtures|golden|e2e|examples?|mocks?|storybook|\.github|\.gitlab|\.circleci|\.vscode|\.idea|dashboards?|grafana)/
        | [._\-](test|tests|spec|mock|stories|fuzz_test|e2e)\.\w+$ | (^|/)test_\w+\.py$ | Tests?\.(java|kt|cs)$ | _spec\.rb$
        | (^|/)(CODEOWNERS|LICENSE|NOTICE|CHANGELOG[\w.]*|AUTHORS|README[\w.]*|\.gitignore|\.editorconfig|\.gitlab-ci\.yml|Jenkinsfile|renovate\.json|\.pre-commit-config\.ya?ml)$
        | (^|/)\.?(golangci|eslint|prettier|rubocop|pylint|flake8|stylelint|rustfmt|clippy)[\w.]*$
        | (package-lock\.json|pnpm-lock\.yaml)$ | \.(pb\.go|g\.dart|generated\.\w+|min\.js)$ | _pb2\.py$",
    )
});
static ESSENTIAL: LazyLock<Expression> =
    LazyLock::new(|| constant(r"(?i)requirements[\w\-]*\.txt$|CMakeLists\.txt$|robots\.txt$"));
static MESSAGE: LazyLock<Expression> = LazyLock::new(|| {
    constant(
        r"(?i)^\s*(docs?|tests?|style|ci|lint|build\(ci\))(\([^)]*\))?!?:|^(fix )?typo|^(gofmt|goimports|prettier|reformat|run formatter)|^lint$|\b(update|add) (readme|changelog|codeowners)\b",
    )
});
static ELSEWHERE: LazyLock<Expression> = LazyLock::new(|| {
    constant(
        r"(?i)(^|[/._\-])(staging|stg|dev|development|sandbox|qa|preview)/|[/._\-](staging|stg|dev|qa|sandbox)\.(ya?ml|json|toml|tfvars|properties|env|conf)$",
    )
});

/// The file reaches no running program.
pub(super) fn is_neutral_path(path: &str) -> bool {
    !ESSENTIAL.is_match(path) && FILES.is_match(path)
}

/// The file belongs to another environment than production.
pub(super) fn is_elsewhere(path: &str) -> bool {
    ELSEWHERE.is_match(path) && !path.to_lowercase().contains("prod")
}

/// All of the commit is neutral: by its files, by its message when it shows no diff, or because every line only moved.
pub(super) fn is_neutral(commit: &Commit, hunks: &[Hunk]) -> bool {
    let paths: Vec<&str> = commit.files.iter().map(|f| f.path.as_str()).filter(|p| !p.is_empty()).collect();
    if !paths.is_empty() && paths.iter().all(|p| is_neutral_path(p)) {
        return true;
    }
    let subject = commit.message.lines().next().unwrap_or("");
    let lines = hunks.iter().map(|h| h.lines.iter().filter(|l| l.side != super::parse::Side::Context).count()).sum::<usize>();
    if lines == 0 {
        return MESSAGE.is_match(subject);
    }
    let live = hunks.iter().filter(|h| !is_neutral_path(&h.path));
    live.flat_map(|h| &h.lines).all(|l| !l.gone() && !l.is_new())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_reach_no_program() {
        for p in [
            "docs/a.md",
            "pkg/a_test.go",
            "src/test/java/ATest.java",
            ".github/workflows/x.yml",
            "web/a.css",
            "go.sum",
            "CODEOWNERS",
            "x/testdata/g.json",
            "a.spec.ts",
            ".golangci.yml",
        ] {
            assert!(is_neutral_path(p), "{p}");
        }
        for p in
            ["pkg/a.go", "deploy/values.yaml", "requirements.txt", "Dockerfile", "src/contest.py", "app/latest/x.go", "db/1.sql"]
        {
            assert!(!is_neutral_path(p), "{p}");
        }
        assert!(is_elsewhere("deploy/staging/tls.yaml") && !is_elsewhere("deploy/production/tls.yaml"));
    }
}
