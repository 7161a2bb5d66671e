//! How far it is over when requests no longer fail: for everybody, or for those who come one way.
//!
//! Must never say of all users what one log shows while another service fails on.

use analysis::findings::{Findings, Lasting, Places, TimeBasis};
use evidence::Moment;

use super::words;

/// Services told by name.
const TOLD: usize = 3;

/// `users were served again`, or of whom that is known.
pub fn served(findings: &Findings) -> String {
    let service = findings.times.mitigated.as_ref().and_then(|end| match &end.by {
        TimeBasis::LastFailure { service, .. } => service.as_deref(),
        _ => None,
    });
    match service {
        _ if findings.lasting.is_empty() => "users were served again".to_string(),
        Some(service) => format!("requests at {service} were served again"),
        None => "most requests were served again".to_string(),
    }
}

/// `mailing kept failing until 19:37:49 UTC`, and where that stands; of those that fail on after a moment.
pub fn failed_on(findings: &Findings, after: Moment) -> Option<(String, Places)> {
    let all: Vec<&Lasting> = findings.lasting.iter().filter(|l| l.last > after).take(TOLD).collect();
    let told: Vec<String> = all.iter().map(|l| of(l)).collect();
    let places = all.iter().map(|l| l.places.clone()).reduce(|a, b| a.and(&b))?;
    Some((words::list(&told), places))
}

pub fn of(lasting: &Lasting) -> String {
    let at = words::clock(lasting.last);
    match lasting.to_the_end {
        true => format!("{} was still failing in its last records, of {at}", lasting.service),
        false => format!("{} kept failing until {at}", lasting.service),
    }
}
