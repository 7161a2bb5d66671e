//! Stack traces: what was thrown, through which frames, and whether two of them are the same failure.
//!
//! Reads the trace that stands in one record (or message) of Go, Java and Kotlin, Python, Rust, Node, .NET, Ruby, PHP or
//! Elixir. It must never know files, times or services. It is misled by traces cut by a log limit (the root cause may be
//! missing: the last complete exception then counts) and by two traces in one record (the first language found counts).

mod frames;
mod languages;

pub use languages::read;

/// The runtime that wrote a trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Language {
    Go,
    /// And Kotlin, Scala: whatever runs on the JVM.
    Java,
    Python,
    Rust,
    Node,
    Dotnet,
    Ruby,
    Php,
    Elixir,
}

impl Language {
    pub fn name(self) -> &'static str {
        ["Go", "Java", "Python", "Rust", "Node.js", ".NET", "Ruby", "PHP", "Elixir"][self as usize]
    }
}

/// One failure as its runtime wrote it down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trace {
    pub language: Language,
    /// The root exception's type (`java.net.SocketTimeoutException`), or the kind of panic (`panic`, `fatal error`).
    pub exception: String,
    /// What the root exception says; empty where it says nothing.
    pub message: String,
    /// Of the root exception, innermost first; at most [`MAX_FRAMES`].
    pub frames: Vec<Frame>,
    /// The types of the exceptions around the root, outermost first; the root is not among them.
    pub causes: Vec<String>,
}

/// One call of a trace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// The function or method alone: `Process`, `getOrder`.
    pub function: String,
    /// Package, class or module, empty where unknown: `github.com/shop/pay.(*Service)`, `com.shop.Cart`.
    pub module: String,
    /// As the trace writes it, empty where unknown.
    pub file: String,
    pub line: Option<u32>,
    /// False for the runtime, the standard library and known third-party code.
    pub in_app: bool,
}

/// Frames that are kept of one trace; a recursion writes thousands.
pub const MAX_FRAMES: usize = 64;
/// In-app frames that make a fingerprint.
const FINGERPRINT_FRAMES: usize = 5;

impl Trace {
    /// The innermost frame in the application's own code.
    pub fn top_in_app(&self) -> Option<&Frame> {
        self.frames.iter().find(|f| f.in_app)
    }
}

/// 16 hexadecimal digits, the same for every occurrence of one failure: from the language, the root exception and up to
/// five innermost in-app frames (all frames where none is in-app), without lines, addresses, type arguments, counters of
/// closures and repeated frames. Traces without frames are told apart by the message, numbers left out.
pub fn fingerprint(trace: &Trace) -> String {
    let any_in_app = trace.frames.iter().any(|f| f.in_app);
    let mut names: Vec<String> = trace
        .frames
        .iter()
        .filter(|f| f.in_app || !any_in_app)
        .map(|f| format!("{}.{}", frames::stable(&f.module), frames::stable(&f.function)))
        .collect();
    names.dedup();
    names.truncate(FINGERPRINT_FRAMES);
    if names.is_empty() {
        names.push(frames::without_numbers(&trace.message));
    }
    let mut hash = Fnv(0xcbf2_9ce4_8422_2325);
    hash.add(trace.language.name());
    hash.add(&trace.exception);
    names.iter().for_each(|name| hash.add(name));
    format!("{:016x}", hash.0)
}

/// FNV-1a, 64 bits: a fingerprint is written into reports, so it may not change with the version of a hash crate.
struct Fnv(u64);

impl Fnv {
    fn add(&mut self, text: &str) {
        for byte in text.bytes().chain([0]) {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}

#[cfg(test)]
mod tests;
