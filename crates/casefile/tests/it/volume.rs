//! Logs in which many kinds of error are usual: new ones that double them are an incident, the usual ones are none.

use std::fmt::Write;

use report::model::Status;

use crate::cases::{self, Files};

/// Two hours of ten services that say twelve kinds of error each, all the time; from the second hour on, if so, one
/// service says a new one as often as all others together.
fn log(is_new: bool) -> Files {
    const WORDS: [&str; 12] =
        ["alpha", "beta", "gamma", "delta", "zeta", "theta", "kappa", "lambda", "sigma", "omega", "tau", "rho"];
    let mut text = String::new();
    for second in 0..7_200_usize {
        let clock = format!("{:02}:{:02}:{:02}", 9 + second / 3_600, second / 60 % 60, second % 60);
        // Neighbouring numbers must not bring the same kinds at the same time.
        for n in 0..4 {
            let mixed = (second * 4 + n).wrapping_mul(0x9e37_79b9) >> 7;
            let (service, word) = (mixed % 10, WORDS[mixed / 10 % 12]);
            let _ = writeln!(text, "2024-02-07T{clock}Z ERROR [svc-{service}] the {word} of record {mixed} is odd");
        }
        let _ = writeln!(text, "2024-02-07T{clock}Z INFO [svc-1] served {second}");
        for n in 0..if is_new && second >= 3_600 { 5 } else { 0 } {
            let _ = writeln!(text, "2024-02-07T{clock}Z ERROR [svc-3] cannot get a connection from the pool, waiting={n}");
        }
    }
    Files::from([("app.log".to_string(), text.into_bytes())])
}

#[test]
fn new_errors_that_double_the_usual_ones_are_an_incident() {
    assert_eq!(cases::report(&log(false)).incident.status, Status::NoneFound);
    let report = cases::report(&log(true));
    assert_ne!(report.incident.status, Status::NoneFound);
    let started = report.times.all().into_iter().find_map(|(name, time)| time.filter(|_| name == "started")).unwrap();
    assert!(started.at.starts_with("2024-02-07T10:00:0"), "{}", started.at);
}
