//! Every case gives the report that is expected of it (`cases/NAME/expected.md`). `cargo xtask bless` rewrites what is
//! expected; read the diff before you commit it.

use std::fs;
use std::path::PathBuf;

use crate::{cases, digest};

#[test]
fn the_report_on_every_case_is_the_expected_one() {
    let mut wrong = String::new();
    for case in cases::names() {
        let page = digest::of(&case, &cases::base(&case));
        wrong += &difference(&cases::folder().join(&case).join("expected.md"), &page);
    }
    let page = digest::of("examples/checkout", &cases::report(&cases::example()));
    wrong += &difference(&cases::root().join("examples/expected.md"), &page);
    assert!(wrong.is_empty(), "not as expected; `cargo xtask bless` accepts it\n{wrong}");
}

#[test]
fn a_difference_shows_the_lines_that_changed() {
    assert_eq!(lines_that_differ("a\nb\nc\n", "a\nx\nc\n"), "-b\n+x\n");
    assert_eq!(lines_that_differ("a\n", "a\nb\n"), "+b\n");
    assert_eq!(lines_that_differ("same\n", "same\n"), "");
}

/// What differs, with the name of the case; nothing when it is as expected or has just been blessed.
fn difference(path: &PathBuf, page: &str) -> String {
    if std::env::var_os("CASEFILE_BLESS").is_some() {
        fs::write(path, page).unwrap();
        return String::new();
    }
    let expected = fs::read_to_string(path).unwrap_or_default();
    let lines = lines_that_differ(&expected, page);
    if lines.is_empty() { lines } else { format!("\n{}\n{lines}", page.lines().next().unwrap_or_default()) }
}

/// Lines only in `old` with `-`, lines only in `new` with `+`, by their longest common subsequence.
fn lines_that_differ(old: &str, new: &str) -> String {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    let mut common = vec![vec![0u32; new.len() + 1]; old.len() + 1];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            common[i][j] = if old[i] == new[j] { common[i + 1][j + 1] + 1 } else { common[i + 1][j].max(common[i][j + 1]) };
        }
    }
    let (mut i, mut j, mut text) = (0, 0, String::new());
    while i < old.len() || j < new.len() {
        if i < old.len() && j < new.len() && old[i] == new[j] {
            (i, j) = (i + 1, j + 1);
        } else if j == new.len() || (i < old.len() && common[i + 1][j] >= common[i][j + 1]) {
            text += &format!("-{}\n", old[i]);
            i += 1;
        } else {
            text += &format!("+{}\n", new[j]);
            j += 1;
        }
    }
    text
}
