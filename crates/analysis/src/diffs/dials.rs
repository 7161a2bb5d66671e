//! Settings whose value is a word or an expression: levels of logging, policies of eviction, spans of time in calls.
//!
//! It must never know an incident. What breaks it: a level that is read from elsewhere (`level: cfg.Level`), and a
//! logger whose name does not say so.

use expressions::{Expression, constant};
use std::sync::LazyLock;

use super::kind::ChangeKind;
use super::naming::kind_of;
use super::pairs::{Pair, pairs};
use super::parse::{Hunk, Side};
use super::{Change, change, setting_says};

pub(super) fn read(hunks: &[Hunk]) -> Vec<Change> {
    let mut out = Vec::new();
    for hunk in hunks {
        for pair in pairs(hunk) {
            out.extend(
                level(hunk, pair)
                    .or_else(|| eviction(hunk, pair))
                    .or_else(|| span_of_time(hunk, pair))
                    .or_else(|| flag(hunk, pair)),
            );
        }
    }
    out
}

static LEVEL: LazyLock<Expression> = LazyLock::new(|| {
    constant(
        r"(?:(?i)(?:^|[^a-z])(?:level)?|Level)((?i)trace|debug|verbose|fine|information|info|notice|warning|warn|error|critical|fatal)(?:[^A-Za-z(]|\)|$)",
    )
});
static LOGS: LazyLock<Expression> = LazyLock::new(|| {
    constant(
        r"(?i)(\b|_|[a-z])log(s|ging|ger|back|4j|level|_level|lvl)?(\b|_|[A-Z])|serilog|winston|pino|verbosity|\bzap\b|logback|loglevel",
    )
});
const RANKS: [(&str, u8); 11] = [
    ("trace", 0),
    ("fine", 0),
    ("debug", 1),
    ("verbose", 1),
    ("info", 2),
    ("information", 2),
    ("notice", 2),
    ("warn", 3),
    ("warning", 3),
    ("error", 4),
    ("critical", 5),
];

/// `slog.LevelInfo` that became `slog.LevelDebug`, `:info` that became `:debug`: how much is logged.
fn level(hunk: &Hunk, pair: Pair<'_>) -> Option<Change> {
    let (old, new) = (levels(&pair.old.text), levels(&pair.new.text));
    let from = old.iter().find(|w| !new.contains(w))?;
    let to = new.iter().find(|w| !old.contains(w))?;
    let (a, b) = (rank(from)?, rank(to)?);
    let above = hunk.lines.iter().filter(|l| l.side == Side::Context).take(8).any(|l| LOGS.is_match(&l.text));
    if a == b || !(LOGS.is_match(&pair.old.text) || above || LOGS.is_match(&hunk.path)) {
        return None;
    }
    let (name, from, to) = (String::from("level"), from.to_string(), to.to_string());
    let says = format!("it changes the level of logging from `{from}` to `{to}`: `{}`", pair.new.text.trim());
    let kind = match b < a {
        true => ChangeKind::LogVolumeRaised { name, from, to },
        false => ChangeKind::LogVolumeLowered { name, from, to },
    };
    Some(change(kind, hunk, pair.new.no, (&pair.old.text, &pair.new.text), says))
}

fn levels(text: &str) -> Vec<&str> {
    LEVEL.captures_iter(text).filter_map(|c| c.get(1)).map(|m| m.as_str()).collect()
}

fn rank(word: &str) -> Option<u8> {
    RANKS.iter().find(|(w, _)| word.eq_ignore_ascii_case(w)).map(|(_, r)| *r)
}

static POLICY: LazyLock<Expression> =
    LazyLock::new(|| constant(r#"(?i)(?:maxmemory|eviction)[-_]?policy["']?[\s:=,]+["']?([\w-]+)"#));

/// A store that evicted what it had to and now refuses writes, or the other way round.
fn eviction(hunk: &Hunk, pair: Pair<'_>) -> Option<Change> {
    let (from, to) = (POLICY.captures(&pair.old.text)?[1].to_string(), POLICY.captures(&pair.new.text)?[1].to_string());
    if from.eq_ignore_ascii_case(&to) {
        return None;
    }
    let kind = match to.eq_ignore_ascii_case("noeviction") {
        true => ChangeKind::EvictionRemoved,
        false => ChangeKind::ConfigValueChanged { name: "maxmemory-policy".into(), from: from.clone(), to: to.clone() },
    };
    let says = format!("it changes what the store does when it is full from `{from}` to `{to}`");
    Some(change(kind, hunk, pair.new.no, (&pair.old.text, &pair.new.text), says))
}

static SPAN: LazyLock<Expression> = LazyLock::new(|| {
    constant(
        r"(?i)([\w.]*(?:timeout|deadline|delay|interval|expir\w*|lifetime))\s*(?:[=:(]|=>)\s*((?:TimeSpan|Duration|time)(?:\.|::)\w+\(\s*[\d._]+\s*\))",
    )
});

/// `x.Timeout = TimeSpan.FromSeconds(5)` inside of a longer line.
fn span_of_time(hunk: &Hunk, pair: Pair<'_>) -> Option<Change> {
    let (old, new) = (SPAN.captures(&pair.old.text)?, SPAN.captures(&pair.new.text)?);
    let (name, from, to) = (&old[1], &old[2], &new[2]);
    let kind = kind_of(name, from, to, &hunk.path).filter(|_| name == &new[1])?;
    let says = setting_says(&kind, name, (from, to));
    Some(change(kind, hunk, pair.new.no, (&pair.old.text, &pair.new.text), says))
}

static FLAG: LazyLock<Expression> = LazyLock::new(|| {
    constant(
        r#"(?i)(?:variation|enabled|feature|flag|toggle|boolean|gate|treatment)\w*\(\s*["']([\w.:/-]+)["'][^;]*?,\s*(true|false)\s*\)"#,
    )
});

/// The default of a flag that is asked for in a call with several arguments.
fn flag(hunk: &Hunk, pair: Pair<'_>) -> Option<Change> {
    let (old, new) = (FLAG.captures(&pair.old.text)?, FLAG.captures(&pair.new.text)?);
    let (name, from, to) = (old[1].to_string(), old[2].to_string(), new[2].to_string());
    if name != new[1] || from.eq_ignore_ascii_case(&to) {
        return None;
    }
    let kind = ChangeKind::FlagFlipped { name: name.clone(), from: from.clone(), to: to.clone() };
    let says = setting_says(&kind, &name, (&from, &to));
    Some(change(kind, hunk, pair.new.no, (&pair.old.text, &pair.new.text), says))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{kinds, says};

    #[test]
    fn a_level_has_a_direction() {
        let up = "-\tslog.SetLogLoggerLevel(slog.LevelInfo)\n+\tslog.SetLogLoggerLevel(slog.LevelDebug)\n";
        assert_eq!(kinds("a.go", up), ["LogVolumeRaised"]);
        assert!(says("a.go", up)[0].contains("from `Info` to `Debug`"));
        let down = "-  config.log_level = :debug\n+  config.log_level = :warn\n";
        assert_eq!(kinds("a.rb", down), ["LogVolumeLowered"]);
    }

    #[test]
    fn a_message_of_another_level_is_no_setting() {
        for patch in [
            "-\tlogger.Info(\"cart loaded\", id)\n+\tlogger.Debug(\"cart loaded\", id)\n",
            "-    state = \"error\"\n+    state = \"info\"\n",
        ] {
            assert!(kinds("svc/cart.go", patch).iter().all(|k| !k.starts_with("LogVolume")), "{:?}", kinds("svc/cart.go", patch));
        }
    }

    #[test]
    fn the_default_of_a_flag() {
        for (path, patch) in [
            (
                "a.ts",
                "-  const on = await c.variation('new-tax', user, false);\n+  const on = await c.variation('new-tax', user, true);\n",
            ),
            ("a.go", "-\tif flags.Enabled(\"new-tax\", false) {\n+\tif flags.Enabled(\"new-tax\", true) {\n"),
            ("flags.yaml", " new_tax:\n-  default: false\n+  default: true\n"),
        ] {
            assert_eq!(kinds(path, patch), ["FlagFlipped"], "{path}");
        }
    }

    #[test]
    fn a_full_store_that_refuses() {
        let patch = "-maxmemory-policy allkeys-lru\n+maxmemory-policy noeviction\n";
        assert_eq!(kinds("redis.conf", patch), ["EvictionRemoved"]);
        let patch = "-maxmemory-policy noeviction\n+maxmemory-policy allkeys-lru\n";
        assert_eq!(kinds("redis.conf", patch), ["ConfigValueChanged"]);
    }
}
