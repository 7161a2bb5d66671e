//! What a rule would have done on this incident's own requests, in words.
//!
//! Must never promise: what came after an alert is the most that was to be gained, and says so.

use analysis::findings::{Findings, Replay, Replayed};

use super::words;

/// One or more sentences, with the source and the way of counting.
pub fn tell(replay: &Replay, findings: &Findings) -> String {
    let source = findings.sources.iter().find(|s| s.source.id == replay.source);
    let source = source.map_or("the edge", |s| s.source.name.as_str());
    match &replay.replayed {
        Replayed::Alert { share, seconds, fired, after_start, before_detected, earlier, most, after, failed } => {
            let rule =
                format!("An alert at {} of the requests within {}", words::percent(*share), words::duration(*seconds as f64));
            let before = match earlier {
                0 => "Before the incident it would have been silent.".to_string(),
                1 => "Before the incident it would have fired once.".to_string(),
                n => format!("Before the incident it would have fired {} times.", words::count(*n as f64)),
            };
            let how = format!(
                "Replayed on {source}: status 500 or more among all requests, wherever there are at least {} in such a window.",
                words::count(analysis::LEAST_REQUESTS as f64)
            );
            let (Some(at), Some(lag)) = (fired, after_start) else {
                return format!("{rule} would not have fired: the highest share was {}. {before} {how}", words::percent(*most));
            };
            let gain = match before_detected {
                Some(gain) if *gain >= 1.0 => format!(" and {} before anybody noticed", words::duration(*gain)),
                Some(gain) if *gain <= -1.0 => format!(" and {} after it was noticed", words::duration(*gain)),
                _ => String::new(),
            };
            let spared =
                format!("{} of {} failed requests came later", words::count(*after as f64), words::count(*failed as f64));
            format!(
                "{rule} would have fired at {}, {} after the incident began{gain}; {spared}, the most that could have been spared. {before} {how}",
                words::clock(*at),
                words::duration(*lag),
            )
        }
        Replayed::Canary { share, failed, most } => format!(
            "Had the change reached only {} of the requests in {source}, about {} would have failed instead of {}.",
            words::percent(*share),
            words::count(*most as f64),
            words::count(*failed as f64),
        ),
    }
}

/// How the threshold of an alert was come by that this report proposes.
pub fn chosen() -> String {
    format!(
        "The threshold is {} times the highest share of such a window before the incident, at least {} and at most {}; look at it again with more days of requests.",
        words::count(analysis::TIMES_USUAL),
        words::percent(analysis::LEAST_SHARE),
        words::percent(analysis::MOST_SHARE),
    )
}
