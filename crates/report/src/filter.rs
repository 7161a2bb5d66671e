//! The small language of a derivation's `filter`: which records or events a number was computed from.
//!
//! It exists so that a number can be recomputed from the input without the analysis that found it. A filter is a row
//! of terms, separated by blanks, that must all hold; a leading `!` turns one around:
//!
//! ```text
//! any                         everything
//! level>=error                also <, <=, >, =
//! status>=500                 also <, <=, >, =;  plain `status`: has one, is a request
//! service=cart                exact
//! path=/checkout  path=/api/* exact, or a glob
//! user  trace  instance       has one
//! text~"timed out after *"    a glob over the whole message, continuation lines included, case-sensitive
//! field.KEY="v"               a further field of the record, a glob
//! of=user|trace|instance|author|duration_ms    what `distinct` counts, or `max` and `min` compare
//! metric="name" label.KEY="v" points           points of a metric series
//! event=alert|message|page|deploy|commit|flag|kube|status|span|series    author="name"   firing
//! ```
//!
//! Ratios and rates have two filters, `NUM / DEN`: the numerator is what matches both. A glob knows `*` (anything) and
//! `\*` (a star); in quotes stand `\"`, `\\`, `\n`, `\r` and `\t`. This module must never know what a number means or
//! how a format names its fields; a filter over a service that the record itself does not name matches nothing.

use evidence::{Body, Event, Level, Record};

mod event;
mod glob;
mod parse;
mod write;

use event::{author_of, service_of, text_of};
pub use glob::Glob;

/// Terms that must all hold. Without terms it matches everything, as `any` does.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filter {
    terms: Vec<Term>,
    of: Option<Of>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Term {
    negated: bool,
    test: Test,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Test {
    Level(Compare, Level),
    Status(Compare, u16),
    Has(Has),
    Service(String),
    Path(Glob),
    Text(Glob),
    Field(String, Glob),
    Metric(String),
    Label(String, String),
    Points,
    Event(EventKind),
    Author(String),
    Firing,
}

/// What a record must have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Has {
    Status,
    User,
    Trace,
    Instance,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compare {
    Less,
    AtMost,
    Equal,
    AtLeast,
    More,
}

/// Which value `distinct` counts and `max` and `min` compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Of {
    User,
    Trace,
    Instance,
    Author,
    DurationMs,
}

/// The kinds of events that a filter can name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventKind {
    Alert,
    Message,
    Page,
    Deploy,
    Commit,
    Flag,
    Kube,
    Status,
    Span,
    Series,
}

impl Filter {
    /// Matches everything.
    pub fn any() -> Filter {
        Filter::default()
    }

    /// Records that tell about a request.
    pub fn requests() -> Filter {
        Filter::any().having(Has::Status)
    }

    /// Requests that the server failed: `status>=500`.
    pub fn failed_requests() -> Filter {
        Filter::any().status(Compare::AtLeast, 500)
    }

    /// Records at error or worse.
    pub fn errors() -> Filter {
        Filter::any().level(Compare::AtLeast, Level::Error)
    }

    /// Events of one kind.
    pub fn events(kind: EventKind) -> Filter {
        Filter::any().and(Test::Event(kind))
    }

    /// Points of the series of a metric.
    pub fn metric(name: &str) -> Filter {
        Filter::any().and(Test::Metric(name.to_string()))
    }

    /// Records of a message pattern, its variables written `<*>`; what follows the pattern (a stack trace) may be anything.
    pub fn template(template: &str) -> Filter {
        Filter::any().glob(Glob::from_template(template))
    }

    pub fn level(self, compare: Compare, level: Level) -> Filter {
        self.and(Test::Level(compare, level))
    }

    pub fn status(self, compare: Compare, status: u16) -> Filter {
        self.and(Test::Status(compare, status))
    }

    pub fn service(self, name: &str) -> Filter {
        self.and(Test::Service(name.to_string()))
    }

    /// `glob` is a path, or one with stars.
    pub fn path(self, glob: &str) -> Filter {
        self.and(Test::Path(Glob::new(glob)))
    }

    /// Requests outside of a path, such as health checks.
    pub fn not_path(mut self, glob: &str) -> Filter {
        self.terms.push(Term { negated: true, test: Test::Path(Glob::new(glob)) });
        self
    }

    /// `glob` covers the whole message.
    pub fn text(self, glob: &str) -> Filter {
        self.glob(Glob::new(glob))
    }

    /// The message has `literal` somewhere, stars in it meant as they are.
    pub fn containing(self, literal: &str) -> Filter {
        self.glob(Glob { pieces: vec![String::new(), literal.to_string(), String::new()] })
    }

    pub fn field(self, name: &str, glob: &str) -> Filter {
        self.and(Test::Field(name.to_string(), Glob::new(glob)))
    }

    pub fn with_user(self) -> Filter {
        self.having(Has::User)
    }

    pub fn with_status(self) -> Filter {
        self.having(Has::Status)
    }

    pub fn with_trace(self) -> Filter {
        self.having(Has::Trace)
    }

    pub fn with_instance(self) -> Filter {
        self.having(Has::Instance)
    }

    pub fn label(self, key: &str, value: &str) -> Filter {
        self.and(Test::Label(key.to_string(), value.to_string()))
    }

    pub fn points(self) -> Filter {
        self.and(Test::Points)
    }

    pub fn author(self, name: &str) -> Filter {
        self.and(Test::Author(name.to_string()))
    }

    /// Alerts that begin, not those that end.
    pub fn firing(self) -> Filter {
        self.and(Test::Firing)
    }

    /// Says which value is counted or compared.
    pub fn of(mut self, of: Of) -> Filter {
        self.of = Some(of);
        self
    }

    /// The text of the two filters of a ratio or a rate: `NUM / DEN`.
    pub fn over(&self, denominator: &Filter) -> String {
        format!("{self} / {denominator}")
    }

    /// Reads one filter. The error says which term is not understood and what would be.
    pub fn parse(text: &str) -> Result<Filter, String> {
        parse::filter(text)
    }

    /// Reads `NUM / DEN`.
    pub fn parse_ratio(text: &str) -> Result<(Filter, Filter), String> {
        parse::ratio(text)
    }

    pub fn counted(&self) -> Option<Of> {
        self.of
    }

    /// Is this about points of metric series?
    pub fn wants_points(&self) -> bool {
        self.terms.iter().any(|t| !t.negated && matches!(t.test, Test::Metric(_) | Test::Label(..) | Test::Points))
    }

    /// Is this about events of documents, points included?
    pub fn wants_events(&self) -> bool {
        self.wants_points()
            || self.terms.iter().any(|t| !t.negated && matches!(t.test, Test::Event(_) | Test::Author(_) | Test::Firing))
    }

    /// Do all terms hold over a log record? Terms about events and series never do.
    pub fn matches_record(&self, record: &Record<'_>) -> bool {
        self.terms.iter().all(|t| t.test.holds_record(record) != t.negated)
    }

    /// Do all terms hold over an event? Terms about levels, requests and fields of records never do; the points of a
    /// series that matches are all meant.
    pub fn matches_event(&self, event: &Event) -> bool {
        self.terms.iter().all(|t| t.test.holds_event(event) != t.negated)
    }

    /// What `distinct` counts of a record.
    pub fn key_of<'r>(&self, record: &'r Record<'_>) -> Option<&'r str> {
        match self.of? {
            Of::User => record.user.as_deref(),
            Of::Trace => record.trace.as_deref(),
            Of::Instance => record.instance.as_deref(),
            Of::Author | Of::DurationMs => None,
        }
    }

    /// What `distinct` counts of an event.
    pub fn key_of_event<'e>(&self, event: &'e Event) -> Option<&'e str> {
        match (self.of?, &event.body) {
            (Of::Author, _) => author_of(event),
            (Of::Trace, Body::Span(span)) => Some(&span.trace),
            (Of::Instance, Body::Kube(object)) => Some(&object.name),
            _ => None,
        }
    }

    /// What `max` and `min` compare of a record.
    pub fn number_of(&self, record: &Record<'_>) -> Option<f64> {
        match self.of? {
            Of::DurationMs => record.http.as_ref()?.duration_ms,
            _ => None,
        }
    }

    fn and(mut self, test: Test) -> Filter {
        self.terms.push(Term { negated: false, test });
        self
    }

    fn having(self, has: Has) -> Filter {
        self.and(Test::Has(has))
    }

    fn glob(self, glob: Glob) -> Filter {
        self.and(Test::Text(glob))
    }
}

impl Test {
    fn holds_record(&self, record: &Record<'_>) -> bool {
        let http = record.http.as_ref();
        match self {
            Test::Level(compare, level) => record.level.is_some_and(|l| compare.holds(&l, level)),
            Test::Status(compare, status) => http.and_then(|h| h.status).is_some_and(|s| compare.holds(&s, status)),
            Test::Has(Has::Status) => http.is_some_and(|h| h.status.is_some()),
            Test::Has(Has::User) => record.user.is_some(),
            Test::Has(Has::Trace) => record.trace.is_some(),
            Test::Has(Has::Instance) => record.instance.is_some(),
            Test::Service(name) => record.service.as_deref() == Some(name),
            Test::Path(glob) => http.and_then(|h| h.path.as_deref()).is_some_and(|p| glob.matches(p)),
            Test::Text(glob) => glob.matches(&record.message),
            Test::Field(name, glob) => record.field(name).is_some_and(|v| glob.matches(v)),
            Test::Metric(_) | Test::Label(..) | Test::Points | Test::Event(_) | Test::Author(_) | Test::Firing => false,
        }
    }

    fn holds_event(&self, event: &Event) -> bool {
        match (self, &event.body) {
            (Test::Event(kind), body) => kind.is_of(body),
            (Test::Author(name), _) => author_of(event) == Some(name),
            (Test::Firing, Body::Alert(alert)) => alert.firing,
            (Test::Points, Body::Series(_)) => true,
            (Test::Metric(name), Body::Series(series)) => series.metric == *name,
            (Test::Label(key, value), Body::Series(series)) => series.labels.iter().any(|(k, v)| k == key && v == value),
            (Test::Service(name), _) => service_of(event) == Some(name),
            (Test::Text(glob), _) => glob.matches(&text_of(event)),
            _ => false,
        }
    }
}

impl Compare {
    fn holds<T: PartialOrd>(self, have: &T, want: &T) -> bool {
        match self {
            Compare::Less => have < want,
            Compare::AtMost => have <= want,
            Compare::Equal => have == want,
            Compare::AtLeast => have >= want,
            Compare::More => have > want,
        }
    }

    fn sign(self) -> &'static str {
        match self {
            Compare::Less => "<",
            Compare::AtMost => "<=",
            Compare::Equal => "=",
            Compare::AtLeast => ">=",
            Compare::More => ">",
        }
    }
}

impl Of {
    const WORDS: [(&'static str, Of); 5] = [
        ("user", Of::User),
        ("trace", Of::Trace),
        ("instance", Of::Instance),
        ("author", Of::Author),
        ("duration_ms", Of::DurationMs),
    ];
}

#[cfg(test)]
mod tests;
