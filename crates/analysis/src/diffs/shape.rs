//! Mechanisms told from where a line stands: a call inside a loop, a collection that outlives the request.
//!
//! Reads indentation, so it works without a parser for any language. It must never know the incident. What breaks it:
//! minified code, and a loop whose head lies outside of the hunk.

use expressions::{Expression, constant};
use std::sync::LazyLock;

use super::kind::ChangeKind;
use super::parse::{Hunk, Line, Side};
use super::{Change, change};

pub(super) fn read(hunks: &[Hunk]) -> Vec<Change> {
    let mut out: Vec<Change> = hunks.iter().filter_map(|h| call_in_loop(h, hunks)).collect();
    out.extend(hunks.iter().filter_map(|h| endless_collection(h, hunks)));
    out
}

static LOOP: LazyLock<Expression> = LazyLock::new(|| {
    constant(
        r"^\s*(async )?(for|foreach|while|loop)\b|\.(forEach|map|each|flatMap|stream|Select|ForEach|each_with_index|collect)\b.*([{(>|]|=>)\s*(\w+ =>|\|\w+\|)?\s*\{?$|\bfor \w+ in\b|\beach do\b|\.map\(.*=>",
    )
});
static REMOTE: LazyLock<Expression> = LazyLock::new(|| {
    constant(
        r"(?i:\b(\w*(repo|repository|client|dao|db|database|store|catalog|service|svc|session|conn|cursor|redis|cache|http|api|stub|gateway|model|objects|mapper|axios|rpc|prisma|knex|entitymanager)\w*)(\(\))?(\.|->|::)\w+(\.\w+)*[!?]?\(|\b(fetch|query|execute|request|rpc|axios|curl_exec|urlopen)\w*\()|\b[A-Z]\w+\.(find|where|load|first|get|create|save|update)\(|\b[A-Z]\w+::(find\w*|where|query|first\w*)\(|\$[\w>-]+->(find\w*|fetch\w*|getById|load\w*)\(|\.(findOne|find_by|findBy\w+|get_?by_?\w*|fetch\w*|query\w+|lookup\w+|getItem\w*)\(",
    )
});
static LOCAL: LazyLock<Expression> = LazyLock::new(|| {
    constant(
        r"(?i)\b(log|logger|metrics?|strings|fmt|math|json|list|map|set|builder|sb|errors?|console|prometheus|trace|span)\b\w*\.",
    )
});

/// What values in memory are asked, however they are named.
static IN_MEMORY: LazyLock<Expression> = LazyLock::new(|| {
    constant(
        r"(\.|->|::)(clone|as_\w+|iter\w*|len|is_\w+|to_\w+|contains\w*|push\w*|unwrap\w*|\w+_with|map|filter|collect|entry|or_\w+|append|trim\w*|name|equals|hashCode|toString|copied|cloned|sort\w*|new|default|into\w*|String|Int64|insert|values|keys|max|min|join|split\w*|format)[!?]?\($",
    )
});

/// A remote call, new to the commit, at a deeper level than the loop above it.
fn call_in_loop(hunk: &Hunk, all: &[Hunk]) -> Option<Change> {
    for (i, line) in hunk.lines.iter().enumerate() {
        if let Some(found) = association(hunk, i, all) {
            return Some(found);
        }
        let remote = REMOTE.find_iter(&line.text).find(|m| !IN_MEMORY.is_match(m.as_str()));
        let Some(remote) = remote.filter(|_| line.is_new() && !LOCAL.is_match(&line.text)) else { continue };
        let head = loop_above(&hunk.lines[..i], line).or_else(|| LOOP.is_match(&line.text).then_some(line));
        let called = remote.as_str().trim();
        let waits = head.is_some_and(|h| h.text.contains("<-") || h.text.contains("select") || h.text.trim() == "for {");
        let was_there = all.iter().flat_map(|h| &h.lines).any(|l| l.side == Side::Removed && l.text.contains(called));
        let Some(head) = head.filter(|_| !waits && !was_there) else { continue };
        let says = format!(
            "it calls `{}` once per round of the loop `{}`",
            line.text.trim(),
            head.text.trim().trim_end_matches(['{', ' '])
        );
        return Some(change(ChangeKind::CallInLoopAdded, hunk, line.no, ("", &line.text), says));
    }
    None
}

static RUBY_ROUND: LazyLock<Expression> = LazyLock::new(|| constant(r"(?:\bdo|\{)\s*\|\s*(\w+)"));
static PHP_ROUND: LazyLock<Expression> = LazyLock::new(|| constant(r"\bas\s+(?:\$\w+\s*=>\s*)?\$(\w+)"));
static HOPS: LazyLock<Expression> = LazyLock::new(|| constant(r"(\w+)(?:\.|->)(\w+)(?:\(\))?(?:\.|&\.|\?->|->)(\w+)"));
static LOADED: LazyLock<Expression> =
    LazyLock::new(|| constant(r"(?i)\b(includes|preload|eager_load|with|load|loadMissing|joins)\b\s*\("));
/// What an element holds itself, however it is named: no query is behind it.
const OWN: [&str; 30] = [
    "id",
    "name",
    "title",
    "to_s",
    "to_i",
    "strip",
    "downcase",
    "upcase",
    "created_at",
    "updated_at",
    "amount",
    "price",
    "value",
    "key",
    "keys",
    "values",
    "first",
    "last",
    "map",
    "attributes",
    "errors",
    "class",
    "params",
    "email",
    "date",
    "code",
    "status",
    "count",
    "size",
    "length",
];

/// In languages whose objects load what they refer to on first use: `order.customer.name` once per order.
fn association(hunk: &Hunk, i: usize, all: &[Hunk]) -> Option<Change> {
    let line = hunk.lines.get(i).filter(|l| l.is_new())?;
    let round: &Expression = match hunk.path.rsplit('.').next().unwrap_or("") {
        "rb" | "erb" | "haml" | "slim" | "rake" | "jbuilder" => &RUBY_ROUND,
        "php" => &PHP_ROUND,
        _ => return None,
    };
    let head = loop_above(&hunk.lines[..i], line).or_else(|| LOOP.is_match(&line.text).then_some(line))?;
    let each = round.captures(&head.text)?.get(1)?.as_str();
    let c = HOPS.captures_iter(&line.text).find(|c| &c[1] == each && !OWN.contains(&&c[2]) && !c[3].starts_with("to_"))?;
    let lines = || all.iter().flat_map(|h| &h.lines);
    let eager = lines().any(|l| l.side != Side::Removed && LOADED.is_match(&l.text) && l.text.contains(&c[2]));
    let was_there = lines().any(|l| l.side == Side::Removed && l.text.contains(&c[0]));
    (!eager && !was_there).then(|| {
        let says =
            format!("it follows `{}` once per round of the loop `{}`", &c[0], head.text.trim().trim_end_matches(['{', ' ']));
        change(ChangeKind::CallInLoopAdded, hunk, line.no, ("", &line.text), says)
    })
}

/// The loop's head that encloses `line`: the nearest one above with less indentation, with no shallower line between.
fn loop_above<'a>(above: &'a [Line], line: &Line) -> Option<&'a Line> {
    let mut depth = line.indent();
    for l in above.iter().rev().filter(|l| l.side != Side::Removed && !l.text.trim().is_empty()) {
        if l.indent() < depth {
            if LOOP.is_match(&l.text) {
                return Some(l);
            }
            depth = l.indent();
        }
    }
    None
}

static LASTING: LazyLock<Expression> = LazyLock::new(|| {
    constant(
        r#"(?i)^(?:export |private |public |protected |internal |static |final |readonly |lazy |pub |const |let |var |mut |self\.|this\.|@+|\$)*(?:[\w<>\[\],.? ]+\s)?([\w$]+)\s*(?:[:=][^=]*)?(?:\[\]|\{\}|\bmap\[|\bMap\b|\bSet\b|HashMap|HashSet|Dictionary|\bList\b|ArrayList|\bVec\b|\bdict\(|\blist\(|defaultdict|ConcurrentHashMap|\bArray\b|sync\.Map|ConcurrentBag|\bHash\.new|array\()"#,
    )
});
static BOUNDED: LazyLock<Expression> = LazyLock::new(|| {
    constant(
        r"(?i)evict|\blru|maxsize|max_?(size|entries|items|len)|maximumSize|\bttl|expir|\.delete\(|\bdelete\(|\.clear\(|\bpop\w*\(|\.shift\(|truncate|removeEldest|\bring\w*buffer|\bbounded|\blen\(\w+\) ?>=?|\.size\(?\)? ?>=?|\.length ?>=?|weak(ref|map|set|hash)|expireAfter|\bcap\b|del \w|\[:0\]|deque\(.*maxlen",
    )
});
static UNBOUNDED_CACHE: LazyLock<Expression> =
    LazyLock::new(|| constant(r"@(functools\.)?cache\s*$|lru_cache\(\s*(maxsize\s*=\s*)?None|@memoize\b|maxsize\s*=\s*None"));

/// A collection that lives as long as the process, grows with each call, and nothing takes away from it.
fn endless_collection(hunk: &Hunk, all: &[Hunk]) -> Option<Change> {
    if let Some(line) = hunk.new_lines().find(|l| UNBOUNDED_CACHE.is_match(&l.text)) {
        let says = format!("it adds a cache without limit: `{}`", line.text.trim());
        return Some(change(ChangeKind::UnboundedCollectionAdded, hunk, line.no, ("", &line.text), says));
    }
    if all.iter().flat_map(Hunk::new_lines).any(|l| BOUNDED.is_match(&l.text)) {
        return None;
    }
    for line in hunk.new_lines() {
        let Some((name, grows)) = growth(&line.text) else { continue };
        let declared = all.iter().flat_map(|h| h.lines.iter().map(move |l| (h, l))).find(|(_, l)| declares(l, name));
        // A field of a type in Go, which a method fills: what serves requests is made once.
        let is_field =
            |h: &Hunk| h.path.ends_with(".go") && h.header.contains("struct") && line.text.contains(&format!(".{name}["));
        let held =
            declared.is_some_and(|(h, l)| l.side != Side::Removed && (outlives(l) || is_field(h))) || grows == Growth::OfObject;
        if held {
            let says = format!("it adds to `{name}` on every call and takes nothing away: `{}`", line.text.trim());
            return Some(change(ChangeKind::UnboundedCollectionAdded, hunk, line.no, ("", &line.text), says));
        }
    }
    None
}

#[derive(PartialEq)]
enum Growth {
    OfName,
    /// `self.seen.append(x)`: the collection belongs to an object, which may live long.
    OfObject,
}

static APPEND: LazyLock<Expression> = LazyLock::new(|| constant(r"([\w.$@]+)\s*=\s*append\(\s*([\w.$@]+)\s*,"));
static GROW: LazyLock<Expression> = LazyLock::new(|| {
    constant(
        r"([\w.$@>\-]*?)([\w$]+)(?:\.get_mut\(\)|\.lock\(\)(?:\.unwrap\(\))?|\.write\(\)(?:\.unwrap\(\))?)?(?:\.|->)(?:append|push|push_back|add|Add|put|set|insert|Store|putIfAbsent|computeIfAbsent|TryAdd|extend|offer|addLast)\(|([\w.$@]*?)([\w$]+)\[(?:[^\[\]]|\[[^\]]*\])*\]\s*(?:\|\||\?\?)?=[^=]|([\w.$@]*?)([\w$]+)\s*<<\s*\w",
    )
});

fn growth(text: &str) -> Option<(&str, Growth)> {
    if let Some(c) = APPEND.captures(text) {
        let (Some(a), Some(b)) = (c.get(1), c.get(2)) else { return None };
        return (a.as_str() == b.as_str()).then(|| (last_part(a.as_str()), Growth::OfName));
    }
    let c = GROW.captures(text)?;
    let (owner, name) = [(1, 2), (3, 4), (5, 6)]
        .into_iter()
        .find_map(|(o, n)| Some((c.get(o).map_or("", |m| m.as_str()), c.get(n)?.as_str())))?;
    let tells = ["cache", "history", "seen", "log", "registry", "memo", "pending", "listeners", "buffer", "sessions", "metrics"];
    let lower = name.to_lowercase();
    let objects =
        (owner.starts_with("self.") || owner.starts_with("this.") || owner.starts_with('@') || owner.starts_with("$this"))
            && tells.iter().any(|t| lower.contains(t))
            && !["cache", "buffer"].contains(&lower.as_str());
    Some((name, if objects { Growth::OfObject } else { Growth::OfName }))
}

fn last_part(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or(path)
}

fn declares(line: &Line, name: &str) -> bool {
    LASTING.is_match(line.text.trim_start()) && words_of(&line.text).any(|w| w == name) && growth(&line.text).is_none()
}

fn words_of(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == '$'))
}

/// Declared outside of every function, or static.
fn outlives(line: &Line) -> bool {
    let t = line.text.trim_start();
    line.indent() == 0
        || t.contains("static ")
        || t.starts_with("@@")
        || t.starts_with("companion")
        || t.starts_with("private final")
        || t.starts_with("private readonly")
}

#[cfg(test)]
mod tests {
    use super::super::tests::kinds;

    #[test]
    fn a_query_per_item_in_many_languages() {
        for (path, patch) in [
            ("a.go", " \tfor _, row := range basket.Rows {\n+\t\tpart, err := a.store.GetPart(ctx, row.Part)\n"),
            ("A.java", "+    for (Order o : orders) {\n+        o.setCustomer(customerRepository.findById(o.getId()));\n"),
            ("a.py", " for order in orders:\n+    user = session.query(User).get(order.user_id)\n"),
            ("a.ts", "   for (const id of ids) {\n+    rows.push(await db.query('select 1', [id]));\n"),
            ("a.rb", " orders.each do |o|\n+  o.customer = Customer.find_by(id: o.customer_id)\n"),
        ] {
            assert!(kinds(path, patch).contains(&"CallInLoopAdded".to_string()), "{path}: {:?}", kinds(path, patch));
        }
        let eager = " orders = Order.includes(:customer).all\n+orders.each do |order|\n+  rows << order.customer.name\n";
        assert!(!kinds("a.rb", eager).contains(&"CallInLoopAdded".to_string()));
        let own = "+orders.each do |order|\n+  rows << order.name.strip\n";
        assert!(!kinds("a.rb", own).contains(&"CallInLoopAdded".to_string()));
        // The opposite: the call leaves the loop.
        let better = "-\tfor _, row := range basket.Rows {\n-\t\tpart, err := a.store.GetPart(ctx, row.Part)\n+\tparts, err := a.store.GetParts(ctx, basket.Parts())\n";
        assert!(!kinds("a.go", better).contains(&"CallInLoopAdded".to_string()));
    }

    #[test]
    fn a_collection_nothing_takes_away_from() {
        for (path, patch) in [
            ("a.go", "+var trail []entry\n+\n+func record(r entry) {\n+\ttrail = append(trail, r)\n+}\n"),
            (
                "a.ts",
                "+const cache = new Map<string, Facet>();\n+export function memo(k: string) {\n+  cache.set(k, compute(k));\n+}\n",
            ),
            ("a.py", "+_SEEN = {}\n+def handle(m):\n+    _SEEN[m.id] = m\n"),
            (
                "a.rb",
                "+  @@views = {}\n+\n+  def self.of(shop, user)\n+    @@views[[shop.id, user.key]] ||= render(shop, user)\n",
            ),
            ("a.py", "+@functools.lru_cache(maxsize=None)\n+def load(k):\n"),
            (
                "A.java",
                "+    private static final Map<String, User> USERS = new ConcurrentHashMap<>();\n+        USERS.put(id, user);\n",
            ),
        ] {
            assert!(kinds(path, patch).contains(&"UnboundedCollectionAdded".to_string()), "{path} {patch}");
        }
        for (path, patch) in [
            ("a.go", "+var trending = lru.New(256)\n+func add(x item) {\n+\ttrending.Add(x.SKU, x)\n+}\n"),
            ("a.go", "+func f(xs []int) []int {\n+\tvar out []int\n+\tfor _, x := range xs {\n+\t\tout = append(out, x)\n+\t}\n"),
            ("a.py", "+_SEEN = {}\n+def handle(m):\n+    _SEEN[m.id] = m\n+    if len(_SEEN) > 100:\n+        _SEEN.clear()\n"),
        ] {
            assert!(!kinds(path, patch).contains(&"UnboundedCollectionAdded".to_string()), "{path} {patch}");
        }
    }
}
