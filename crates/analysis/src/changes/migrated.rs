//! When a change of the schema took effect: with the run that names it, which as a rule comes before the release it belongs to.
//!
//! What it sees: records of tools that run migrations ("Migrating to DropOldIndex (20250105093015)") beside the names of the files
//! of a commit. Why it matters: a release that reaches its machines a minute after the database failed did not do it, and the
//! migration that ran before it may have. When it misleads: a migration that ran again elsewhere; the first run within the time
//! of the incident is taken.

use evidence::{Commit, Moment, RecordRef};

use super::{Candidate, LOOK_BACK_S};
use crate::findings::{ChangeKind, Places};
use crate::scene::{At, Scene};
use crate::window::Window;

/// Parts of paths under which migrations stand.
const FOLDERS: [&str; 5] = ["migrat", "alembic", "flyway", "liquibase", "changelog"];
/// Digits that make a number one that no other thing has: a date at least.
const LEAST_DIGITS: usize = 8;
const LEAST_LETTERS: usize = 10;

/// Dates a candidate by the run of its migration, where a log tells of it.
pub fn date(scene: &Scene, window: &Window, candidate: &mut Candidate) {
    let Some(commit) = candidate.commit.map(|n| &scene.commits[n]) else { return };
    if let Some((at, place)) = ran(scene, window, commit).filter(|(at, _)| *at < candidate.at || !candidate.dated) {
        candidate.at = at;
        candidate.dated = true;
        candidate.kind = ChangeKind::Migration;
        candidate.places = Places::one(place).and(&candidate.places);
    }
}

fn ran(scene: &Scene, window: &Window, commit: &At<Commit>) -> Option<(Moment, RecordRef)> {
    let in_time = |at: Moment| at >= commit.at && window.from.since(at) <= LOOK_BACK_S && at <= window.from.plus(60.0);
    let names = commit.what.files.iter().flat_map(|f| names(&f.path));
    names.filter_map(|name| scene.logged(&name)).filter(|(at, _)| in_time(*at)).min()
}

/// What tools call the migration that stands in a file: its number, its name, and the class that Rails makes of it.
fn names(path: &str) -> Vec<String> {
    let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
    if !FOLDERS.iter().any(|known| folder.to_lowercase().contains(known)) {
        return Vec::new();
    }
    let stem = file.split('.').next().unwrap_or(file);
    let digits: String = stem.chars().take_while(char::is_ascii_digit).collect();
    let words = stem[digits.len()..].trim_matches(['_', '-']);
    let capital = |word: &str| word[..1].to_uppercase() + &word[1..];
    let class: String = words.split('_').filter(|w| w.is_ascii() && !w.is_empty()).map(capital).collect();
    let mut names = Vec::new();
    names.extend(Some(digits).filter(|digits| digits.len() >= LEAST_DIGITS));
    names.extend(Some(stem.to_string()).filter(|stem| stem.len() >= LEAST_LETTERS && stem.contains(['_', '-'])));
    names.extend(Some(class).filter(|class| class.len() >= LEAST_LETTERS && words.contains('_')));
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_migration_is_called_by_its_number_its_name_and_its_class() {
        assert_eq!(
            names("db/migrate/20250105093015_drop_old_index.rb"),
            ["20250105093015", "20250105093015_drop_old_index", "DropOldIndex"]
        );
        assert_eq!(names("shop/migrations/0042_drop_old_index.py"), ["0042_drop_old_index", "DropOldIndex"]);
        assert_eq!(names("migrations/V7__x.sql"), Vec::<String>::new());
        assert_eq!(names("src/20250105093015_drop_old_index.rb"), Vec::<String>::new());
    }
}
