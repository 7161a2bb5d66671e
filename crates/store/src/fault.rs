//! Places at which a machine may die, so that a test can die at each of them.
//!
//! In a release build there is no counting and no dying. Must never know what is done at a place.

/// Counts the places passed since the store was opened; aborts the process at the n-th when that was asked for.
#[derive(Debug, Default)]
pub struct Faults {
    #[cfg(debug_assertions)]
    abort_at: Option<u64>,
    #[cfg(debug_assertions)]
    passed: std::sync::atomic::AtomicU64,
}

impl Faults {
    #[cfg(debug_assertions)]
    pub fn new(abort_at: Option<u64>) -> Self {
        Self { abort_at, ..Self::default() }
    }

    #[cfg(not(debug_assertions))]
    pub fn new(_: Option<u64>) -> Self {
        Self::default()
    }

    /// How many places were passed; 0 in a release build.
    pub fn passed(&self) -> u64 {
        #[cfg(debug_assertions)]
        return self.passed.load(std::sync::atomic::Ordering::SeqCst);
        #[cfg(not(debug_assertions))]
        0
    }

    /// `_name` says which place it is, to whoever reads the code or a core dump.
    pub fn fault(&self, _name: &'static str) {
        #[cfg(debug_assertions)]
        {
            let number = self.passed.fetch_add(1, std::sync::atomic::Ordering::SeqCst) + 1;
            if self.abort_at == Some(number) {
                std::process::abort();
            }
        }
    }
}
