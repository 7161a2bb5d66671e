//! Mechanisms told from declarations of data: a field's type, name or presence; tables; versions of what is built upon.
//!
//! It must never know who reads the data; that is what the symptoms say. What breaks it: fields that are built at run
//! time.

use expressions::{Expression, constant};
use std::sync::LazyLock;

use super::kind::{ChangeKind, Step};
use super::pairs::{likeness, pairs};
use super::parse::{Hunk, Line, Side};
use super::{Change, change};

pub(super) fn read(hunks: &[Hunk]) -> Vec<Change> {
    let mut out = Vec::new();
    for hunk in hunks {
        if let Some(bump) = dependency(hunk) {
            out.extend(bump);
            continue;
        }
        out.extend(fields(hunk, hunks));
        out.extend(migration(hunk));
        out.extend(rewrite(hunk));
    }
    out
}

/// What a line declares: the name in code, the name on the wire, the type.
struct Field {
    name: String,
    wire: String,
    of: String,
}

static GO_FIELD: LazyLock<Expression> = LazyLock::new(|| {
    constant(
        r#"^\s*([A-Z]\w*)\s+([\w.*\[\]{}]+)\s*(?:`[^`]*?(?:json|xml|bson|yaml|avro|db|protobuf|form):"([\w.\-]*)[^`]*`)?\s*$"#,
    )
});
static TYPED_AFTER: LazyLock<Expression> = LazyLock::new(|| {
    constant(
        r#"^\s*(?:pub |readonly |export |val |var |public |private )*["']?(\w+)["']?\??!?\s*:\s*([A-Z&]?[\w<>\[\]|?., ]+?)\s*(?:=.*)?[,;]?$"#,
    )
});
static TYPED_BEFORE: LazyLock<Expression> = LazyLock::new(|| {
    constant(
        r"^\s*(?:(?:private|public|protected|final|readonly|static|optional|required|repeated|virtual|internal)\s+)*([A-Za-z][\w.<>\[\]?, ]*?)\s+([A-Za-z_]\w*)\s*(?:=\s*(\d+)\s*(?:\[.*\])?;|;|\{\s*get;.*\}|,|\)?\s*\{?)$",
    )
});
static WIRE: LazyLock<Expression> = LazyLock::new(|| {
    constant(
        r#"(?:json|xml|bson|yaml|avro|form):"([\w.\-]+)|(?:JsonProperty|JsonPropertyName|SerializedName|Column|JsonAlias|rename)\(?\s*(?:=|\(|name\s*=)?\s*"([\w.\-]+)"|alias\s*=\s*"([\w.\-]+)""#,
    )
});
static SHAPED: LazyLock<Expression> = LazyLock::new(|| {
    constant(
        r"(?i)\b(struct|interface|message|schema|record|dataclass|BaseModel|TypedDict|enum|entity|dto|event|payload|model|contract|serializer)\b|\.proto$|\.avsc$|\.graphql$|schema|/types?\b|dto|event|payload|model|contract|serialize",
    )
});
const PRIMITIVE: &str = r"(?i)^(u?int\d*|integer|long|short|float\d*|double|string|str|bool(ean)?|number|bytes?|any|object|date(time)?|decimal|bigdecimal|uuid|json|s?fixed\d+|sint\d+|text|varchar.*|bigint|timestamp\w*|instant|localdate\w*|unknown|\[\].+|.*(list|array|option|optional|vec|map)\b.*|[A-Z]\w+|\*.+|[iu](8|16|32|64|128)|f(32|64)|interface\{\}|i?enumerable.*|.*\[\]|.*\?|.*\|.*)$";
static TYPE: LazyLock<Expression> = LazyLock::new(|| constant(PRIMITIVE));

fn field(line: &Line, path: &str) -> Option<Field> {
    let text = line.text.split(" // ").next().unwrap_or("").trim_end();
    let wire = WIRE.captures(&line.text).and_then(|c| (1..=3).find_map(|i| c.get(i))).map(|m| m.as_str().to_string());
    let (name, of, number) = if path.ends_with(".go") {
        let c = GO_FIELD.captures(text)?;
        (c[1].to_string(), c[2].to_string(), String::new())
    } else if let Some(c) =
        TYPED_AFTER.captures(text).filter(|_| !path.ends_with(".java") && !path.ends_with(".yaml") && !path.ends_with(".yml"))
    {
        (c[1].to_string(), c[2].trim().to_string(), String::new())
    } else {
        let c = TYPED_BEFORE.captures(text)?;
        (c[2].to_string(), c[1].trim().to_string(), c.get(3).map_or(String::new(), |m| format!(" = {}", m.as_str())))
    };
    let word =
        !["return", "import", "package", "else", "throw", "new", "case", "raise", "await", "yield", "delete", "goto", "using"]
            .contains(&of.as_str());
    (word && TYPE.is_match(&of)).then(|| Field { wire: wire.unwrap_or_else(|| name.clone()), name, of: of + &number })
}

fn fields(hunk: &Hunk, all: &[Hunk]) -> Vec<Change> {
    let shaped = SHAPED.is_match(&hunk.path)
        || SHAPED.is_match(&hunk.header)
        || hunk.lines.iter().any(|l| SHAPED.is_match(&l.text) || l.text.contains("json:\""));
    if !shaped {
        return removed_keys(hunk, all);
    }
    let old: Vec<(&Line, Field)> = hunk.gone().filter_map(|l| Some((l, field(l, &hunk.path)?))).collect();
    let mut new: Vec<(&Line, Field)> = hunk.new_lines().filter_map(|l| Some((l, field(l, &hunk.path)?))).collect();
    let mut out = Vec::new();
    for (line, was) in old {
        let same = new.iter().position(|(_, n)| n.name == was.name).or_else(|| new.iter().position(|(_, n)| n.wire == was.wire));
        let at = same.or_else(|| new.iter().position(|(l, n)| n.of == was.of && likeness(&l.text, &line.text) >= 0.4));
        let Some((partner, is)) = at.map(|i| new.remove(i)) else {
            let says = format!("it removes the field `{}`", was.wire);
            out.push(change(ChangeKind::FieldRemoved, hunk, line.no, (&line.text, ""), says));
            continue;
        };
        if is.of != was.of && is.wire == was.wire {
            let says = format!("it changes the type of `{}` from `{}` to `{}`", was.wire, was.of, is.of);
            out.push(change(ChangeKind::FieldTypeChanged, hunk, partner.no, (&line.text, &partner.text), says));
        } else if is.wire != was.wire {
            let says = format!("it renames `{}` to `{}`", was.wire, is.wire);
            out.push(change(ChangeKind::FieldRenamed, hunk, partner.no, (&line.text, &partner.text), says));
        }
    }
    if out.is_empty() { removed_keys(hunk, all) } else { out }
}

static KEY: LazyLock<Expression> = LazyLock::new(|| {
    constant(
        r#"(?i:header)\w*[\w.(\[]*?["']([\w\-]{3,})["']|["']([a-z][\w\-]{2,})["']\s*(?::|=>|\]|,\s*\w)|\.get\(["']([\w\-]{3,})["']|\[["']([\w\-]{3,})["']\]|(?:JsonProperty|SerializedName|JsonPropertyName)\("([\w.\-]+)"|(?:json|bson|xml):"([\w.\-]+)|rename\s*=\s*"([\w.\-]+)""#,
    )
});

/// A quoted key of a payload that turned into another one on a similar line.
fn removed_keys(hunk: &Hunk, all: &[Hunk]) -> Vec<Change> {
    if hunk.path.ends_with(".yaml") || hunk.path.ends_with(".yml") || hunk.path.ends_with("package.json") {
        return Vec::new();
    }
    let key = |l: &Line| KEY.captures(&l.text).and_then(|c| (1..=7).find_map(|i| c.get(i))).map(|m| m.as_str().to_string());
    let elsewhere = |k: &str| {
        all.iter()
            .flat_map(Hunk::new_lines)
            .any(|l| KEY.captures_iter(&l.text).any(|c| (1..=7).any(|i| c.get(i).is_some_and(|m| m.as_str() == k))))
    };
    let renamed = pairs(hunk).into_iter().find_map(|p| {
        let (a, b) = (key(p.old)?, key(p.new)?);
        (a != b && !elsewhere(&a)).then(|| {
            let says = format!("it renames `{a}` to `{b}`");
            change(ChangeKind::FieldRenamed, hunk, p.new.no, (&p.old.text, &p.new.text), says)
        })
    });
    renamed.into_iter().collect()
}

static DROP: LazyLock<Expression> = LazyLock::new(|| {
    constant(
        r"(?i)\bDROP (COLUMN|TABLE|VIEW|INDEX|CONSTRAINT)|RENAME (COLUMN|TO)|remove_column|drop_table|rename_column|dropColumn|remove_index|drop_index",
    )
});
static ALTER: LazyLock<Expression> = LazyLock::new(|| {
    constant(
        r"(?i)ALTER COLUMN.*\b(TYPE|MODIFY|SET NOT NULL|NOT NULL)\b|\bALTER TABLE\b|LOCK TABLE|CREATE (UNIQUE )?INDEX\b|VACUUM FULL|REINDEX|ADD CONSTRAINT|\bchange_column|CLUSTER |\badd_(index|reference|foreign_key|check_constraint)\b|\badd_column\b.*\bdefault\b|\bmigrations\.(AddIndex|AlterField|AddConstraint)\(|\bmigrations\.AddField\(.*default=|\bop\.(create_index|alter_column|create_foreign_key|create_unique_constraint|create_check_constraint)\(|\bop\.add_column\(.*default|\$table->(index|unique|foreign)\(|\bcreateIndex\(.*background: ?false",
    )
});
static GENTLE: LazyLock<Expression> = LazyLock::new(|| {
    constant(
        r"(?i)CONCURRENTLY|NOT VALID|ALGORITHM=INPLACE|LOCK=NONE|ONLINE|algorithm: :concurrently|VALIDATE CONSTRAINT|validate: false|OWNER TO|ROW LEVEL SECURITY|SET STATISTICS|RENAME |ALGORITHM ?= ?INSTANT",
    )
});
static INDEX: LazyLock<Expression> = LazyLock::new(|| constant(r"(?i)\bindex\b|_index\b|\bkey\b"));
static MIGRATES: LazyLock<Expression> =
    LazyLock::new(|| constant(r"(?i)\.sql$|migrat|alembic|/versions/|changelog|liquibase|flyway"));
static CREATES: LazyLock<Expression> =
    LazyLock::new(|| constant(r#"(?i)create[_ ]?table\w*\W+(?:if not exists\W+)?[\w.]*?(\w+)\b"#));
static REWRITES: LazyLock<Expression> = LazyLock::new(|| {
    constant(
        r#"(?i)(?:^|["'`(\s])(?:UPDATE\s+[\w."`]+\s*(?:SET\b|$)|DELETE\s+FROM\s+[\w."`]+)|\b[A-Z]\w*\.update_all\(|\.objects\.update\("#,
    )
});
static NARROWED: LazyLock<Expression> = LazyLock::new(|| constant(r"(?i)\bWHERE\b|\.where\(|\bLIMIT\b|in_batches|find_each"));

/// A statement of a migration that touches every row of a table.
fn rewrite(hunk: &Hunk) -> Option<Change> {
    if !MIGRATES.is_match(&hunk.path) {
        return None;
    }
    let new: Vec<&Line> = hunk.new_lines().collect();
    let at = new.iter().position(|l| REWRITES.is_match(&l.text))?;
    let end = new[at..].iter().position(|l| l.text.contains(';')).map_or(new.len(), |i| at + i + 1);
    let narrowed = new[at..end].iter().any(|l| NARROWED.is_match(&l.text));
    let around = hunk.lines.iter().any(|l| l.side != Side::Removed && l.text.contains("in_batches"));
    let sets = new[at..end].iter().any(|l| l.text.to_lowercase().contains("set") || !l.text.to_lowercase().contains("update "));
    (!narrowed && !around && sets).then(|| {
        let text = new[at].text.trim();
        change(ChangeKind::BlockingMigration, hunk, new[at].no, ("", text), format!("it rewrites every row of a table: `{text}`"))
    })
}

fn migration(hunk: &Hunk) -> Option<Change> {
    // What is done to a table that the same migration creates blocks nobody.
    let created: Vec<String> =
        hunk.new_lines().filter_map(|l| Some(CREATES.captures(&l.text)?[1].to_lowercase())).filter(|t| t.len() > 1).collect();
    let fresh = |text: &str| created.iter().any(|t| text.to_lowercase().contains(t.as_str()));
    let alters = |l: &&Line| ALTER.is_match(&l.text) && !fresh(&l.text);
    let line = hunk.new_lines().find(|l| DROP.is_match(&l.text) || alters(l))?;
    let text = line.text.trim();
    let made = |kind, says: &str| Some(change(kind, hunk, line.no, ("", text), format!("{says}: `{text}`")));
    if DROP.is_match(text) {
        let index = text.to_uppercase().contains("INDEX") || text.contains("_index");
        let renamed = text.to_uppercase().contains("RENAME");
        return match (index, renamed) {
            (true, _) => made(ChangeKind::IndexOrFilterRemoved, "it drops an index"),
            (_, true) => made(ChangeKind::FieldRenamed, "it renames a column or table"),
            _ => made(ChangeKind::FieldRemoved, "it drops what others may read"),
        };
    }
    let after = hunk.new_lines().skip_while(|l| !std::ptr::eq(*l, line)).take(4);
    let gentle = after.take_while(|l| std::ptr::eq(*l, line) || !ALTER.is_match(&l.text)).any(|l| GENTLE.is_match(&l.text));
    match gentle {
        true if INDEX.is_match(text) => made(ChangeKind::IndexAdded, "it adds an index without blocking"),
        true => made(ChangeKind::IndexAdded, "it changes a table in a way that is meant not to block"),
        false => made(ChangeKind::BlockingMigration, "it locks a table while it runs"),
    }
}

static VERSIONED: LazyLock<Expression> = LazyLock::new(|| constant(r#"v?(\d+)\.(\d+)(?:\.(\d+))?[\w.\-+]*"#));
static LISTS: LazyLock<Expression> = LazyLock::new(|| {
    constant(
        r"(^|/)(go\.mod|package\.json|requirements[\w\-]*\.txt|Cargo\.toml|pyproject\.toml|Pipfile|Gemfile|composer\.json|pom\.xml|build\.gradle(\.kts)?|libs\.versions\.toml|[\w.]+\.csproj|Directory\.Packages\.props|mix\.exs|Dockerfile[\w.\-]*|Chart\.ya?ml)$",
    )
});

/// The file lists what is built upon, so that its numbers are versions.
pub(super) fn is_manifest(hunk: &Hunk) -> bool {
    LISTS.is_match(&hunk.path) && !hunk.path.contains("Dockerfile")
}

/// Bumped versions, when the file lists what is built upon; `None` for other files.
fn dependency(hunk: &Hunk) -> Option<Vec<Change>> {
    let image = hunk.lines.iter().any(|l| l.text.starts_with("FROM ") || l.text.trim_start().starts_with("image:"));
    if !LISTS.is_match(&hunk.path) && !image {
        return None;
    }
    let mut out = Vec::new();
    for pair in pairs(hunk) {
        let (a, b) = (VERSIONED.find_iter(&pair.old.text).last(), VERSIONED.find_iter(&pair.new.text).last());
        let from_line = pair.old.text.trim_start().starts_with("FROM ");
        let (Some(a), Some(b)) = (a, b) else {
            if from_line {
                out.push(bump(hunk, pair.old, pair.new, (pair.old.text[..].trim(), pair.new.text.trim()), Step::Unknown));
            }
            continue;
        };
        if a.as_str() != b.as_str() {
            out.push(bump(hunk, pair.old, pair.new, (a.as_str(), b.as_str()), step(a.as_str(), b.as_str())));
        }
    }
    let manifest = LISTS.is_match(&hunk.path) && !hunk.path.contains("package.json") && !hunk.path.contains("Dockerfile");
    (manifest || !out.is_empty()).then_some(out)
}

fn bump(hunk: &Hunk, old: &Line, new: &Line, (from, to): (&str, &str), step: Step) -> Change {
    let name = dependency_name(&new.text, to);
    let says = format!("it moves `{name}` from `{from}` to `{to}`");
    let kind = ChangeKind::DependencyBumped { name, from: from.to_string(), to: to.to_string(), step };
    change(kind, hunk, new.no, (&old.text, &new.text), says)
}

fn dependency_name(text: &str, version: &str) -> String {
    let before = text.split(version).next().unwrap_or(text);
    if let Some(image) = text.trim_start().strip_prefix("FROM ") {
        return image.split([':', '@', ' ']).next().unwrap_or(image).to_string();
    }
    let cut = before.trim().trim_end_matches(['=', '~', '^', '>', '<', ':', '"', '\'', ' ', '(', '{', '@', 'v']);
    let cut = cut.trim_start_matches("FROM ").trim_start_matches("image:").trim().trim_matches(['"', '\'', ',', ' ']);
    cut.rsplit(['"', '\'', '(', ' ']).find(|p| p.chars().any(char::is_alphabetic)).unwrap_or(cut).to_string()
}

pub(super) fn step(from: &str, to: &str) -> Step {
    let parts = |t: &str| VERSIONED.captures(t).map(|c| (c[1].to_string(), c[2].to_string()));
    match (parts(from), parts(to)) {
        (Some(a), Some(b)) if a.0 != b.0 => Step::Major,
        (Some(a), Some(b)) if a.1 != b.1 => Step::Minor,
        (Some(_), Some(_)) => Step::Patch,
        _ => Step::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{kinds, says};

    #[test]
    fn a_field_that_changed_its_type() {
        for (path, patch, name) in [
            (
                "orders/event.go",
                " type OrderEvent struct {\n-\tAmount  int64  `json:\"amount\"`\n+\tAmount  any    `json:\"amount\"` // int64, or Money\n",
                "amount",
            ),
            ("src/types/order.ts", " interface Order {\n-  amount: number;\n+  amount: Money;\n", "amount"),
            ("OrderDto.java", " class OrderDto {\n-    private long amount;\n+    private Money amount;\n", "amount"),
            ("order.proto", " message Order {\n-  int64 amount = 3;\n+  string amount = 3;\n", "amount"),
            ("models.py", " class Order(BaseModel):\n-    amount: int\n+    amount: Money\n", "amount"),
            ("model.rs", " pub struct Order {\n-    pub amount: i64,\n+    pub amount: String,\n", "amount"),
        ] {
            assert!(kinds(path, patch).contains(&"FieldTypeChanged".to_string()), "{path}: {:?}", kinds(path, patch));
            assert!(says(path, patch).iter().any(|s| s.contains(name)), "{path}");
        }
        // A new field beside the old ones breaks no reader.
        let added = " type OrderEvent struct {\n \tAmount int64 `json:\"amount\"`\n+\tKind string `json:\"kind\"`\n";
        assert!(kinds("orders/event.go", added).is_empty());
    }

    #[test]
    fn a_field_renamed_or_dropped() {
        assert_eq!(
            kinds("e.go", " type E struct {\n-\tTotal int `json:\"total\"`\n+\tTotal int `json:\"total_cents\"`\n"),
            ["FieldRenamed"]
        );
        assert_eq!(kinds("event.ts", " interface E {\n-  total: number;\n"), ["FieldRemoved"]);
        assert_eq!(kinds("pub.py", "-    payload[\"user_id\"] = u.id\n+    payload[\"uid\"] = u.id\n"), ["FieldRenamed"]);
        assert!(kinds("m.sql", "+ALTER TABLE users DROP COLUMN email;\n").contains(&"FieldRemoved".to_string()));
    }

    #[test]
    fn a_migration_that_blocks_and_one_that_does_not() {
        assert_eq!(kinds("db/1.sql", "+CREATE INDEX idx_a ON t (a);\n"), ["BlockingMigration"]);
        assert_eq!(kinds("db/1.sql", "+CREATE INDEX CONCURRENTLY idx_a ON t (a);\n"), ["IndexAdded"]);
        let gentle = "+ALTER TABLE orders ADD CONSTRAINT fk FOREIGN KEY (c) REFERENCES c (id) NOT VALID;\n";
        assert_eq!(kinds("db/2.sql", gentle), ["IndexAdded"]);
        let column = "+ALTER TABLE orders ADD COLUMN note VARCHAR(9) NULL, ALGORITHM=INSTANT;\n";
        assert!(says("db/2.sql", column)[0].starts_with("it changes a table in a way that is meant not to block"));
        let fresh = "+CREATE TABLE visits (id bigint);\n+CREATE INDEX idx_v ON visits (id);\n";
        assert!(!kinds("db/3.sql", fresh).contains(&"BlockingMigration".to_string()));
        assert!(
            !kinds("db/4.sql", "+UPDATE orders\n+   SET a = 1\n+ WHERE id = 7;\n").contains(&"BlockingMigration".to_string())
        );
        assert!(kinds("db/4.sql", "+UPDATE orders\n+   SET a = 1;\n").contains(&"BlockingMigration".to_string()));
    }

    #[test]
    fn versions_and_how_far_they_moved() {
        let s = says("go.mod", "-\texample.org/queue/client/v4 v4.5.1\n+\texample.org/queue/client/v4 v4.5.3\n");
        assert_eq!(s, ["it moves `example.org/queue/client/v4` from `v4.5.1` to `v4.5.3`"]);
        assert_eq!(
            kinds("package.json", "-    \"typescript\": \"^5.2.2\",\n+    \"typescript\": \"^5.3.3\",\n"),
            ["DependencyBumped"]
        );
    }
}
