//! Tables of releases: `helm history`, `helm list`, `argocd app history`, `fly releases`, revisions of Cloud Run, versions of App
//! Engine, `gh release list`.
//!
//! Columns are cut by tabs, or by where their names stand. It must never guess the release that a history is of: where no
//! column names it, the chart does, else the command that was pasted with the table. What breaks it: a table whose columns were moved by an editor.

use std::collections::{BTreeMap, BTreeSet};

use evidence::{Body, ChangePhase, Deploy, Event, Stamp};

use super::changes::{is_rollback, sha, version_in};
use super::deploys::chart;
use super::page::Page;
use super::{Document, when, zones};

/// Reads such a table; `None` when the text is none.
pub fn read(page: &Page<'_>, name: &str) -> Option<Document> {
    let header = header(page)?;
    let mut document = Document { format: "release_table".into(), ..Document::default() };
    document.texts.extend((0..header).filter_map(|i| page.record(i)));
    let mut names = page.line(header).into_owned();
    let file = name.rsplit(['/', '!']).next().unwrap_or_default();
    let file = file.strip_suffix(".txt").or_else(|| file.strip_suffix(".log")).unwrap_or(file);
    let mut app = (0..header).rev().find_map(|i| app(&page.line(i))).or_else(|| app(file));
    let mut zone = (0..header).rev().find_map(|i| zones::stated(&page.line(i)));
    for index in header + 1..page.len() {
        // One saved console often has the histories of several applications.
        if is_header(&page.line(index)) {
            names = page.line(index).into_owned();
            continue;
        }
        if page.line(index).contains("argocd ") {
            app = self::app(&page.line(index));
        }
        match row(&names, &page.line(index)) {
            Some((stamp, mut deploy)) => {
                let stamp = zone.filter(|_| !stamp.basis.is_stated()).map_or(stamp, |zone| zones::at(stamp, zone, None));
                deploy.service = deploy.service.or_else(|| app.clone());
                document.events.push(Event { place: page.place(index, index), stamp: Some(stamp), body: Body::Deploy(deploy) });
            }
            None => {
                zone = zones::stated(&page.line(index)).or(zone);
                document.texts.extend(page.record(index));
            }
        }
    }
    returned(&mut document.events);
    document.records = (document.events.len() + document.texts.len()) as u64;
    Some(document)
}

/// In a list with the oldest first, what goes back to a version from before the last one is a rollback.
pub fn returned(events: &mut [Event]) {
    let mut latest: BTreeMap<Option<String>, Option<Stamp>> = BTreeMap::new();
    let mut falling: BTreeSet<Option<String>> = BTreeSet::new();
    for event in events.iter() {
        let Body::Deploy(deploy) = &event.body else { continue };
        if latest.insert(deploy.service.clone(), event.stamp).is_some_and(|before| before > event.stamp) {
            falling.insert(deploy.service.clone());
        }
    }
    let mut seen: Vec<(Option<String>, String)> = Vec::new();
    for event in events {
        let Body::Deploy(deploy) = &mut event.body else { continue };
        if falling.contains(&deploy.service) {
            continue;
        }
        let Some(version) = deploy.version.clone().or(deploy.sha.clone()) else { continue };
        let own = |(service, _): &&(Option<String>, String)| *service == deploy.service;
        let is_last = seen.iter().rev().find(own).is_some_and(|(_, last)| *last == version);
        deploy.rollback |= !is_last && seen.iter().filter(own).any(|(_, before)| *before == version);
        seen.push((deploy.service.clone(), version));
    }
}

/// Whether a line of the names of such a table stands near the beginning.
pub fn is_likely(page: &Page<'_>) -> bool {
    header(page).is_some()
}

fn header(page: &Page<'_>) -> Option<usize> {
    (0..page.len().min(6)).find(|i| is_header(&page.line(*i)))
}

fn is_header(line: &str) -> bool {
    let has = |names: &[&str]| names.iter().all(|n| line.contains(n));
    has(&["REVISION", "UPDATED", "STATUS", "CHART"])
        || line.starts_with("ID") && has(&["DATE", "REVISION"]) && line.len() < 120
        || HEADERS.iter().any(|names| has(names))
}

/// The application in the command above a table that names none: `$ argocd app history shop/cart -o wide`.
fn app(command: &str) -> Option<String> {
    const TAKING: [&str; 8] =
        ["-o", "--output", "-N", "--app-namespace", "--server", "--auth-token", "--config", "--argocd-context"];
    let mut words = command.split_whitespace();
    words.find(|word| word.rsplit('/').next() == Some("argocd"))?;
    words.find(|word| *word == "app")?;
    words.next().filter(|word| *word == "history")?;
    while let Some(word) = words.next() {
        if TAKING.contains(&word) {
            words.next();
        } else if !word.starts_with('-') {
            // In front of the name stands the namespace.
            let name = word.rsplit('/').next().unwrap_or(word).trim_matches(['"', '\'']);
            return Some(name.to_string()).filter(|name| name.starts_with(char::is_alphanumeric));
        }
    }
    None
}

/// The names above the lists of Fly, Cloud Run, App Engine, and of releases of GitHub.
const HEADERS: [&[&str]; 4] = [
    &["VERSION", "STATUS", "DESCRIPTION", "USER", "DATE"],
    &["REVISION", "ACTIVE", "SERVICE", "DEPLOYED BY"],
    &["SERVICE", "VERSION", "TRAFFIC_SPLIT", "LAST_DEPLOYED"],
    &["TITLE", "TYPE", "TAG NAME", "PUBLISHED"],
];

/// Names of columns, those before the ones that they end in or begin with.
const NAMES: [&str; 25] = [
    "SERVING_STATUS",
    "TRAFFIC_SPLIT",
    "LAST_DEPLOYED",
    "DOCKER IMAGE",
    "APP VERSION",
    "DEPLOYED BY",
    "DESCRIPTION",
    "VERSION.ID",
    "NAMESPACE",
    "PUBLISHED",
    "INITIATOR",
    "TAG NAME",
    "DEPLOYED",
    "REVISION",
    "UPDATED",
    "VERSION",
    "SERVICE",
    "STATUS",
    "ACTIVE",
    "CHART",
    "TITLE",
    "DATE",
    "NAME",
    "USER",
    "TYPE",
];
const TIMES: [&str; 5] = ["UPDATED", "DATE", "DEPLOYED", "LAST_DEPLOYED", "PUBLISHED"];
const VERSIONS: [&str; 3] = ["VERSION", "VERSION.ID", "TAG NAME"];

fn row(names: &str, line: &str) -> Option<(Stamp, Deploy)> {
    let cells = cells(names, line);
    let cell = |name: &str| cells.iter().find(|(n, _)| n == name).map(|(_, c)| c.clone()).filter(|c| !c.is_empty() && c != "-");
    let first = |names: &[&str]| names.iter().find_map(|name| cell(name));
    let stamp = first(&TIMES).and_then(|t| time(&t))?;
    let (named, version) = cell("CHART").map(|c| chart(&c)).unwrap_or_default();
    let text = first(&["DESCRIPTION", "TITLE"]).unwrap_or_default();
    let revision = cell("REVISION").filter(|_| cell("UPDATED").is_none());
    // `0a1b2c3 (main)` and `main (0a1b2c3)`: what a history of Argo CD was at.
    let commit = revision.as_deref().and_then(|r| r.split(' ').find_map(|word| sha(word.trim_matches(['(', ')']))));
    let revision = revision.map(|r| version_in(&r).or(commit.clone()).unwrap_or(r));
    let deploy = Deploy {
        service: first(&["NAME", "SERVICE"]).or(named),
        version: cell("APP VERSION").or(version).or_else(|| first(&VERSIONS)).or(revision),
        sha: commit,
        phase: if cell("STATUS").is_some_and(|s| s == "failed") { ChangePhase::Failed } else { ChangePhase::Finished },
        finished: None,
        rollback: is_rollback(&[&text]),
        environment: cell("NAMESPACE"),
        actor: first(&["INITIATOR", "USER", "DEPLOYED BY"]),
        kind: "deploy".to_string(),
        text,
    };
    Some((stamp, deploy))
}

/// The cells by their names.
fn cells(names: &str, line: &str) -> Vec<(String, String)> {
    if names.contains('\t') {
        let both = names.split('\t').zip(line.split('\t'));
        return both.map(|(n, c)| (n.trim().to_string(), c.trim().to_string())).collect();
    }
    let mut starts: Vec<(usize, &str)> = Vec::new();
    for name in NAMES {
        let is_free = |at: &usize| starts.iter().all(|(from, other)| !(*from..from + other.len()).contains(at));
        starts.extend(word(names, name, &is_free).map(|at| (at, name)));
    }
    starts.sort_unstable();
    let ends = starts.iter().skip(1).map(|(at, _)| *at).chain([usize::MAX]);
    let cut = |from: usize, to: usize| line.chars().skip(from).take(to.saturating_sub(from)).collect::<String>();
    starts.iter().zip(ends).map(|((from, name), to)| (name.to_string(), cut(*from, to).trim().to_string())).collect()
}

/// Where a name stands as a word of its own, and not within another.
fn word(names: &str, name: &str, is_free: &dyn Fn(&usize) -> bool) -> Option<usize> {
    let is_apart = |at: &usize| {
        let before = names[..*at].ends_with([' ', '\t']) || *at == 0;
        let after = names[at + name.len()..].starts_with([' ', '\t']) || names.len() == at + name.len();
        before && after
    };
    names.match_indices(name).map(|(at, _)| at).find(|at| is_apart(at) && is_free(at))
}

/// `2025-01-01 00:00:05.123 +0100 CET` and `Wed Jan  1 00:00:05 2025`.
fn time(text: &str) -> Option<Stamp> {
    when::read(&text.split_whitespace().collect::<Vec<_>>().join(" "))
}

#[cfg(test)]
mod tests {
    use super::super::{read_whole, sniff};
    use super::*;
    use evidence::{Basis, SourceId};

    /// Service, version, phase, seconds since 2025-01-01, rollback, line.
    type Told = (Option<String>, Option<String>, ChangePhase, (i64, Basis), bool, u64);

    fn check(text: &str) -> Vec<Told> {
        assert!(sniff("h.txt", text.as_bytes(), true), "{text}");
        let document = read_whole("h.txt", SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("a table");
        let told = document.events.into_iter().map(|e| match (e.stamp, e.body) {
            (Some(s), Body::Deploy(d)) => {
                (d.service, d.version, d.phase, (s.micros / 1_000_000 - 1_735_689_600, s.basis), d.rollback, e.place.line)
            }
            other => panic!("{other:?}"),
        });
        told.collect()
    }

    #[test]
    fn a_history_of_helm_with_tabs_and_without() {
        let tabs = "REVISION\tUPDATED                 \tSTATUS    \tCHART     \tAPP VERSION\tDESCRIPTION     \n1       \tWed Jan  1 00:00:05 2025\tsuperseded\tcart-1.2.3\t7.0        \tInstall complete\n2       \tWed Jan  1 00:10:05 2025\tfailed    \tcart-1.2.4\t7.1        \tUpgrade \"cart\" failed\n3       \tWed Jan  1 00:20:05 2025\tdeployed  \tcart-1.2.3\t7.0        \tRollback to 1   \n";
        let (cart, v) = (|| Some("cart".to_string()), |v: &str| Some(v.to_string()));
        let expected = [
            (cart(), v("7.0"), ChangePhase::Finished, (5, Basis::Civil), false, 2),
            (cart(), v("7.1"), ChangePhase::Failed, (605, Basis::Civil), false, 3),
            (cart(), v("7.0"), ChangePhase::Finished, (1_205, Basis::Civil), true, 4),
        ];
        assert_eq!(check(tabs), expected);
        let spaces: String = tabs.lines().map(|l| l.replace('\t', " ") + "\n").collect();
        assert_eq!(check(&format!("$ helm history cart\n{spaces}"))[2].5, 5);
        let zoned = check(&format!("$ helm history cart # times UTC+2\n{tabs}"));
        assert_eq!(zoned[0].3, (5 - 7_200, Basis::Zoned), "the zone that stands above it is that of its times");
    }

    #[test]
    fn the_command_above_a_history_of_argo_names_the_application() {
        let table = "ID  DATE                           REVISION\n0   2025-01-01 00:00:05 +0000 UTC  0a1b2c3d (main)\n";
        for command in [
            "$ argocd app history cart",
            "ann@box:~$ argocd app history -o wide --grpc-web shop/cart",
            "> /usr/bin/argocd --grpc-web app history \"cart\" --server=a.example",
        ] {
            let told = check(&format!("{command}\n{table}"));
            assert_eq!((told[0].0.as_deref(), told[0].5), (Some("cart"), 3), "{command}");
        }
        for command in ["$ argocd app history", "$ argocd app get cart", "history of cart"] {
            assert_eq!(check(&format!("{command}\n{table}"))[0].0, None, "{command}");
        }
    }

    #[test]
    fn each_history_of_a_console_is_of_its_own_application() {
        let history =
            |app: &str, rows: &str| format!("$ argocd app history {app}\nID  DATE                           REVISION\n{rows}\n");
        let cart = "7   2025-01-01 00:00:05 +0000 UTC  v1.2.0 (0a1b2c3)\n8   2025-01-01 00:30:05 +0000 UTC  v1.3.0 (1a1b2c3)\n";
        let stock = "40  2025-01-01 00:05:05 +0000 UTC  v4.0.1 (2a1b2c3)\n41  2025-01-01 00:10:05 +0000 UTC  v4.1.0 (3a1b2c3)\n42  2025-01-01 00:20:05 +0000 UTC  v4.0.1 (2a1b2c3)\n";
        let told = check(&format!("{}{}{}", history("cart", cart), history("shop/stock", stock), history("", cart)));
        let told: Vec<_> = told.iter().map(|t| (t.0.as_deref(), t.1.as_deref().unwrap_or_default(), t.4, t.5)).collect();
        let expected = [
            (Some("cart"), "v1.2.0", false, 3),
            (Some("cart"), "v1.3.0", false, 4),
            (Some("stock"), "v4.0.1", false, 8),
            (Some("stock"), "v4.1.0", false, 9),
            (Some("stock"), "v4.0.1", true, 10),
            (None, "v1.2.0", false, 14),
            (None, "v1.3.0", false, 15),
        ];
        assert_eq!(told, expected);
    }

    #[test]
    fn lists_of_platforms() {
        let one = |service: Option<&str>, version: &str, phase: ChangePhase, line: u64| {
            (service.map(str::to_string), Some(version.to_string()), phase, (5, Basis::Zoned), false, line)
        };
        let fly = "VERSION\tSTATUS   \tDESCRIPTION\tUSER         \tDATE                \nv42    \tfailed   \tRelease    \tann@a.example\t2025-01-01T00:00:05Z\nv41    \tcomplete \tRelease    \tann@a.example\t2h5m ago\n";
        assert_eq!(check(fly), [one(None, "v42", ChangePhase::Failed, 2)]);
        let run = "   REVISION        ACTIVE  SERVICE  DEPLOYED                 DEPLOYED BY\n✔  cart-00042-xoz  yes     cart     2025-01-01 00:00:05 UTC  ann@a.example\n";
        assert_eq!(check(run), [one(Some("cart"), "cart-00042-xoz", ChangePhase::Finished, 2)]);
        let engine = "SERVICE  VERSION.ID       TRAFFIC_SPLIT  LAST_DEPLOYED              SERVING_STATUS\ncart     20250101t000000  1.00           2025-01-01T01:00:05+01:00  SERVING\n";
        assert_eq!(check(engine), [one(Some("cart"), "20250101t000000", ChangePhase::Finished, 2)]);
        let releases = "TITLE       TYPE    TAG NAME  PUBLISHED\ncart 2.4.1  Latest  v2.4.1    2025-01-01T00:00:05Z\n";
        assert_eq!(check(releases), [one(None, "v2.4.1", ChangePhase::Finished, 2)]);
    }

    #[test]
    fn a_list_of_helm_and_a_history_of_argo() {
        let list = "NAME  NAMESPACE  REVISION  UPDATED                                  STATUS    CHART       APP VERSION\ncart  shop       3         2025-01-01 01:00:05.123456 +0100 CET     deployed  cart-1.2.3  7.1\n";
        assert_eq!(check(list), [(Some("cart".into()), Some("7.1".into()), ChangePhase::Finished, (5, Basis::Zoned), false, 2)]);
        let back = "ID  DATE                           REVISION\n0   2025-01-01 00:00:05 +0000 UTC  main (0a1b2c3)\n1   2025-01-01 00:10:05 +0000 UTC  main (1a1b2c3)\n2   2025-01-01 00:20:05 +0000 UTC  main (0a1b2c3)\n";
        let told: Vec<_> = check(back).into_iter().map(|(_, version, _, _, rollback, _)| (version, rollback)).collect();
        let expected = [("0a1b2c3", false), ("1a1b2c3", false), ("0a1b2c3", true)];
        assert_eq!(told, expected.map(|(version, rollback)| (Some(version.to_string()), rollback)));
        let argo = "ID  DATE                           REVISION\n0   2025-01-01 00:00:05 +0000 UTC  0a1b2c3d (main)\n";
        assert_eq!(check(argo), [(None, Some("0a1b2c3d".into()), ChangePhase::Finished, (5, Basis::Zoned), false, 2)]);
    }
}
