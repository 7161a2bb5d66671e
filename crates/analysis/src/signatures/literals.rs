//! One pass over a text rules most signatures out: each cue has literals without which it cannot match.
//!
//! Must never know what a cue means. What breaks it: a cue that has no such literals, which is then always tried.

mod required;

pub use required::required;

/// The literals of the cues of all files, as the build script found them: by the cue, rising.
static EMBEDDED: &[(&str, &[&str])] = include!(concat!(env!("OUT_DIR"), "/literals.rs"));

/// The literals of a cue; parsing nine hundred expressions at every start would take a good part of it.
pub fn of_embedded(cue: &str) -> Option<Vec<String>> {
    match EMBEDDED.binary_search_by_key(&cue, |(cue, _)| cue) {
        Ok(at) => Some(EMBEDDED.get(at)?.1.iter().map(|word| word.to_string()).collect()),
        Err(_) => required(cue),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signatures::Catalogue;

    #[track_caller]
    fn check(cue: &str, expected: Option<&[&str]>) {
        assert_eq!(
            required(cue).as_deref(),
            expected.map(|e| e.iter().map(|s| s.to_string()).collect::<Vec<_>>()).as_deref(),
            "{cue}"
        );
    }

    #[test]
    fn the_longest_literal_that_must_occur_is_taken() {
        check(r"connection refused", Some(&["connection refused"]));
        check(r"\bMOVED \d+", Some(&["moved "]));
        check(r"(a )?very slow (disk|fsync)\b", Some(&["very slow "]));
        check(r"(disk|volume) .{0,40}full", Some(&["full"]));
        check(r"cpu|memory", Some(&["cpu", "memory"]));
    }

    #[test]
    fn what_was_found_when_it_was_built_is_what_is_found() {
        let cues: Vec<&String> = Catalogue::load().all().iter().flat_map(|signature| &signature.cues).collect();
        assert!(cues.len() >= EMBEDDED.len() && EMBEDDED.len() > 100);
        cues.into_iter().for_each(|cue| assert_eq!(of_embedded(cue), required(cue), "{cue}"));
    }

    #[test]
    fn a_cue_of_classes_alone_has_none() {
        check(r"\d+ [a-z]+", None);
        check(r"(abc)?\w+", None);
    }
}
