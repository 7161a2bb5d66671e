//! Whose log a file is, by its name and its folder.
//!
//! What it sees: the telling words of both. When it misleads: a file that is named after its host, its date or whoever
//! saved it. What runs a program (`gunicorn`, `puma`) and what is no log of a program (a mail, a page, the output of a tool)
//! names no service.

use std::sync::LazyLock;

use expressions::{Expression, constant};

use super::{is_host_like, without_pod_suffix};

/// Words of a file name that name no service.
pub const GENERIC: &[&str] = &[
    "log",
    "logs",
    "json",
    "jsonl",
    "ndjson",
    "txt",
    "out",
    "err",
    "gz",
    "zst",
    "stdout",
    "stderr",
    "cloudwatch",
    "filter",
    "events",
    "export",
    "describe",
    "merged",
    "all",
    "current",
    "app",
    "server",
    "access",
    "error",
    "errors",
    "errorlog",
    "messages",
    "message",
    "catalina",
    "kern",
    "kernel",
    "syslog",
    "journal",
    "logfmt",
    "clef",
    "gelf",
    "ecs",
    "tracing",
    "zap",
    "pino",
    "bunyan",
    "winston",
    "slog",
    "klog",
    "serilog",
    "logstash",
    "structlog",
    "loguru",
    "monolog",
    "nlog",
    "log4j",
    "log4net",
    "logback",
    "lograge",
    "logrus",
    "zerolog",
    "glog",
    "journald",
    "csv",
    "dump",
    "output",
    "console",
    "main",
    "node",
    "node0",
    "pod",
    "prod",
    "production",
    "staging",
    "stern",
    "kubectl",
    "docker",
    "container",
    "containers",
    "file",
    "data",
    "input",
    "latest",
    "old",
    "dmesg",
    "full",
    "copy",
    "part",
    "combined",
    "application",
    "system",
    "security",
    "xml",
    "evtx",
    "service",
    "raw",
    "pasted",
    "paste",
    "stdin",
    "incident",
    "am",
    "pm",
    "excerpt",
    "extract",
    "snippet",
    "slow",
    "slowlog",
    "slowquery",
    // What somebody asked a store of logs for.
    "cwl",
    "insights",
    "results",
    // What every host of ESXi writes.
    "vmkernel",
    "vmkwarning",
    "vmksummary",
    "vobd",
    "hostd",
    "vpxa",
    "gc",
    "logplex",
    "heroku",
    "papertrail",
    // With what somebody saved it.
    "journalctl",
    "putty",
    "minicom",
    "picocom",
    "securecrt",
    "mobaxterm",
    "teraterm",
    "tmux",
    "screenlog",
    "typescript",
    "terminal",
    "scrollback",
];

/// What runs or frames a program, and is none of the services.
const RUNTIMES: &[&str] = &[
    "gunicorn",
    "uvicorn",
    "hypercorn",
    "daphne",
    "waitress",
    "uwsgi",
    "wsgi",
    "asgi",
    "puma",
    "unicorn",
    "passenger",
    "webrick",
    "sidekiq",
    "resque",
    "celery",
    "laravel",
    "symfony",
    "lumen",
    "django",
    "flask",
    "fastapi",
    "rails",
    "sinatra",
    "catalina",
    "tomcat",
    "jetty",
    "undertow",
    "wildfly",
    "spring",
    "springboot",
    "php",
    "fpm",
    "pm2",
    "crontab",
    "nodejs",
    "npm",
    "kestrel",
    "aspnetcore",
    "jvm",
];

/// Proxies that stand beside the container of a workload.
const SIDECARS: &[[&str; 2]] =
    &[["istio", "proxy"], ["istio", "init"], ["linkerd", "proxy"], ["envoy", "sidecar"], ["consul", "dataplane"]];

/// Tools whose output is about something else, whatever the file is called beside them.
const TOOLS: &[&str] = &[
    "amtool",
    "promtool",
    "ansible",
    "terraform",
    "tofu",
    "helm",
    "kubectl",
    "consoletext",
    "gh",
    "iostat",
    "vmstat",
    "mpstat",
    "sar",
    "lsof",
    "netstat",
    "crontab",
    "openssl",
    "dig",
    "nslookup",
    "traceroute",
    "gitlog",
    "whatsapp",
    "telegram",
];

/// Systems to which people turn in an incident, whose exports are about something else. A log is a program's own.
const DESKS: &[&str] = &[
    "pagerduty",
    "opsgenie",
    "victorops",
    "statuspage",
    "slack",
    "teams",
    "discord",
    "mattermost",
    "zoom",
    "irc",
    "irssi",
    "weechat",
    "jira",
    "servicenow",
    "sentry",
    "datadog",
    "newrelic",
    "honeycomb",
    "rootly",
    "firehydrant",
    "incidentio",
    "launchdarkly",
    "unleash",
    "flagsmith",
    "github",
    "gitlab",
    "jenkins",
    "argocd",
    "flux",
    "alertmanager",
    "icinga",
    "icinga2",
    "nagios",
    "zabbix",
    "checkmk",
    "prtg",
    "glpi",
    "otrs",
    "zammad",
    "zendesk",
    "freshdesk",
    "freshservice",
    "topdesk",
    "crashlytics",
    "grafana",
    "cloudtrail",
    "gcp",
    "azure",
    "page",
    "pages",
    "mail",
    "thread",
    "alert",
    "alerts",
];

/// What somebody looked up on a machine and saved as text. A log of this name is a program's own.
const LOOKED_UP: &[&str] = &[
    "usage",
    "df",
    "du",
    "ps",
    "top",
    "free",
    "uptime",
    "lsblk",
    "mounts",
    "sockets",
    "processlist",
    "trx",
    "locks",
    "activity",
];

/// What an export is called by beside the system that it is from.
const EXPORTS: &[&str] = &[
    "incident",
    "incidents",
    "alert",
    "alerts",
    "event",
    "events",
    "issue",
    "issues",
    "ticket",
    "tickets",
    "problem",
    "problems",
    "notification",
    "notifications",
    "webhook",
    "webhooks",
    "history",
    "export",
    "copy",
    "chat",
    "entries",
    "timeline",
    "audit",
    "auditlog",
    "posts",
    "activity",
    "play",
    "playbook",
    "paste",
    "ops",
    "run",
    "deploy",
    "deploys",
    "deployment",
    "deployments",
    "describe",
    "query",
];

/// Steps of a delivery, whose logs are those of no service.
const STEPS: &[&str] = &[
    "deploy",
    "deployment",
    "migrate",
    "migration",
    "migrations",
    "build",
    "pipeline",
    "ci",
    "cd",
    "job",
    "run",
    "step",
    "workflow",
    "rollout",
    "release",
    "production",
    "prod",
    "staging",
];

/// The name is one of what runs or frames a program.
pub fn is_runtime(name: &str) -> bool {
    !name.is_empty() && name.split(['-', '.', '_']).all(|word| RUNTIMES.contains(&word))
}

fn are_runtimes(words: &[String]) -> bool {
    !words.is_empty() && words.iter().all(|word| RUNTIMES.contains(&word.as_str()))
}

/// Nobody's log: a mail, a page, what a tool printed, what was saved from a system for people.
pub fn is_document(file: &str) -> bool {
    let lower = file.to_lowercase();
    let lower = lower.strip_suffix(".gz").or(lower.strip_suffix(".zst")).unwrap_or(&lower);
    let ending = lower.rsplit_once('.').map_or("", |(_, ending)| ending);
    if matches!(ending, "eml" | "mbox" | "msg") {
        return true;
    }
    let words: Vec<&str> = lower.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty() && *w != ending).collect();
    let is_log = matches!(ending, "log" | "out" | "err");
    let is_export = |w: &&&str| EXPORTS.contains(*w) || w.bytes().all(|b| b.is_ascii_digit());
    let at_desk = words.first().is_some_and(|first| DESKS.contains(first));
    let more = words.get(1..).unwrap_or_default();
    // What a tool fetched of a program's log is that program's.
    let is_fetched = more.first() == Some(&"logs") && more.len() >= 2;
    // Behind what was looked up may stand when.
    let is_time = |w: &&&str| w.bytes().all(|b| b.is_ascii_digit());
    let last = words.iter().rfind(|w| !is_time(w));
    // `describe-node-web-3.txt`, `get-pods.txt`: what a cluster answered.
    const ASKED: [&str; 4] = ["describe", "get", "top", "show"];
    let is_asked = words.len() >= 2 && words.first().is_some_and(|w| ASKED.contains(w));
    let is_looked_up = ending == "txt" && (is_asked || last.is_some_and(|w| LOOKED_UP.contains(w)) || lower.contains("s_client"));
    let is_step = |w: &&str| STEPS.contains(w) || w.bytes().all(|b| b.is_ascii_digit());
    let of_delivery =
        words.len() >= 2 && !words.iter().all(|w| w.bytes().all(|b| b.is_ascii_digit())) && words.iter().all(is_step);
    is_looked_up
        || of_delivery
        || words.iter().any(|w| TOOLS.contains(w)) && !is_fetched
        || at_desk && (!is_log || !more.is_empty() && more.iter().all(|w| is_export(&w)))
}

/// `dag_id=nightly_orders/run_id=.../task_id=load/attempt=1.log`: an orchestrator writes a log for each attempt of a task.
fn of_workflow(path: &str) -> Option<String> {
    const KEYS: [&str; 5] = ["dag_id=", "dag=", "workflow=", "flow=", "job_name="];
    let name = path.split('/').find_map(|part| KEYS.iter().find_map(|key| part.strip_prefix(key)))?;
    let name = name.to_lowercase().replace(['_', ' '], "-");
    Some(name.split('.').next().unwrap_or_default().to_string()).filter(|name| !name.is_empty())
}

/// `ledger-5f6c9b7d4-x2m8q_istio-proxy.log`: a file that is named after a pod is its workload's.
fn of_pod(file: &str) -> Option<String> {
    let pod = file.split(['_', '.']).next()?;
    let workload = without_pod_suffix(pod);
    let cut = pod.matches('-').count() - workload.matches('-').count();
    let of_deployment = (cut == 2 && !workload.is_empty()).then(|| workload.to_lowercase());
    of_deployment.or_else(|| of_daemon(file, pod))
}

/// `log-agent-x7kq2_node-3.log`: a pod of a set that runs on every node has one random part, and the node or the container behind it.
fn of_daemon(file: &str, pod: &str) -> Option<String> {
    let (workload, random) = pod.rsplit_once('-')?;
    let is_random = random.len() == 5
        && random.bytes().all(|b| b"bcdfghjklmnpqrstvwxz2456789".contains(&b))
        && random.bytes().any(|b| b.is_ascii_digit());
    (is_random && file[pod.len()..].starts_with('_') && workload.len() >= 3).then(|| workload.to_lowercase())
}

/// `alert_ORDERS.log`, `ORDERS_lgwr_4412.trc`: so Oracle names what a database and its processes write.
fn of_oracle(file: &str) -> Option<String> {
    let is_id = |id: &str| !id.is_empty() && id.bytes().all(|b| b.is_ascii_alphanumeric());
    let of_alerts = file.strip_prefix("alert_").and_then(|rest| rest.strip_suffix(".log"));
    let of_process = || {
        let (rest, number) = file.strip_suffix(".trc")?.rsplit_once('_')?;
        let (id, process) = rest.split_once('_')?;
        let is_process = process.len() >= 3 && is_id(process) && number.bytes().all(|b| b.is_ascii_digit());
        is_process.then_some(id)
    };
    of_alerts.or_else(of_process).filter(|id| is_id(id)).map(str::to_lowercase)
}

/// `exports/aws-lambda-cart/000000.gz`: so CloudWatch names the parts of a group of logs that it writes to a bucket.
fn of_group(path: &str) -> Option<String> {
    let parts: Vec<&str> = path.rsplit('/').collect();
    let number = parts.first()?.split('.').next()?;
    let is_part = number.len() == 6 && number.bytes().all(|b| b.is_ascii_digit());
    let group = parts.iter().skip(1).take(2).find_map(|part| part.strip_prefix("aws-lambda-").or(part.strip_prefix("aws-ecs-")));
    group.filter(|group| is_part && !group.is_empty()).map(str::to_lowercase)
}

/// The log of a sidecar is that of what it stands beside.
fn without_sidecar(words: &[String]) -> &[String] {
    let rest = words.len().saturating_sub(2);
    let is_sidecar = SIDECARS.iter().any(|pair| words[rest..].iter().map(String::as_str).eq(pair.iter().copied()));
    if rest > 0 && is_sidecar { &words[..rest] } else { words }
}

/// `basket-svc-gunicorn.log` is of `basket-svc`, which that runs, and `basket-db-postgresql.log` of the database `basket-db`.
fn without_what_runs_it(words: &[String]) -> &[String] {
    /// What takes work from a queue or a clock has failures of its own.
    const APART: [&str; 5] = ["sidekiq", "resque", "celery", "crontab", "php"];
    const STORES: [&str; 4] = ["db", "database", "cache", "store"];
    let runs = |word: &str| RUNTIMES.contains(&word) && !APART.contains(&word);
    match words {
        // It says already that it takes work.
        [_, .., worker, last]
            if APART.contains(&last.as_str()) && ["worker", "workers", "consumer"].contains(&worker.as_str()) =>
        {
            &words[..words.len() - 1]
        }
        [first, .., last] if runs(last) && !RUNTIMES.contains(&first.as_str()) => without_what_runs_it(&words[..words.len() - 1]),
        [_, .., tier, last] if super::PRODUCTS.contains(&last.as_str()) && STORES.contains(&tier.as_str()) => {
            &words[..words.len() - 1]
        }
        _ => words,
    }
}

/// `postgresql-Tue.log`: a database that keeps the logs of a week.
fn without_weekday(words: &[String]) -> &[String] {
    const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    match words {
        [product, day] if super::PRODUCTS.contains(&product.as_str()) && DAYS.contains(&day.as_str()) => &words[..1],
        _ => words,
    }
}

/// `portal_u_ex250630.log` is of `portal`: so IIS numbers the logs of a day.
fn without_day_of_iis(lower: &str) -> String {
    let is_day = |rest: &str| rest.len() >= 6 && rest.bytes().take(6).all(|b| b.is_ascii_digit());
    let at = lower.find("u_ex").filter(|at| is_day(&lower[at + 4..]) && (*at == 0 || lower[..*at].ends_with(['_', '-', '.'])));
    at.map_or_else(|| lower.to_string(), |at| format!("{}{}", &lower[..at], &lower[at + 10..]))
}

/// The service a file is the log of, by its name, or by its folder where the file's own name is general.
pub fn from_file_name(path: &str) -> Option<String> {
    let path = path.replace('!', "/");
    if let Some(workflow) = of_workflow(&path) {
        return Some(workflow);
    }
    let mut parts = path.rsplit('/');
    let name = parts.next()?;
    if is_document(name) {
        return None;
    }
    if let Some(workload) = of_pod(name).or_else(|| of_oracle(name)).or_else(|| of_group(&path)) {
        return Some(workload);
    }
    let file = stem(name);
    let folder = parts.next().map(stem).filter(|words| !are_runtimes(words)).unwrap_or_default();
    let own =
        if are_runtimes(&file) { String::new() } else { without_what_runs_it(without_sidecar(without_weekday(&file))).join("-") };
    if own.is_empty()
        || (super::PRODUCTS.contains(&own.as_str()) && !folder.is_empty())
        || (folder.len() >= 2 && folder.starts_with(&file))
        || is_whole_name(&folder, &file)
        || is_instance_of(&folder, &file)
    {
        return Some(folder.join("-")).filter(|f| !f.is_empty()).or(Some(own)).filter(|n| !n.is_empty());
    }
    Some(own)
}

/// `tariff-portal/portal.log` is of the former, unless the folder says where its machine stands.
fn is_whole_name(folder: &[String], file: &[String]) -> bool {
    const PLACES: [&str; 14] =
        ["eu", "us", "uk", "ap", "test", "dev", "qa", "live", "blue", "green", "canary", "cluster", "host", "k8s"];
    match (folder, file) {
        ([first, last], [own]) => last == own && !PLACES.contains(&first.as_str()) && !is_host_like(first),
        _ => false,
    }
}

/// `mailroom/mr-1.log`, `label-api/rack-04.log`: the file is of one of the machines on which the folder's service runs, and is
/// called by the service's letters or by the machine.
fn is_instance_of(folder: &[String], file: &[String]) -> bool {
    const OF_SERVICES: [&str; 14] = [
        "server",
        "api",
        "service",
        "svc",
        "app",
        "worker",
        "gateway",
        "proxy",
        "web",
        "backend",
        "frontend",
        "portal",
        "router",
        "scheduler",
    ];
    match (folder, file) {
        ([service], [short]) => abbreviates(short, service),
        ([_, .., last], [machine, number]) => {
            is_machine_number(number) && OF_SERVICES.contains(&last.as_str()) && !is_host_like(machine)
        }
        _ => false,
    }
}

/// A few of its letters in their order, the first one among them: `mr` for `mailroom`.
fn abbreviates(short: &str, long: &str) -> bool {
    let mut rest = long.chars();
    (2..=4).contains(&short.len())
        && long.len() >= 6
        && short.chars().next() == long.chars().next()
        && !long.starts_with(short)
        && short.chars().all(|c| c.is_ascii_lowercase() && rest.any(|other| other == c))
}

/// Numbers that make a time of day.
const CLOCK: usize = 3;

/// The telling words of a file or folder name.
fn stem(name: &str) -> Vec<String> {
    let lower = without_dates(&without_day_of_iis(&without_level(without_command(name)).to_lowercase()));
    let words = lower.split(['.', '_', '-', ' ', '(', ')', '+']).filter(|w| !w.is_empty());
    // In front a number is the file's place in a list, not a machine's.
    let is_digits = |w: &&str| w.bytes().all(|b| b.is_ascii_digit());
    let in_front = words.clone().take_while(is_digits).count();
    // Behind the hours of a bucket stands the shard: `13_00_00_13_59_59_S0.json`.
    let is_shard = |w: &&str| in_front >= CLOCK && w.len() <= 3 && w.starts_with('s') && is_digits(&&w[1..]);
    let words = words.skip_while(is_digits).filter(|w| !is_shard(w));
    let mut kept: Vec<String> = Vec::new();
    for word in words {
        let is_number = word.bytes().all(|b| b.is_ascii_digit()) && !is_machine_number(word);
        if is_day_of_month(&lower, word) {
            continue;
        }
        let is_code =
            word.len() >= 4 && word.bytes().filter(u8::is_ascii_digit).count() * 2 >= word.len() && !is_numbered_machine(word);
        // Joined to the word before it, it is a part of the name.
        let is_of_name = || {
            word == "service" && kept.last().is_some_and(|last| is_joined(&lower, last, word)) || names_what_works(&lower, word)
        };
        if !is_number && !is_code && (!GENERIC.contains(&word) || is_of_name()) {
            kept.push(word.to_string());
        }
    }
    // A host keeps its number.
    match kept.first() {
        Some(first) if is_host_like(first) => host_in(&lower, first).map(|h| vec![h]).unwrap_or(kept),
        _ => kept,
    }
}

/// `core-2_show_logging.txt`: what somebody asked a device for stands behind its name.
fn without_command(name: &str) -> &str {
    static ASKED: LazyLock<Expression> = LazyLock::new(|| {
        constant(
            r"(?i)[ _.-](?:(?:sh|show|display)[ _.-](?:log|logg|logging|logbuffer|tech|tech[ _-]support|run|running[ _-]config|int|interfaces?|version|events?))\b",
        )
    });
    ASKED.find(name).map_or(name, |found| &name[..found.start()])
}

/// `5 June`, `june-05`: a month beside a number is a day.
fn is_day_of_month(lower: &str, word: &str) -> bool {
    const MONTHS: [&str; 23] = [
        "jan",
        "january",
        "feb",
        "february",
        "mar",
        "march",
        "apr",
        "april",
        "may",
        "jun",
        "june",
        "jul",
        "july",
        "aug",
        "august",
        "sep",
        "september",
        "oct",
        "october",
        "nov",
        "november",
        "dec",
        "december",
    ];
    let words: Vec<&str> = lower.split(['.', '_', '-', ' ']).collect();
    let is_day = |word: Option<&&str>| word.is_some_and(|w| (1..=2).contains(&w.len()) && w.bytes().all(|b| b.is_ascii_digit()));
    let stands = |(at, _): (usize, &&str)| is_day(at.checked_sub(1).and_then(|at| words.get(at))) || is_day(words.get(at + 1));
    MONTHS.contains(&word) && words.iter().enumerate().filter(|(_, w)| **w == word).any(stands)
}

/// `results-worker.log`: what somebody asked for, anywhere else; in front of what works on it, its name.
fn names_what_works(lower: &str, word: &str) -> bool {
    const THINGS: [&str; 6] = ["results", "messages", "message", "export", "data", "file"];
    const WORKS: [&str; 8] = ["-worker", "-workers", "-consumer", "-processor", "-importer", "-indexer", "-svc", "-api"];
    THINGS.contains(&word) && WORKS.iter().any(|kind| lower.starts_with(&[word, kind].concat()))
}

fn is_joined(lower: &str, first: &str, second: &str) -> bool {
    ["-", "_"].iter().any(|mark| lower.contains(&[first, mark, second].concat()))
}

/// `cart.INFO`, `cart.host.root.log.ERROR.20250101-101010.77`: so glog names the logs of a program by their level.
fn without_level(name: &str) -> String {
    const LEVELS: [&str; 4] = ["INFO", "WARNING", "ERROR", "FATAL"];
    let parts: Vec<&str> = name.split('.').collect();
    match parts.iter().skip(1).position(|part| LEVELS.contains(part)) {
        Some(at) => [&parts[..=at], &parts[at + 2..]].concat().join("."),
        None => name.to_string(),
    }
}

/// The host's whole name, from its first word on.
fn host_in(lower: &str, first: &str) -> Option<String> {
    let at = lower.find(first)?;
    lower[at..].split(['.', ' ']).next().map(|h| h.replace('_', "-"))
}

/// `dc01`, `fs12`: two letters and two digits, as houses call their servers.
fn is_numbered_machine(word: &str) -> bool {
    let bytes = word.as_bytes();
    bytes.len() == 4 && bytes[..2].iter().all(u8::is_ascii_alphabetic) && bytes[2..].iter().all(u8::is_ascii_digit)
}

/// `03`: the number of a machine, unlike that of a rotated file or a date.
fn is_machine_number(word: &str) -> bool {
    word.len() == 2 && word.starts_with('0')
}

/// `2025-09-18` of a rotated file, `20250918`.
fn without_dates(lower: &str) -> String {
    let words: Vec<&str> = lower.split(['.', '_', '-', ' ']).collect();
    let is_year = |w: &str| w.len() == 4 && (w.starts_with("19") || w.starts_with("20")) && w.bytes().all(|b| b.is_ascii_digit());
    let Some(at) = words.iter().position(|w| is_year(w)) else { return lower.to_string() };
    let is_part = |w: &&&str| w.len() == 2 && w.bytes().all(|b| b.is_ascii_digit());
    let parts = words[at + 1..].iter().take(2).take_while(|w| is_part(w)).count();
    [&words[..at], &words[at + 1 + parts..]].concat().join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_called_by_their_telling_words_or_their_folder() {
        let name = |path: &str| from_file_name(path).unwrap();
        assert_eq!(name("network/core-sw2_show_logging.txt"), "core-sw2");
        assert_eq!(name("invoice_worker.log"), "invoice-worker");
        assert_eq!(name("orders-api/current.log.gz"), "orders-api");
        assert_eq!(from_file_name("edge/2026/03/17/13_00_00_13_59_59_S0.json.gz"), None);
        assert_eq!(name("s3/current.log"), "s3");
        assert_eq!(name("web-nginx/error.log"), "web-nginx");
        assert_eq!(name("DC02/System.csv"), "dc02");
        assert_eq!(name("log-agent-x7kq2_node-3.log"), "log-agent");
        assert_eq!(name("connect-worker/connect.log.gz"), "connect-worker");
        assert_eq!(name("db-prim-01/postgresql-2025-09-18.log"), "db-prim-01");
        assert_eq!(name("db-prim-01/08-messages"), "db-prim-01");
        assert_eq!(name("03-invoice_worker.log"), "invoice-worker");
        assert_eq!(name("redis-node-4.log"), "redis");
        assert_eq!(name("coredns-all.log.gz"), "coredns");
        assert_eq!(name("payments-svc.slog.gz"), "payments-svc");
        assert_eq!(name("basket-db-slow.log"), "basket-db");
        assert_eq!(name("basket-hub.excerpt.log"), "basket-hub");
        assert_eq!(name("pg-basket/postgresql-Tue.log"), "pg-basket");
        assert_eq!(name("ceph-mon.log"), "ceph-mon");
        assert_eq!(name("basket_u_ex250630.log"), "basket");
        assert_eq!(name("basket-service/app.log"), "basket-service");
        assert_eq!(name("basket_service.log"), "basket-service");
        assert_eq!(name("basket.service.log"), "basket");
        assert_eq!(name("service-basket.log"), "basket");
        assert_eq!(name("basket-core/gc.log"), "basket-core");
        assert_eq!(name("basket-core/core.log"), "basket-core");
        assert_eq!(name("eu-basket/basket.log"), "basket");
        assert_eq!(name("basket-core/hub.log"), "hub");
        assert_eq!(name("basket-web/u_ex250630.log"), "basket-web");
        assert_eq!(name("basket-hub.INFO"), "basket-hub");
        assert_eq!(name("user-info.log"), "user-info");
        assert_eq!(name("esx-04/vmkernel.log"), "esx-04");
        assert_eq!(name("oracle/alert_ORDERS.log"), "orders");
        assert_eq!(name("trace/ORDERS_lgwr_4412.trc"), "orders");
        assert_eq!(name("export/aws-lambda-basket/000000.gz"), "basket");
        assert_eq!(name("export/aws-lambda-basket/2025-03-01-[$LATEST]0a1b/000000.gz"), "basket");
        assert_eq!(name("logs/dag_id=nightly_orders/run_id=scheduled__2025-01-01/task_id=load/attempt=2.log"), "nightly-orders");
        assert_eq!(name("mailroom/mr-1.log"), "mailroom");
        assert_eq!(name("mailroom/mr-data-2_server.log"), "mailroom");
        assert_eq!(name("mailroom/queue-1.log"), "queue");
        assert_eq!(name("label-api/rack-04.log"), "label-api");
        assert_eq!(name("frankfurt/rack-04.log"), "rack-04");
        assert_eq!(name("sw-attic putty 7 March.txt"), "sw-attic");
        assert_eq!(name("basket-01/journalctl.txt"), "basket-01");
        assert_eq!(name("basket_screenlog.0"), "basket");
        assert_eq!(name("march-api.log"), "march-api");
    }

    #[test]
    fn what_runs_a_program_and_what_is_no_log_name_no_service() {
        let name = |path: &str| from_file_name(path);
        assert_eq!(name("basket-core/gunicorn.log").as_deref(), Some("basket-core"));
        assert_eq!(name("results-worker.celery.log").as_deref(), Some("results-worker"));
        assert_eq!(name("basket-celery.log").as_deref(), Some("basket-celery"));
        assert_eq!(name("basket-results.json").as_deref(), Some("basket"));
        assert_eq!(name("basket-core/laravel-2025-03-01.log").as_deref(), Some("basket-core"));
        assert_eq!(name("basket-svc-gunicorn.log").as_deref(), Some("basket-svc"));
        assert_eq!(name("basket-php-fpm.log").as_deref(), Some("basket-php"));
        assert_eq!(name("basket-db-postgresql.log").as_deref(), Some("basket-db"));
        assert_eq!(name("web-nginx.log").as_deref(), Some("web-nginx"), "what stands before it is no store");
        assert_eq!(name("basket-celery.log").as_deref(), Some("basket-celery"), "a worker");
        assert_eq!(name("basket-7d9f8c6b5-qx2lm_istio-proxy.log").as_deref(), Some("basket"));
        assert_eq!(name("basket-istio-proxy.log").as_deref(), Some("basket"));
        assert_eq!(name("slack-bridge.log").as_deref(), Some("slack-bridge"));
        assert_eq!(name("kubectl-logs-basket-api.json.gz").as_deref(), Some("basket-api"));
        assert_eq!(name("basket.clef.gz").as_deref(), Some("basket"));
        assert_eq!(name("alertmanager.log").as_deref(), Some("alertmanager"));
        assert_eq!(name("disk-usage.log").as_deref(), Some("disk-usage"));
        assert_eq!(name("zabbix-server.log").as_deref(), Some("zabbix"));
        assert_eq!(name("basket-migrate.log").as_deref(), Some("basket-migrate"));
        for none in [
            "gunicorn.log",
            "thread.mbox",
            "page.eml",
            "pagerduty-incidents.json",
            "sentry-event.json",
            "amtool-alert.txt",
            "ansible-play.log",
            "jenkins/basket-deploy #12 consoleText",
            "slack-copy.txt",
            "opsgenie-alerts.csv",
            "var-usage.txt",
            "s_client.txt",
            "df.txt",
            "pg_stat_activity.txt",
            "processlist-1310.txt",
            "icinga-notifications.csv",
            "glpi_tickets.csv",
            "deploy-20_migrate.log",
            "describe-node-web-3.txt",
            "get-pods-wide.txt",
        ] {
            assert_eq!(name(none), None, "{none}");
        }
    }
}
