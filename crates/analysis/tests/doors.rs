//! What comes from outside into the analysis as text (diffs, speech, traces, messages), damaged in every way: nothing
//! panics, nothing takes long, the same text reads the same. What once failed stands in `tests/kept` and is read again.

use std::path::Path;

use analysis::diffs::{self, Frame, Symptom};
use analysis::{acts, signatures, traces};
use evidence::{Commit, FileDiff};
use proptest::prelude::*;

/// Diffs, speech and traces of many languages, as people paste them.
const SEEDS: &[&str] = &[
    "@@ -10,7 +10,6 @@ func (p *Pay) Process(c *Card) error {\n \tlog.Print(c)\n-\tif c == nil {\n-\t\treturn ErrNoCard\n-\t}\n+\tid := c.ID\n \treturn p.send(id)\n",
    "@@ -1,4 +1,4 @@\n spring:\n   datasource:\n     hikari:\n-      maximum-pool-size: 30\n+      maximum-pool-size: 3\n",
    "diff --git a/db/2.sql b/db/2.sql\nnew file mode 100644\n--- /dev/null\n+++ b/db/2.sql\n@@ -0,0 +1,2 @@\n+ALTER TABLE orders ADD COLUMN gift jsonb NOT NULL;\n+CREATE INDEX i ON orders (gift);\n",
    "@@ -3 +3 @@\n-  image: shop/cart:1.2\n+  image: shop/cart:1.3\n@@ -9,2 +9,3 @@\n     limits:\n-      memory: 1Gi\n+      memory: 256Mi\n+      cpu: 100m\n",
    "@@ -1,3 +1,5 @@\n-const cache = new LRU({ max: 500 });\n+const cache = new Map();\n+cache.set(req.url, result); // é 你好\n",
    "rolled back to v2.14.3 at 09:01, error rate 5% → 0.2%, ~8,000 users. AI: @bob add a canary by Friday (P1)",
    "panic: runtime error: invalid memory address or nil pointer dereference\n[signal SIGSEGV: segmentation violation]\n\ngoroutine 7 [running]:\nmain.(*Pay).Process(0x0)\n\t/app/pay.go:12 +0x1d\n",
    "Traceback (most recent call last):\n  File \"/app/a.py\", line 3, in f\n    x.y\nAttributeError: 'NoneType' object has no attribute 'y'\n",
    "java.lang.IllegalStateException: no\n\tat a.B.c(B.java:1)\nCaused by: java.sql.SQLException: x\n\t... 12 more\n",
];

fn read_everything(text: &str) {
    let commit = Commit {
        sha: "0".repeat(40),
        message: text.lines().next().unwrap_or_default().to_string(),
        files: vec![
            FileDiff { path: "src/a.go".into(), patch: text.into() },
            FileDiff { path: String::new(), patch: text.into() },
            FileDiff { path: text.chars().take(40).collect(), patch: "@@ -1 +1 @@\n-a\n+b\n".into() },
        ],
        ..Commit::default()
    };
    let reading = diffs::read(&commit);
    assert_eq!(reading, diffs::read(&commit));
    let symptom = Symptom { text: text.into(), service: None, weight: 0.7, family: Some("crash".into()) };
    let frames = [Frame { function: "main.(*Pay).Process", file: "src/a.go", line: Some(12) }];
    for found in diffs::rank(&[&commit, &commit], &[symptom], &frames) {
        assert!(found.value.is_finite());
        assert!(found.reasons.iter().all(|r| r.change.is_none_or(|c| c < reading.changes.len())));
    }
    for said in acts::read(text, "zoe", false) {
        assert!(text.get(said.span.0..said.span.1).is_some());
    }
    traces::read(text);
    signatures::Catalogue::load().matches(text);
}

#[test]
fn what_once_failed_is_read_again() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/kept");
    #[allow(clippy::disallowed_methods)]
    for entry in std::fs::read_dir(folder).into_iter().flatten().filter_map(|e| e.ok()) {
        read_everything(&String::from_utf8_lossy(&std::fs::read(entry.path()).unwrap()));
    }
}

#[test]
fn extremes_are_read() {
    read_everything("");
    read_everything(&"+".repeat(100_000));
    read_everything(&"@@ -99999999999999999999,9 +0,0 @@\n+x\n".repeat(50));
    read_everything(&format!("@@ -1 +1 @@\n-{}\n+{}\n", "(".repeat(20_000), "[{".repeat(10_000)));
    read_everything(&"-pool: 1\n+pool: 2\n".repeat(5_000));
    read_everything(&"\u{301}\u{200d}😀\u{202e}".repeat(2_000));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read(text in "(\\PC|\n|\t){0,120}") {
        read_everything(&text);
    }

    #[test]
    fn damaged_and_mixed_texts_are_read(
        parts in proptest::collection::vec((0..SEEDS.len(), 0usize..400, 0usize..400), 1..4),
        splice in "[-+@ \\\\(){}\"':=,0-9\n\\PC]{0,6}",
    ) {
        let mut text = String::new();
        for (seed, from, length) in parts {
            text.extend(SEEDS[seed].chars().skip(from % SEEDS[seed].len()).take(length));
            text += &splice;
            text += SEEDS[seed];
        }
        read_everything(&text);
    }
}
