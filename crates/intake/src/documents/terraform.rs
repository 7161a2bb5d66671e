//! Terraform: what an apply did, as text and as the lines of `-json`; plans as text.
//!
//! Only what was begun or done is a change: a plan reached no environment and stays text, whatever it announces. Text
//! output has no times unless a build server put them in front of its lines. It must never take the reading of a resource
//! (`Refreshing state`) for its change. What breaks it: output that was cut before the lines of the apply.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use evidence::{Body, ChangePhase, Deploy, Event, RecordRef, Stamp};
use expressions::Expression;

use super::json::El;
use super::page::Page;
use super::{Context, Document, Out, when};

/// Lines of a plan that are told with a change.
const LINES: usize = 60;

/// Lines of `terraform apply -json`, and plans as `terraform show -json` prints them.
pub fn read_json(element: El<'_>, _context: &Context<'_>, out: &mut Out) -> bool {
    if element.word("@module") == "terraform.ui" || element.has_all(&["@message", "@timestamp", "hook"]) {
        return line(element, out);
    }
    if !element.has_all(&["terraform_version", "resource_changes"]) {
        return false;
    }
    out.is("terraform_plan");
    for item in element.list("resource_changes") {
        let actions: Vec<String> = item.dig("change.actions").into_iter().flat_map(El::items).filter_map(El::text).collect();
        if !actions.is_empty() && actions != ["no-op"] && actions != ["read"] {
            out.texts.push((item.place(), format!("plan: {} {}", actions.join(" and "), item.word("address"))));
        }
    }
    out.others += 1;
    true
}

fn line(element: El<'_>, out: &mut Out) -> bool {
    let phase = match element.word("type").as_str() {
        "apply_start" => ChangePhase::Started,
        "apply_complete" => ChangePhase::Finished,
        "apply_errored" => ChangePhase::Failed,
        // Progress, plans and refreshes are records of a log.
        _ => return false,
    };
    let address = element.first(&["hook.resource.addr"]).unwrap_or_default();
    if address.is_empty() || element.word("hook.action") == "read" {
        return false;
    }
    out.is("terraform");
    let deploy = change(&address, phase, element.word("@message"));
    out.add(element, element.stamp(&["@timestamp"]), Body::Deploy(deploy));
    true
}

/// Reads the output of an apply or a plan; `None` when the text is neither.
pub fn read(page: &Page<'_>) -> Option<Document> {
    if !is_likely(page) {
        return None;
    }
    let mut document = Document { format: "terraform".into(), ..Document::default() };
    let plans = plans(page);
    let mut begun: BTreeMap<String, usize> = BTreeMap::new();
    for index in 0..page.len() {
        let text = page.line(index);
        let Some(step) = step(&text) else {
            document.texts.extend(page.record(index));
            continue;
        };
        let place = page.place(index, index);
        match step.phase {
            // The end of a change that is told already, where no time tells the two apart.
            ChangePhase::Finished if step.stamp.is_none() && begun.contains_key(&step.address) => {
                document.texts.extend(page.record(index));
            }
            _ => {
                begun.insert(step.address.clone(), document.events.len());
                document.events.push(event(place, &step, plans.get(&step.address)));
            }
        }
    }
    failed(page, &begun, &mut document);
    let sha = checked_out(page);
    for event in &mut document.events {
        if let Body::Deploy(deploy) = &mut event.body {
            deploy.sha.clone_from(&sha);
        }
    }
    document.records = (document.events.len() + document.texts.len()) as u64;
    Some(document)
}

/// Whether a text is such output: the first of Terraform's own lines stands there as a line, not within a record of
/// another program's log, and a resource is named.
pub fn is_likely(page: &Page<'_>) -> bool {
    let own = [
        "Terraform will perform the following actions",
        "OpenTofu will perform the following actions",
        "Terraform used the selected providers",
        "OpenTofu used the selected providers",
        "Apply complete! Resources:",
    ];
    let is_own = |line: &str| {
        let at = own.iter().find_map(|w| line.find(w));
        at.is_some_and(|at| at <= 64 && !line[..at].contains(['{', '"', '=', ']']))
    };
    let lines = page.len().min(4_000);
    (0..lines).any(|i| is_own(&uncoloured(&page.line(i))))
        && (0..lines).any(|i| {
            let line = page.line(i);
            line.contains("# ") && line.contains(" be ") || step(&line).is_some()
        })
}

struct Step {
    address: String,
    phase: ChangePhase,
    stamp: Option<Stamp>,
    text: String,
}

/// `aws_db_instance.ledger: Modifying... [id=x]`, with the time of a build server in front or not.
fn step(line: &str) -> Option<Step> {
    static SHAPE: LazyLock<Option<Expression>> = LazyLock::new(|| {
        let verbs = "Creating|Modifying|Destroying|Replacing";
        let ends = "Creation|Modifications|Destruction";
        Expression::new(&format!(r#"^(.{{0,60}}?)((?:[\w-]+(?:\["?[^\]]+"?\])?\.)*[\w-]+\.[\w-]+(?:\["?[^\]]+"?\])?): (?:({verbs})\.\.\.|(?:{ends}) complete after (\S+))"#)).ok()
    });
    let plain = uncoloured(line);
    let found = SHAPE.as_ref()?.captures(&plain)?;
    let before = found[1].trim().trim_end_matches([':', '|']);
    let phase = if found.get(3).is_some() { ChangePhase::Started } else { ChangePhase::Finished };
    let stamp = before.split("  ").chain([before, before.split(' ').next().unwrap_or_default()]).find_map(when::read);
    let text = plain.get(found.get(2)?.start()..).unwrap_or_default().trim_end().to_string();
    Some(Step { address: found[2].to_string(), phase, stamp, text })
}

fn uncoloured(line: &str) -> String {
    static CODE: LazyLock<Option<Expression>> = LazyLock::new(|| Expression::new(r"\x1b\[[0-9;]{0,12}m").ok());
    CODE.as_ref().map_or_else(|| line.to_string(), |c| c.replace_all(line, "").into_owned())
}

/// A line without the time that a build server put in front of it.
fn untimed(line: &str) -> &str {
    let (first, rest) = line.split_once(' ').unwrap_or((line, ""));
    let is_time = first.len() >= 10 && first.starts_with(|c: char| c.is_ascii_digit()) && when::read(first).is_some();
    if is_time { rest } else { line }
}

/// What the plan says of each resource: from `# address will be ...` to the end of its block.
fn plans(page: &Page<'_>) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut index = 0;
    while index < page.len() {
        let head = uncoloured(&page.line(index));
        let head = untimed(&head);
        let address =
            head.trim().strip_prefix("# ").and_then(|h| h.split_once(" will be ").or_else(|| h.split_once(" must be ")));
        if let Some((address, _)) = address {
            let end = block_end(page, index + 1).min(index + LINES);
            let changed = |l: &String| l.trim_start().starts_with(['+', '-', '~']) && !l.contains(" resource \"");
            let lines: Vec<String> =
                (index + 1..end).map(|i| untimed(&uncoloured(&page.line(i))).trim().to_string()).filter(changed).collect();
            found
                .insert(address.to_string(), [vec![head.trim().trim_start_matches("# ").to_string()], lines].concat().join("\n"));
            index = end;
        }
        index += 1;
    }
    found
}

/// The line behind a block: where as many brackets were closed as were opened, or the first blank one where none was.
fn block_end(page: &Page<'_>, first: usize) -> usize {
    let mut depth = 0_i32;
    for index in first..page.len().min(first + 4 * LINES) {
        let line = uncoloured(&page.line(index));
        let line = untimed(&line).trim();
        let bare = line.trim_start_matches(['+', '-', '~', '/', ' ']);
        let opens = line.ends_with(['{', '[', '(']);
        depth += i32::from(opens) - i32::from(bare.starts_with(['}', ']', ')']));
        if depth <= 0 && (line.is_empty() || !opens && index > first) {
            return index;
        }
    }
    (first..page.len()).find(|i| untimed(&page.line(*i)).trim().is_empty()).unwrap_or(page.len())
}

fn event(place: RecordRef, step: &Step, plan: Option<&String>) -> Event {
    let words = plan.map_or_else(|| step.text.clone(), |p| format!("{}\n{p}", step.text));
    Event { place, stamp: step.stamp, body: Body::Deploy(change(&step.address, step.phase, words)) }
}

/// `with aws_db_instance.ledger,` below an error names what failed.
fn failed(page: &Page<'_>, begun: &BTreeMap<String, usize>, document: &mut Document) {
    for index in 0..page.len() {
        let line = uncoloured(&page.line(index));
        let Some(rest) = line.trim_start_matches(['│', '|', ' ']).strip_prefix("with ") else { continue };
        let named = begun.get(rest.trim_end().trim_end_matches(','));
        if let Some(Body::Deploy(deploy)) = named.and_then(|i| document.events.get_mut(*i)).map(|e| &mut e.body) {
            deploy.phase = ChangePhase::Failed;
        }
    }
}

/// The commit that a build server checked out before it applied it: `HEAD is now at 9f3c2ab lower the limit`, a whole SHA alone,
/// or what it says of it beside the command or among its variables.
fn checked_out(page: &Page<'_>) -> Option<String> {
    static HEAD: LazyLock<Option<Expression>> = LazyLock::new(|| {
        let named = r"(?:GITHUB_SHA|CI_COMMIT_SHA|CI_COMMIT_SHORT_SHA|BUILD_SOURCEVERSION)[:=] ?";
        let applied = r"\b(?:terraform|tofu) apply\b[^(]{0,80}\((?:commit )?";
        let out = "HEAD is now at |Checking out Revision |Checking out ";
        Expression::new(&format!(r"(?:{out}|{named}|{applied})([0-9a-f]{{7,40}})\b|^([0-9a-f]{{40}})$")).ok()
    });
    let head = HEAD.as_ref()?;
    let told = (0..page.len()).filter_map(|index| {
        let line = uncoloured(&page.line(index));
        let found = head.captures(untimed(line.trim_start_matches('\u{feff}')).trim())?;
        Some(found.get(1).or(found.get(2))?.as_str().to_string())
    });
    // The whole one, where both stand there.
    told.max_by_key(|sha| sha.len())
}

/// Whose network it is that a resource sets up: `cloudflare_ruleset.cache` changes no service that is called `cache`.
fn vendor(address: &str) -> Option<&str> {
    const EDGES: [&str; 6] = ["cloudflare", "fastly", "akamai", "bunnynet", "incapsula", "ns1"];
    let kind = address.split('[').next().unwrap_or(address).rsplit('.').nth(1)?;
    kind.split('_').next().filter(|vendor| EDGES.contains(vendor))
}

/// The change of one resource; its name is that of the resource, without its type, index and module.
fn change(address: &str, phase: ChangePhase, text: String) -> Deploy {
    let name = address.split('[').next().unwrap_or(address).rsplit('.').next().unwrap_or(address);
    // Where it is only spelled otherwise, what it is called is its id: `log_archiver` is `[id=logging/log-archiver]`.
    let id = text.split_once("[id=").and_then(|(_, rest)| rest.split_once(']')).and_then(|(id, _)| id.rsplit(['/', ':']).next());
    let says_nothing = ["this", "main", "default", "primary", "prod", "production", "staging"].contains(&name);
    let name = id.filter(|id| !id.is_empty() && (says_nothing || id.replace('-', "_") == name)).unwrap_or(name);
    let name = vendor(address).unwrap_or(name);
    Deploy {
        service: Some(name.to_string()),
        version: None,
        sha: None,
        phase,
        finished: None,
        rollback: false,
        environment: None,
        actor: None,
        kind: "infrastructure".to_string(),
        text,
    }
}

#[cfg(test)]
mod tests {
    use super::super::{read_line, read_whole, sniff};
    use super::*;
    use evidence::SourceId;

    const SOURCE: SourceId = SourceId { input: 0, entry: 0 };
    const PLAN: &str = "Terraform used the selected providers to generate the following execution plan.\n\nTerraform will perform the following actions:\n\n  # aws_db_instance.ledger will be updated in-place\n  ~ resource \"aws_db_instance\" \"ledger\" {\n        id              = \"ledger\"\n      ~ max_connections = 200 -> 20\n    }\n\nPlan: 0 to add, 1 to change, 0 to destroy.\n";

    fn check(text: &str) -> Document {
        assert!(sniff("tf.txt", text.as_bytes(), true), "{text}");
        read_whole("tf.txt", SOURCE, text.as_bytes()).expect("a document")
    }

    /// Resource, phase, words, seconds since 2025-01-01, line.
    type Told<'a> = (Option<&'a str>, ChangePhase, &'a str, Option<i64>, u64);

    fn told(document: &Document) -> Vec<Told<'_>> {
        let told = document.events.iter().map(|e| match &e.body {
            Body::Deploy(d) => (
                d.service.as_deref(),
                d.phase,
                d.text.as_str(),
                e.stamp.map(|s| s.micros / 1_000_000 - 1_735_689_600),
                e.place.line,
            ),
            other => panic!("{other:?}"),
        });
        told.collect()
    }

    #[test]
    fn a_rule_of_an_edge_is_the_vendors() {
        assert_eq!(vendor("module.web.cloudflare_ruleset.cache"), Some("cloudflare"));
        assert_eq!(vendor("fastly_service_vcl.www[0]"), Some("fastly"));
        assert_eq!(vendor("aws_db_instance.ledger"), None);
        assert_eq!(vendor("cloudflare"), None);
    }

    #[test]
    fn a_plan_alone_is_text() {
        let document = check(PLAN);
        assert_eq!((document.events.len(), document.texts.len(), document.format.as_str()), (0, 8, "terraform"));
    }

    #[test]
    fn an_apply_tells_its_changes_with_their_plan() {
        let text = format!(
            "{PLAN}aws_db_instance.ledger: Refreshing state... [id=ledger]\naws_db_instance.ledger: Modifying... [id=ledger]\naws_db_instance.ledger: Modifications complete after 41s [id=ledger]\nmodule.net.aws_route.out[\"a\"]: Creating...\n\n│ Error: denied\n│   with module.net.aws_route.out[\"a\"],\n"
        );
        let document = check(&text);
        let words = "aws_db_instance.ledger: Modifying... [id=ledger]\naws_db_instance.ledger will be updated in-place\n~ max_connections = 200 -> 20";
        assert_eq!(
            told(&document),
            [
                (Some("ledger"), ChangePhase::Started, words, None, 13),
                (Some("out"), ChangePhase::Failed, "module.net.aws_route.out[\"a\"]: Creating...", None, 15)
            ]
        );
    }

    #[test]
    fn a_run_tells_the_commit_that_it_applied() {
        let run = format!("HEAD is now at 9f3c2ab lower it (#12)\n{PLAN}aws_db_instance.ledger: Modifying... [id=ledger]\n");
        let shas = |text: &str| {
            let document = check(text);
            document
                .events
                .iter()
                .map(|e| match &e.body {
                    Body::Deploy(d) => d.sha.clone(),
                    other => panic!("{other:?}"),
                })
                .collect::<Vec<_>>()
        };
        assert_eq!(shas(&run), [Some("9f3c2ab".to_string())]);
        assert_eq!(shas(&run.replace("HEAD is now at", "will look at")), [None]);
        let command =
            run.replace("HEAD is now at 9f3c2ab lower it (#12)", "Run terraform apply -auto-approve plan.out (9f3c2ab)");
        assert_eq!(shas(&command), [Some("9f3c2ab".to_string())]);
    }

    #[test]
    fn a_name_that_every_house_has_gives_way_to_the_id() {
        let of =
            |address: &str, id: &str| change(address, ChangePhase::Started, format!("{address}: Modifying... [id={id}]")).service;
        assert_eq!(of("google_compute_router_nat.main", "shop/eu-1/rtr/nat-eu").as_deref(), Some("nat-eu"));
        assert_eq!(of("aws_db_instance.ledger", "db-XYZ").as_deref(), Some("ledger"));
    }

    #[test]
    fn a_block_goes_on_behind_a_blank_line() {
        let plan = PLAN.replace(
            "        id              =",
            "        name = \"l\"\n\n      + tags = [\n          + \"a\",\n        ]\n        id              =",
        );
        let document = check(&format!("{plan}aws_db_instance.ledger: Modifying... [id=ledger]\n"));
        assert!(told(&document)[0].2.ends_with("+ \"a\",\n~ max_connections = 200 -> 20"), "{:?}", told(&document)[0].2);
    }

    #[test]
    fn times_of_a_build_server_are_taken() {
        let planned: String = PLAN.lines().map(|line| format!("2025-01-01T00:00:04Z {line}\n")).collect();
        let document = check(&format!("{planned}2025-01-01T00:00:05Z aws_db_instance.ledger: Modifying... [id=l]\n"));
        let spelled = check(
            "Apply complete! Resources: 1 added.\nmodule.a.kube_job.log_archiver: Modifying... [id=logging/log-archiver]\n",
        );
        assert_eq!(told(&spelled)[0].0, Some("log-archiver"));
        assert!(told(&document)[0].2.ends_with("~ max_connections = 200 -> 20"), "{:?}", told(&document));
        let text = "2025-01-01T00:00:05.1234567Z aws_db_instance.ledger: Modifying... [id=l]\n2025-01-01T00:00:46.0Z aws_db_instance.ledger: Modifications complete after 41s [id=l]\n2025-01-01T00:00:47Z Apply complete! Resources: 0 added, 1 changed, 0 destroyed.\n";
        let document = check(text);
        let seen: Vec<_> = told(&document).into_iter().map(|(_, phase, _, at, line)| (phase, at, line)).collect();
        assert_eq!(seen, [(ChangePhase::Started, Some(5), 1), (ChangePhase::Finished, Some(46), 2)]);
    }

    #[test]
    fn lines_of_json_are_changes_where_something_was_done() {
        let line = |kind: &str, action: &str| {
            format!(
                r#"{{"@level":"info","@message":"aws_db_instance.ledger: {kind}","@module":"terraform.ui","@timestamp":"2025-01-01T00:00:05.000000Z","hook":{{"resource":{{"addr":"aws_db_instance.ledger","resource_name":"ledger"}},"action":"{action}"}},"type":"{kind}"}}"#
            )
        };
        let read = |text: &str| {
            let place = RecordRef { source: SOURCE, start: 0, end: text.len() as u64, line: 1, last_line: 1 };
            read_line(text, place)
                .events
                .into_iter()
                .map(|e| if let Body::Deploy(d) = e.body { (d.phase, d.kind) } else { panic!("a change") })
                .collect::<Vec<_>>()
        };
        assert_eq!(read(&line("apply_start", "update")), [(ChangePhase::Started, "infrastructure".to_string())]);
        assert_eq!(read(&line("apply_errored", "update")), [(ChangePhase::Failed, "infrastructure".to_string())]);
        assert_eq!(read(&line("apply_progress", "update")), []);
        assert_eq!(read(&line("apply_start", "read")), []);
    }

    #[test]
    fn a_plan_in_json_is_text_by_resource() {
        let text = r#"{"format_version":"1.2","terraform_version":"1.9.0","planned_values":{},"resource_changes":[{"address":"aws_db_instance.ledger","change":{"actions":["delete","create"]}},
            {"address":"aws_s3_bucket.a","change":{"actions":["no-op"]}}]}"#;
        let document = read_whole("plan.json", SOURCE, text.as_bytes()).expect("JSON");
        assert_eq!((document.texts.len(), document.texts[0].1.as_str()), (1, "plan: delete and create aws_db_instance.ledger"));
    }
}
