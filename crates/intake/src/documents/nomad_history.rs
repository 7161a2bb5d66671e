//! What `nomad job history` prints: each version of a job, when it was submitted and, with `-p`, how it differs.
//!
//! It must never name a job that the output does not: only the differences, and the command above, do. What breaks it: the full
//! definition of each version, which is JSON.

use evidence::{Body, ChangePhase, Deploy, Event};

use super::page::Page;
use super::{Document, when};

/// Lines within which the date of a version stands.
const HEAD: usize = 6;

/// Reads such output; `None` when the text is none.
pub fn read(page: &Page<'_>) -> Option<Document> {
    let first = first(page)?;
    let mut document = Document { format: "nomad_history".into(), ..Document::default() };
    document.texts.extend((0..first).filter_map(|i| page.record(i)));
    let called = (0..first).rev().find_map(|i| called(&page.line(i)));
    let starts: Vec<usize> = (first..page.len()).filter(|i| is_version(page, *i)).collect();
    let ends = starts.iter().skip(1).copied().chain([page.len()]);
    for (&start, end) in starts.iter().zip(ends) {
        let last = page.last_full(start, end);
        let lines: Vec<String> = (start..=last).map(|i| page.line(i).into_owned()).collect();
        let stamp = lines.iter().find_map(|line| value(line, "Submit Date")).and_then(|at| time(&at));
        let changed = lines.iter().filter(|line| line.contains(" => ")).map(|line| line.trim());
        let named = lines.iter().find_map(|line| line.split_once("Job: ").map(|(_, name)| name.trim_matches('"').to_string()));
        let deploy = Deploy {
            service: named.or_else(|| called.clone()),
            version: lines.iter().find_map(|line| image(line)).or_else(|| {
                let number = value(&lines[0], "Version")?;
                Some(format!("version {number} of the job"))
            }),
            sha: None,
            phase: ChangePhase::Finished,
            finished: None,
            rollback: false,
            environment: None,
            actor: None,
            kind: "deploy".into(),
            text: changed.collect::<Vec<_>>().join("\n"),
        };
        document.events.push(Event { place: page.place(start, last), stamp, body: Body::Deploy(deploy) });
    }
    // All versions are of one job.
    let job = document.events.iter().find_map(|e| if let Body::Deploy(d) = &e.body { d.service.clone() } else { None });
    for event in &mut document.events {
        if let Body::Deploy(deploy) = &mut event.body {
            deploy.service = deploy.service.take().or_else(|| job.clone());
        }
    }
    document.records = (document.events.len() + document.texts.len()) as u64;
    Some(document)
}

/// Whether a text begins with a version of a job.
pub fn is_likely(page: &Page<'_>) -> bool {
    first(page).is_some()
}

fn first(page: &Page<'_>) -> Option<usize> {
    (0..page.len().min(4)).find(|i| is_version(page, *i))
}

/// The line of a number, with whether it is stable and when it was submitted below.
fn is_version(page: &Page<'_>, at: usize) -> bool {
    let has = |name: &str| (at..page.len().min(at + HEAD)).any(|i| value(&page.line(i), name).is_some());
    value(&page.line(at), "Version").is_some() && has("Stable") && has("Submit Date")
}

/// `Submit Date = 07/25/17 20:35:43 UTC`.
fn value(line: &str, name: &str) -> Option<String> {
    let rest = line.strip_prefix(name)?.trim_start().strip_prefix('=')?.trim();
    (!rest.is_empty()).then(|| rest.to_string())
}

/// Older versions write the month first.
fn time(text: &str) -> Option<evidence::Stamp> {
    when::read(text).or_else(|| {
        let (date, rest) = text.split_once(' ')?;
        let [month, day, year] = *date.split('/').collect::<Vec<_>>().as_slice() else { return None };
        when::read(&format!("20{year}-{month}-{day} {rest}"))
    })
}

/// The tag of the image that a version brings: `+/- image: "shop/cart:2.4.0" => "shop/cart:2.4.1"`.
fn image(line: &str) -> Option<String> {
    let (front, new) = line.split_once("=>")?;
    let is_image = front.trim_start_matches(['+', '-', '/', ' ']).starts_with("image:");
    let (_, tag) = new.trim().trim_matches('"').rsplit('/').next()?.split_once(':')?;
    is_image.then(|| tag.to_string())
}

/// The job in the command above: `$ nomad job history -p cart`.
fn called(line: &str) -> Option<String> {
    let (_, rest) = line.split_once("nomad job history")?;
    rest.split_whitespace().find(|word| !word.starts_with('-')).map(str::to_string)
}

#[cfg(test)]
mod tests {
    use super::super::{read_whole, sniff};
    use super::*;
    use evidence::SourceId;

    #[test]
    fn each_version_of_a_job_is_a_change() {
        let text = "$ nomad job history -p\nVersion     = 2\nStable      = true\nSubmit Date = 2025-01-01T00:10:05Z\nDiff        =\n+/- Job: \"cart\"\n+/- Task Group: \"api\"\n  +/- Task: \"server\"\n    +/- Config {\n      +/- image: \"shop/cart:2.4.0\" => \"shop/cart:2.4.1\"\n        }\n\nVersion     = 1\nStable      = true\nSubmit Date = 01/01/25 00:00:05 UTC\n";
        assert!(sniff("h.txt", text.as_bytes(), true));
        let document = read_whole("h.txt", SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("a history");
        let told = document.events.iter().map(|e| match &e.body {
            Body::Deploy(d) => (
                d.service.clone().unwrap_or_default(),
                d.version.clone().unwrap_or_default(),
                e.stamp.map(|s| s.micros / 1_000_000 - 1_735_689_600),
                e.place.line,
            ),
            other => panic!("{other:?}"),
        });
        let told: Vec<_> = told.collect();
        assert_eq!(
            told,
            [
                ("cart".to_string(), "2.4.1".to_string(), Some(605), 2),
                ("cart".to_string(), "version 1 of the job".to_string(), Some(5), 13)
            ]
        );
        assert!(!sniff("n.txt", b"Version     = 2\nName = x\n", true));
    }
}
