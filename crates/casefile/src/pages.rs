//! Large pages of memory for large inputs: counting touches memory in no order, and on a virtual machine every page that the
//! processor has to look up costs a walk through two tables.
//!
//! Where the kernel gives large pages to those who ask (`madvise`), the C library asks for them, but only if that was said before
//! the program started (glibc, `glibc.malloc.hugetlb`). So the program starts itself again with it, before it has read or said
//! anything. Must never change what is read or written. What breaks it: nothing; where it may not start again, it goes on as it is.

use std::env;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};

/// What the C library reads at its start.
const TUNABLES: &str = "GLIBC_TUNABLES";
/// Of it, the part that is about large pages.
const HUGETLB: &str = "glibc.malloc.hugetlb";
/// Bytes of input from which on it is worth another start, which takes some milliseconds.
const WORTH: u64 = 32 << 20;
/// Files and folders that are looked at; a folder of very many small files is no large input yet.
const MOST_LOOKED_AT: usize = 256;

/// Starts again with large pages where these inputs are worth it; returns where they are not, or nobody gives any.
pub fn ask(inputs: &[PathBuf]) {
    let given = env::var_os(TUNABLES);
    let kernel = fs::read_to_string("/sys/kernel/mm/transparent_hugepage/enabled").unwrap_or_default();
    let Some(tunables) = tunables(&kernel, given.as_deref()) else { return };
    if cfg!(all(target_os = "linux", target_env = "gnu")) && are_large(inputs) {
        start_again(&tunables);
    }
}

/// What the C library is to be told; nothing where the kernel gives large pages to all or to none, or where the user decided.
fn tunables(kernel: &str, given: Option<&OsStr>) -> Option<OsString> {
    if !kernel.contains("[madvise]") {
        return None;
    }
    let ask = format!("{HUGETLB}=1");
    match given.filter(|given| !given.is_empty()) {
        None => Some(ask.into()),
        Some(given) if given.to_string_lossy().contains(HUGETLB) => None,
        Some(given) => Some([given, OsStr::new(&format!(":{ask}"))].into_iter().collect()),
    }
}

/// Whether there is so much to read. What cannot be looked at is told by whoever reads it.
fn are_large(inputs: &[PathBuf]) -> bool {
    let (mut waiting, mut bytes): (Vec<PathBuf>, u64) = (inputs.to_vec(), 0);
    for _ in 0..MOST_LOOKED_AT {
        let Some(path) = waiting.pop() else { break };
        match fs::metadata(&path) {
            Ok(found) if found.is_file() => bytes += found.len(),
            Ok(found) if found.is_dir() => waiting.extend(within(&path)),
            _ => {}
        }
        if bytes >= WORTH {
            return true;
        }
    }
    false
}

/// What stands in a folder, links left out: they may lead round in a circle.
fn within(folder: &Path) -> impl Iterator<Item = PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.filter(|entry| entry.file_type().is_ok_and(|kind| !kind.is_symlink())).map(|entry| entry.path()).take(MOST_LOOKED_AT)
}

#[cfg(unix)]
fn start_again(tunables: &OsStr) {
    use std::os::unix::process::CommandExt;
    use std::process::Command;

    let mut arguments = env::args_os();
    let (Ok(program), Some(called)) = (env::current_exe(), arguments.next()) else { return };
    // Comes back only where it failed.
    let _ = Command::new(program).arg0(called).args(arguments).env(TUNABLES, tunables).exec();
}

#[cfg(not(unix))]
fn start_again(_: &OsStr) {}

#[cfg(test)]
mod tests {
    use super::*;

    const ASKS: &str = "always [madvise] never";

    #[test]
    fn it_is_asked_once_and_only_where_the_kernel_waits_to_be_asked() {
        assert_eq!(tunables(ASKS, None), Some("glibc.malloc.hugetlb=1".into()));
        for kernel in ["[always] madvise never", "always madvise [never]", ""] {
            assert_eq!(tunables(kernel, None), None, "{kernel}");
        }
        let told = tunables(ASKS, None);
        assert_eq!(tunables(ASKS, told.as_deref()), None, "the second start is the last");
    }

    #[test]
    fn what_the_user_told_the_c_library_stays() {
        assert_eq!(tunables(ASKS, Some("glibc.malloc.hugetlb=0".as_ref())), None);
        let beside = tunables(ASKS, Some("glibc.malloc.check=3".as_ref()));
        assert_eq!(beside, Some("glibc.malloc.check=3:glibc.malloc.hugetlb=1".into()));
        assert_eq!(tunables(ASKS, Some("".as_ref())), Some("glibc.malloc.hugetlb=1".into()));
    }

    #[test]
    fn files_and_folders_are_large_together() {
        let folder = tempfile::tempdir().unwrap();
        let deep = folder.path().join("a/b");
        fs::create_dir_all(&deep).unwrap();
        let sparse = |path: PathBuf, bytes: u64| fs::File::create(path).and_then(|file| file.set_len(bytes)).unwrap();
        sparse(deep.join("one.log"), WORTH - 1);
        assert!(!are_large(&[folder.path().to_path_buf()]));
        sparse(folder.path().join("two.log"), 1);
        assert!(are_large(&[folder.path().to_path_buf()]));
        assert!(!are_large(&[PathBuf::from("-"), folder.path().join("two.log"), folder.path().join("missing")]));
    }
}
