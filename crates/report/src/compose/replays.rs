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
            let rule = format!(
                "On the requests of {source} (status 500 or more among all, in windows of {} with at least {} requests) an alert at {}",
                words::duration(*seconds as f64),
                words::count(analysis::LEAST_REQUESTS as f64),
                words::percent(*share)
            );
            let before = match earlier {
                0 => "Before the incident it would have been silent.".to_string(),
                1 => "Before the incident it would have fired once.".to_string(),
                n => format!("Before the incident it would have fired {} times.", words::count(*n as f64)),
            };
            let (Some(at), Some(lag)) = (fired, after_start) else {
                return format!("{rule} would not have fired: the highest share was {}. {before}", words::percent(*most));
            };
            let gain = match before_detected {
                Some(gain) if *gain >= 1.0 => format!(", {} before anybody noticed", words::duration(*gain)),
                Some(gain) if *gain <= -1.0 => format!(", {} later than it was noticed", words::duration(*gain)),
                _ => String::new(),
            };
            format!(
                "{rule} would have fired at {}, {} after the incident began{gain}; {} of {} failed requests came after that, the most \
                 that acting on it at once could have spared. {before}",
                words::clock(*at),
                words::duration(*lag),
                words::count(*after as f64),
                words::count(*failed as f64),
            )
        }
        Replayed::Canary { share, failed, most } => format!(
            "Had the change reached only {} of the requests of {source}, about {} of the {} requests that failed would have failed.",
            words::percent(*share),
            words::count(*most as f64),
            words::count(*failed as f64),
        ),
    }
}
