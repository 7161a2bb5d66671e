//! One reader per runtime. Each looks at the text line by line, once, and gives up on what is not its own.
//!
//! Lines may carry a log prefix before the head ("2024-.. ERROR panic: ..."); frames may not. What looks like a frame of
//! another language ends nothing: unknown lines are passed over, since loggers mix their own lines in.

use std::sync::LazyLock;

use memchr::memmem::Finder;

use super::frames::in_app;
use super::{Frame, Language, MAX_FRAMES, Trace};

/// Lines of one text that are looked at.
const MAX_LINES: usize = 2_000;
/// Characters of one line that are looked at.
const MAX_LINE: usize = 2_000;
/// Exceptions of one chain that are kept.
const MAX_CHAIN: usize = 16;

/// The stack trace in a text, or `None` where there is none. A text with escaped line ends (`\n` in two characters, as in
/// raw JSON) is read as if they were line ends.
pub fn read(text: &str) -> Option<Trace> {
    let unescaped;
    let text = if !text.contains('\n') && text.contains("\\n") {
        let head = &text[..text.floor_char_boundary(MAX_LINES * 200)];
        // A quote ends the JSON string in which the trace stands; an escaped one is the trace's own.
        let own = head.replace("\\\"", "\u{1}").replace('"', "\n").replace('\u{1}', "\"");
        unescaped = own.replace("\\n", "\n").replace("\\t", "\t");
        unescaped.as_str()
    } else {
        text
    };
    let mut readers = MARKED.iter().filter(|(marks, _)| marks.iter().any(|mark| mark.find(text.as_bytes()).is_some()));
    let first = readers.next()?;
    let lines: Vec<&str> = text.lines().take(MAX_LINES).map(|l| l[..l.floor_char_boundary(MAX_LINE)].trim_end()).collect();
    [first].into_iter().chain(readers).find_map(|(_, reader)| reader(&lines))
}

type Reader = fn(&[&str]) -> Option<Trace>;

/// In the order in which they are asked, each with what a trace of its own has one of: most texts have none of any.
const READERS: [(&[&str], Reader); 9] = [
    (&["Traceback (most recent call last)"], python),
    (&["panic: ", "fatal error: ", "panic serving ", "goroutine "], go),
    (&["panicked at"], rust),
    (&[":line ", "System.", "Microsoft."], dotnet),
    (&["Fatal error:", "Stack trace:"], php),
    (&["** ("], elixir),
    (&[":in "], ruby),
    (&["at "], java),
    (&["at "], node),
];

/// The same with what looks for their marks.
static MARKED: LazyLock<Vec<(Vec<Finder<'static>>, Reader)>> =
    LazyLock::new(|| READERS.iter().map(|(marks, reader)| (marks.iter().map(Finder::new).collect(), *reader)).collect());

/// An exception of a chain: its type, what it says, its frames.
#[derive(Default)]
struct Link {
    exception: String,
    message: String,
    frames: Vec<Frame>,
}

impl Link {
    fn new((exception, message): (&str, &str)) -> Link {
        Link { exception: exception.to_string(), message: message.trim().to_string(), frames: Vec::new() }
    }

    fn push(&mut self, frame: Frame) {
        if self.frames.len() < MAX_FRAMES {
            self.frames.push(frame);
        }
    }
}

/// A chain, outermost first, as a trace with the last one as its root.
fn chained(language: Language, mut chain: Vec<Link>) -> Option<Trace> {
    let root = chain.pop()?;
    // A root cut before its frames still has those of the exception around it.
    let frames = if root.frames.is_empty() { chain.last().map(|l| l.frames.clone()).unwrap_or_default() } else { root.frames };
    let causes = chain.into_iter().map(|l| l.exception).collect();
    Some(Trace { language, exception: root.exception, message: root.message, frames, causes })
}

fn frame(language: Language, module: &str, function: &str, file: &str, line: Option<u32>) -> Frame {
    Frame {
        function: function.to_string(),
        module: module.to_string(),
        file: file.to_string(),
        line,
        in_app: in_app(language, module, function, file),
    }
}

/// What stands before and behind the last of a sign, which is ASCII.
fn around_last(text: &str, sign: u8) -> Option<(&str, &str)> {
    let at = memchr::memrchr(sign, text.as_bytes())?;
    Some((&text[..at], &text[at + 1..]))
}

/// `file:LINE` or `file:LINE:COLUMN` apart; the file alone where there is no number.
fn place(text: &str) -> (&str, Option<u32>) {
    let number = |t: &str| t.parse::<u32>().ok();
    match around_last(text, b':') {
        Some((head, last)) if number(last).is_some() => match around_last(head, b':') {
            Some((file, line)) if number(line).is_some() => (file, number(line)),
            _ => (head, number(last)),
        },
        _ => (text, None),
    }
}

/// `Type: message` where the type is a name that ends like an exception's; anything may stand before it.
fn typed(line: &str, is_type: fn(&str) -> bool) -> Option<(&str, &str)> {
    let end = |c: char| !(c.is_alphanumeric() || "._$\\".contains(c));
    let mut from = 0;
    // The type is among the first words; a log prefix is never longer than this.
    for _ in 0..40 {
        let rest = line.get(from..)?;
        let start = from + rest.find(|c: char| !end(c))?;
        let stop = line[start..].find(end).map_or(line.len(), |n| start + n);
        let name = line[start..stop].trim_end_matches('.');
        if is_type(name) {
            let message = line[stop..].strip_prefix(':').unwrap_or(&line[stop..]);
            return Some((name, message));
        }
        from = stop;
    }
    None
}

fn ends_like_exception(name: &str) -> bool {
    name.starts_with(|c: char| c.is_alphabetic())
        && ["Exception", "Error", "Throwable", "Fault", "Failure"].iter().any(|e| name.ends_with(e))
}

fn is_java_type(name: &str) -> bool {
    let last = name.rsplit(['.', '$']).next().unwrap_or("");
    ends_like_exception(name) && last.starts_with(|c: char| c.is_uppercase())
}

fn is_node_type(name: &str) -> bool {
    !name.contains('.')
        && name.starts_with(|c: char| c.is_uppercase())
        && (name.ends_with("Error") || name.ends_with("Exception"))
}

fn java(lines: &[&str]) -> Option<Trace> {
    let mut chain: Vec<Link> = Vec::new();
    for line in lines {
        let text = line.trim_start();
        if let Some(call) = text.strip_prefix("at ").filter(|c| c.ends_with(')')) {
            if let (Some(link), Some(frame)) = (chain.last_mut(), java_frame(call)) {
                link.push(frame);
            }
        } else if text.starts_with("Suppressed:") || chain.len() >= MAX_CHAIN {
            break;
        } else if let Some(head) = text.strip_prefix("Caused by: ").filter(|_| !chain.is_empty()) {
            chain.push(Link::new(head.split_once(": ").unwrap_or((head, ""))));
        } else if chain.last().is_none_or(|link| link.frames.is_empty() && chain.len() == 1) {
            // The nearest line before the first frame is the head.
            if let Some(head) = typed(text, is_java_type) {
                chain = vec![Link::new(head)];
            }
        }
    }
    if chain.iter().all(|l| l.frames.is_empty()) { None } else { chained(Language::Java, chain) }
}

/// `com.shop.Cart.total(Cart.java:41)`, perhaps with a module or loader before it (`app//`, `java.base/`).
fn java_frame(call: &str) -> Option<Frame> {
    let (path, place_text) = around_last(call.strip_suffix(')')?, b'(')?;
    let path = around_last(path, b'/').map_or(path, |(_, path)| path);
    let (module, function) = around_last(path, b'.')?;
    if module.is_empty() || place_text.contains('/') || path.contains(' ') {
        return None;
    }
    let (file, line) = place(place_text);
    Some(frame(Language::Java, module, function, file, line))
}

fn python(lines: &[&str]) -> Option<Trace> {
    let mut chain: Vec<Link> = Vec::new();
    let mut frames: Vec<Frame> = Vec::new();
    let mut inside = false;
    for line in lines {
        let text = line.trim_start_matches(['|', ' ', '+', '\t']);
        if text.contains("Traceback (most recent call last)") {
            (inside, frames) = (true, Vec::new());
        } else if !inside {
            continue;
        } else if let Some(found) = python_frame(text) {
            // Oldest first: the innermost are those to keep.
            if frames.len() >= MAX_FRAMES {
                frames.remove(0);
            }
            frames.push(found);
        } else if !frames.is_empty()
            && (!line.starts_with([' ', '\t']) || text.len() < line.len() && line.trim_start().starts_with('|'))
        {
            let (kind, message) = text.split_once(": ").unwrap_or((text, ""));
            if !kind.is_empty() && kind.chars().all(|c| c.is_alphanumeric() || "._".contains(c)) && chain.len() < MAX_CHAIN {
                let mut link = Link::new((kind, message));
                link.frames = frames.drain(..).rev().collect();
                chain.push(link);
                inside = false;
            }
        }
    }
    if chain.is_empty() && !frames.is_empty() {
        // Cut by a log limit before the last line.
        frames.reverse();
        chain.push(Link { frames, ..Link::default() });
    }
    // "During handling of the above exception, another one occurred": the first one written is the root.
    chain.reverse();
    chained(Language::Python, chain)
}

/// `File "shop/cart.py", line 41, in total`
fn python_frame(text: &str) -> Option<Frame> {
    let (file, rest) = text.strip_prefix("File \"")?.split_once("\", line ")?;
    let (line, function) = rest.split_once(", in ").unwrap_or((rest, ""));
    let module = file.rsplit(['/', '\\']).next().unwrap_or(file).trim_end_matches(".py");
    Some(frame(Language::Python, module, function.trim(), file, line.trim().parse().ok()))
}

fn go(lines: &[&str]) -> Option<Trace> {
    let mut head: Option<(&str, String)> = None;
    let mut frames: Vec<Frame> = Vec::new();
    let mut goroutines = 0;
    for (at, line) in lines.iter().enumerate() {
        let text = line.trim();
        if head.is_none() {
            head = go_head(text);
        }
        if text.starts_with("goroutine ") && text.ends_with("]:") {
            goroutines += 1;
            if goroutines > 1 && !frames.is_empty() {
                break;
            }
        } else if let Some(next) = lines.get(at + 1).map(|l| l.trim())
            && frames.len() < MAX_FRAMES
            && let Some(found) = go_frame(text, next)
        {
            frames.push(found);
        }
    }
    let (exception, message) = match head {
        Some((kind, message)) => (kind, message),
        None if goroutines > 0 && !frames.is_empty() => ("goroutine", String::new()),
        None => return None,
    };
    // Frames before the panic are the runtime's own machinery.
    if let Some(at) = frames.iter().rposition(|f| f.function == "panic" && f.module.is_empty()) {
        frames.drain(..=at);
    }
    Some(Trace { language: Language::Go, exception: exception.to_string(), message, frames, causes: Vec::new() })
}

fn go_head(text: &str) -> Option<(&'static str, String)> {
    for (mark, kind) in [("panic: ", "panic"), ("fatal error: ", "fatal error"), ("panic serving ", "panic")] {
        if let Some(at) = text.find(mark) {
            // Node writes "FATAL ERROR: ...", browsers "don't panic: "; only a word's beginning counts.
            if text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '.') || kind == "fatal error" && text.contains("PHP") {
                continue;
            }
            let rest = &text[at + mark.len()..];
            let rest = if mark == "panic serving " { rest.split_once(": ").map_or(rest, |(_, r)| r) } else { rest };
            let rest = rest.split(" [recovered]").next().unwrap_or(rest);
            return Some((kind, rest.trim().to_string()));
        }
    }
    None
}

/// `github.com/shop/pay.(*Service).Process(0x0, {0x1, 0x2})` and, on the next line, `/src/pay.go:41 +0x1d`.
fn go_frame(text: &str, next: &str) -> Option<Frame> {
    let call = text.strip_prefix("created by ").unwrap_or(text);
    let call = call.split(" in goroutine ").next().unwrap_or(call);
    let path = next.split(" +0x").next().unwrap_or(next);
    let (file, line) = place(path);
    if !(file.ends_with(".go") || file.ends_with(".s")) || line.is_none() || call.contains(' ') && !call.ends_with(')') {
        return None;
    }
    // The argument list is the last parenthesis that is not a receiver.
    let name = match call.rfind('(') {
        Some(at) if call.ends_with(')') && !call[at..].starts_with("(*") => &call[..at],
        _ => call,
    };
    let (module, function) = match name.rsplit_once('.') {
        Some((module, function)) => (module, function),
        None => ("", name),
    };
    Some(frame(Language::Go, module, function, file, line))
}

fn rust(lines: &[&str]) -> Option<Trace> {
    let at = lines.iter().position(|l| l.contains("panicked at"))?;
    let head = lines[at];
    let (_, after) = head.split_once("panicked at")?;
    let after = after.trim();
    // Since 1.73 the message stands on the next line, before that in quotes: panicked at 'msg', src/f.rs:L:C
    let (place_text, message) = match after.strip_prefix('\'').and_then(|a| a.rsplit_once("', ")) {
        Some((message, place_text)) => (place_text, message.to_string()),
        None => match after.split_once(": ") {
            Some((place_text, message)) => (place_text, message.to_string()),
            None => (after, lines.get(at + 1).map(|l| l.trim().to_string()).unwrap_or_default()),
        },
    };
    let (file, line) = place(place_text.trim_end_matches(':'));
    let mut frames = rust_frames(&lines[at + 1..]);
    if !frames.iter().any(|f| f.in_app) && !file.is_empty() && file.contains(".rs") {
        let module = file.rsplit('/').next().unwrap_or(file).trim_end_matches(".rs");
        frames.insert(0, frame(Language::Rust, module, "", file, line));
    }
    let message = if message.starts_with("stack backtrace") || message.starts_with("note:") { String::new() } else { message };
    Some(Trace { language: Language::Rust, exception: "panic".into(), message, frames, causes: Vec::new() })
}

/// `  12: shop::pay::process` and, on the next line, `at ./src/pay.rs:41:5`.
fn rust_frames(lines: &[&str]) -> Vec<Frame> {
    let mut frames: Vec<Frame> = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let Some((number, path)) = line.trim().split_once(": ") else { continue };
        if number.is_empty() || !number.bytes().all(|b| b.is_ascii_digit()) || frames.len() >= MAX_FRAMES {
            continue;
        }
        let path = path.split(" - ").last().unwrap_or(path).trim();
        let (file, line) = match lines.get(at + 1).and_then(|l| l.trim().strip_prefix("at ")) {
            Some(text) => place(text),
            None => ("", None),
        };
        let path = match path.rsplit_once("::h") {
            Some((head, hash)) if hash.len() == 16 && hash.bytes().all(|b| b.is_ascii_hexdigit()) => head,
            _ => path,
        };
        let (module, function) = path.rsplit_once("::").unwrap_or(("", path));
        frames.push(frame(Language::Rust, module, function, file, line));
    }
    frames
}

fn node(lines: &[&str]) -> Option<Trace> {
    let mut chain: Vec<Link> = Vec::new();
    for line in lines {
        let text = line.trim_start();
        if let Some(call) = text.strip_prefix("at ") {
            if let (Some(link), Some(frame)) = (chain.last_mut(), node_frame(call.trim_end_matches([' ', '{']))) {
                link.push(frame);
            }
        } else if chain.len() >= MAX_CHAIN {
            break;
        } else if text.starts_with("[cause]:") || text.starts_with("Caused by:") {
            if let Some(head) = typed(text.split_once(':').map_or("", |(_, r)| r), is_node_type).filter(|_| !chain.is_empty()) {
                chain.push(Link::new(head));
            }
        } else if chain.len() <= 1
            && chain.last().is_none_or(|l| l.frames.is_empty())
            && let Some(head) = typed(text, is_node_type)
        {
            chain = vec![Link::new(head)];
        }
    }
    if chain.iter().all(|l| l.frames.is_empty()) { None } else { chained(Language::Node, chain) }
}

/// `Cart.total (/app/cart.js:41:7)`, `async /app/cart.js:41:7`, `new Cart (file:///app/cart.mjs:1:2)`
fn node_frame(call: &str) -> Option<Frame> {
    let call = call.strip_prefix("async ").unwrap_or(call);
    let (name, place_text) = match call.strip_suffix(')').and_then(|c| c.split_once(" (")) {
        Some((name, place_text)) => (name, place_text),
        None => ("", call),
    };
    let (file, line) = place(place_text);
    if line.is_none() && !["<anonymous>", "native"].contains(&file) {
        return None;
    }
    let name = name.strip_prefix("new ").unwrap_or(name).split(" [as ").next().unwrap_or(name);
    let (module, function) = name.rsplit_once('.').unwrap_or(("", name));
    let file = file.strip_prefix("file://").unwrap_or(file);
    let module = if module.is_empty() { file.rsplit('/').next().unwrap_or(file).split('.').next().unwrap_or("") } else { module };
    Some(frame(Language::Node, module, function, file, line))
}

fn dotnet(lines: &[&str]) -> Option<Trace> {
    let is_frame = |l: &str| l.trim_start().starts_with("at ") && l.contains(") in ") && l.contains(":line ");
    let is_call = |l: &str| {
        l.trim_start().strip_prefix("at ").is_some_and(|c| c.ends_with(')') && c.contains('.') && !c.contains(".java:"))
    };
    let head = lines.iter().position(|l| typed(l, is_dotnet_type).is_some())?;
    let has = |is: &dyn Fn(&str) -> bool| lines[head + 1..].iter().any(|l| is(l));
    let known = has(&|l| is_frame(l)) || typed_is_system(lines[head]) && has(&|l| is_call(l));
    if !known {
        return None;
    }
    let mut chain: Vec<Link> =
        lines[head].split("---> ").take(MAX_CHAIN).filter_map(|part| typed(part, is_dotnet_type)).map(Link::new).collect();
    // The inner exception's frames stand first, up to the mark of its end.
    for line in &lines[head + 1..] {
        let text = line.trim_start();
        if let Some(inner) = text.strip_prefix("---> ").filter(|_| chain.len() < MAX_CHAIN) {
            chain.extend(typed(inner, is_dotnet_type).map(Link::new));
        } else if text.starts_with("--- End of inner exception") {
            break;
        } else if let (Some(call), Some(link)) = (text.strip_prefix("at "), chain.last_mut())
            && let Some(found) = dotnet_frame(call)
        {
            link.push(found);
        }
    }
    chained(Language::Dotnet, chain)
}

fn is_dotnet_type(name: &str) -> bool {
    name.contains('.') && name.ends_with("Exception") && name.starts_with(|c: char| c.is_uppercase())
}

fn typed_is_system(line: &str) -> bool {
    typed(line, is_dotnet_type).is_some_and(|(name, _)| name.starts_with("System.") || name.starts_with("Microsoft."))
}

/// `Shop.Cart.Total(Order o) in /src/Cart.cs:line 41`
fn dotnet_frame(call: &str) -> Option<Frame> {
    let (signature, place_text) = call.split_once(" in ").unwrap_or((call, ""));
    let path = signature.split('(').next()?;
    let (module, function) = path.rsplit_once('.')?;
    let (file, line) = place_text.rsplit_once(":line ").map_or((place_text, None), |(f, l)| (f, l.trim().parse().ok()));
    Some(frame(Language::Dotnet, module, function, file, line))
}

fn php(lines: &[&str]) -> Option<Trace> {
    let at = lines
        .iter()
        .position(|l| l.contains("PHP Fatal error:") || l.contains("Fatal error: Uncaught") || l.contains("Stack trace:"))?;
    let head = lines[..=at].iter().rev().find_map(|l| typed(l.split("Uncaught ").last().unwrap_or(l), is_php_type));
    let frames: Vec<Frame> = lines[at..].iter().filter_map(|l| php_frame(l.trim())).take(MAX_FRAMES).collect();
    if head.is_none() && (frames.is_empty() || !lines[at].contains("PHP")) {
        return None;
    }
    let (exception, message) = head.unwrap_or(("PHP Fatal error", ""));
    let (message, origin) = message.rsplit_once(" in ").unwrap_or((message, ""));
    let (file, line) = place(origin.split_whitespace().next().unwrap_or(""));
    let mut link = Link::new((exception, message));
    if line.is_some() {
        link.push(frame(Language::Php, file.rsplit('/').next().unwrap_or(file), "", file, line));
    } else if frames.is_empty() {
        return None;
    }
    frames.into_iter().for_each(|f| link.push(f));
    chained(Language::Php, vec![link])
}

fn is_php_type(name: &str) -> bool {
    ends_like_exception(name.rsplit('\\').next().unwrap_or(name)) && !name.contains('.')
}

/// `#0 /srv/app/src/Cart.php(41): Shop\Cart->total(Object)`
fn php_frame(text: &str) -> Option<Frame> {
    let (number, rest) = text.strip_prefix('#')?.split_once(' ')?;
    number.parse::<u32>().ok()?;
    let (origin, call) = rest.split_once(": ")?;
    let (file, line) =
        origin.strip_suffix(')').and_then(|o| o.rsplit_once('(')).map_or((origin, None), |(f, l)| (f, l.parse().ok()));
    let call = call.split('(').next().unwrap_or(call);
    let (module, function) = call.rsplit_once("->").or_else(|| call.rsplit_once("::")).unwrap_or(("", call));
    Some(frame(Language::Php, module, function, file, line))
}

fn ruby(lines: &[&str]) -> Option<Trace> {
    let mut frames: Vec<Frame> = Vec::new();
    let mut head: Option<(String, String)> = None;
    for line in lines {
        let text = line.trim().trim_start_matches("from ");
        let Some((found, rest)) = ruby_frame(text) else {
            // Rails: `NoMethodError (undefined method ...):` before the frames, below `Internal Server Error in 12ms`.
            if head.is_none()
                && frames.is_empty()
                && let Some((kind, message)) = typed(line, |n| ends_like_exception(n) && !n.contains('.') && n != "Error")
            {
                let message = message.trim().trim_start_matches('(').trim_end_matches(':').trim_end_matches(')');
                head = Some((kind.to_string(), message.to_string()));
            }
            continue;
        };
        if frames.is_empty()
            && let Some((message, kind)) = rest.rsplit_once(" (").filter(|(_, k)| k.ends_with(')'))
        {
            head = Some((kind.trim_end_matches(')').to_string(), message.to_string()));
        }
        if frames.len() < MAX_FRAMES {
            frames.push(found);
        }
    }
    if frames.is_empty() {
        return None;
    }
    let (exception, message) = head?;
    Some(Trace { language: Language::Ruby, exception, message, frames, causes: Vec::new() })
}

/// ``app/models/cart.rb:41:in `total'`` with what follows it after a colon.
fn ruby_frame(text: &str) -> Option<(Frame, &str)> {
    let (origin, rest) = text.split_once(":in ")?;
    let rest = rest.strip_prefix(['`', '\''])?;
    let (name, after) = rest.split_once('\'')?;
    let (file, line) = place(origin);
    line?;
    let file = file.rsplit(' ').next().unwrap_or(file);
    let name = name.rsplit(" in ").next().unwrap_or(name);
    let (module, function) =
        name.rsplit_once(['#', '.']).unwrap_or((file.rsplit('/').next().unwrap_or(file).trim_end_matches(".rb"), name));
    Some((frame(Language::Ruby, module, function, file, line), after.trim_start_matches(':').trim()))
}

fn elixir(lines: &[&str]) -> Option<Trace> {
    // `** (exit) an exception was raised:` stands above the exception.
    let opens = |l: &&&str| l.contains("** (");
    let at =
        lines.iter().position(|l| opens(&l) && !l.trim_end().ends_with(':')).or_else(|| lines.iter().position(|l| opens(&l)))?;
    let (_, rest) = lines[at].split_once("** (")?;
    let (exception, message) = rest.split_once(')')?;
    let frames: Vec<Frame> = lines[at + 1..].iter().filter_map(|l| elixir_frame(l.trim())).take(MAX_FRAMES).collect();
    if frames.is_empty() {
        return None;
    }
    let mut link = Link::new((exception, message));
    link.frames = frames;
    chained(Language::Elixir, vec![link])
}

/// `(shop 0.1.0) lib/shop/cart.ex:41: Shop.Cart.total/1`
fn elixir_frame(text: &str) -> Option<Frame> {
    let (origin, call) = text.strip_prefix('(').map_or(text, |t| t.split_once(") ").map_or(t, |(_, r)| r)).rsplit_once(": ")?;
    let (file, line) = place(origin);
    if !(file.ends_with(".ex") || file.ends_with(".exs") || file.ends_with(".erl")) {
        return None;
    }
    let call = call.split(['/', '(']).next().unwrap_or(call);
    let (module, function) = call.rsplit_once('.').unwrap_or(("", call));
    Some(frame(Language::Elixir, module, function, file, line))
}
