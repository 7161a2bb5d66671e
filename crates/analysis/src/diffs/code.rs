//! Mechanisms told from lines that were taken away or put in: guards, error handling, locks, closing, threads, sleeping.
//!
//! Each rule is a pattern of what has to be gone (or new) and a pattern of what, when it is new too, excuses it. It must
//! never know which incident is looked at. What breaks it: a guard that moved into a function outside of the diff.

use expressions::{Expression, constant};
use std::sync::LazyLock;

use super::kind::ChangeKind;
use super::pairs::{likeness, tokens};
use super::parse::{Hunk, Line};
use super::{Change, change};

/// Lines of one kind gone without any of the kind put in.
struct Gone {
    kind: ChangeKind,
    what: Expression,
    /// Lines that match this too do not count.
    except: Option<Expression>,
    /// Anything new that matches this makes up for the loss; the pattern `what` does always.
    excuse: Option<Expression>,
    says: &'static str,
}

/// All findings of this module in one commit.
pub(super) fn read(hunks: &[Hunk]) -> Vec<Change> {
    let mut out = Vec::new();
    let new: Vec<&Line> = hunks.iter().flat_map(Hunk::new_lines).collect();
    let gone: Vec<&Line> = hunks.iter().flat_map(Hunk::gone).collect();
    for hunk in hunks {
        for rule in GONE.iter() {
            out.extend(taken_away(rule, hunk, &new));
        }
        out.extend(put_in(hunk, &new, &gone));
        out.extend(access(hunk));
        out.extend(comparison(hunk));
        out.extend(fewer_filters(hunk));
        out.extend(cache_key(hunk));
    }
    out
}

fn rule(kind: ChangeKind, what: &str, except: &str, excuse: &str, says: &'static str) -> Gone {
    let optional = |p: &str| (!p.is_empty()).then(|| constant(p));
    Gone { kind, what: constant(what), except: optional(except), excuse: optional(excuse), says }
}

static GONE: LazyLock<Vec<Gone>> = LazyLock::new(|| {
    use ChangeKind::*;
    vec![
        rule(
            GuardRemoved,
            r"(?i)(==|!=|\bis\b( not)?)\s*(nil|null|none|undefined|nullptr)\b|\.is(Null|Nil|_none|_some|Present|Empty)\w*\(|requireNonNull|ofNullable|\bisset\(|hasOwnProperty|\.nil\?|\.blank\?|\.present\?|\bif let Some|let Some\(.*else|^\s*(el)?if !?[\w.]+:?\s*\{?$|^\s*if \(!?[\w.]+\)",
            r"\berr(or)?\s*(!=|==)|\bassert",
            r"\?\.|\?\?|orElse|unwrap_or|getOrDefault|(?i)Optional",
            "it removes the guard",
        ),
        rule(
            BoundsGuardRemoved,
            r"(?i)\bif\b.*(\blen\(|\.length|\.size\(\)|\.count\b|isEmpty|\bcap\()|\.get\(\d+\)\?|\.min\(|Math\.min|\bmin\(",
            "",
            "",
            "it removes the bounds check",
        ),
        rule(
            ErrorHandlingRemoved,
            r"\berr\s*!=\s*nil|\bcatch\s*[({]|^\s*try\s*[:{]|^\s*(except|rescue)\b|\.catch\(|\bdefer .*recover\(|\brecover\(\)|on_error|\.unwrap_or_else|ErrorBoundary",
            "",
            r"\breturn\b.*\(|\?;?$|\btry\b|\bcatch\b|Result<",
            "it removes the error handling",
        ),
        rule(
            ConditionRemoved,
            r"^\s*(\}\s*)?(else )?(el)?if\b|^\s*unless\b|^\s*(raise|throw)\b|\bvalidate\w*\(",
            r"\berr(or)?\s*(!=|==)|(?i)\b(nil|null|none|undefined)\b",
            "",
            "it removes the condition",
        ),
        rule(
            FallbackRemoved,
            r"(?i)fallback|circuit_?breaker|\bhystrix|resilience4j|bulkhead|orElseGet|\bdegrade",
            "",
            "",
            "it removes the fallback",
        ),
        rule(
            StampedeGuardRemoved,
            r"(?i)singleflight|single_flight|dogpile|stale.while.revalidate|\bjitter|mutex_?cache|request_?coalesc",
            "",
            "",
            "it removes what kept callers from loading the same thing at once",
        ),
        rule(
            LockRemoved,
            r"(?i)\.(r?lock|acquire|lock_shared|write_lock|read_lock)\(|\bsynchronized\b|\bwith\b.*\block|\block\s*\(|mutex|rwlock|ReentrantLock|FOR UPDATE|SETNX|advisory_lock|Atomic(Integer|Long|Bool)|sync\.Map|ConcurrentHashMap|\batomic\.|Interlocked|@Version|optimistic",
            r"(?i)unlock|block",
            "",
            "it removes the lock",
        ),
        rule(
            TransactionRemoved,
            r"(?i)@Transactional|\bBEGIN\b|BeginTx|\.transaction\b|transaction\.atomic|with_transaction|savepoint",
            "",
            "",
            "it removes the transaction",
        ),
        rule(
            CloseRemoved,
            r"(?i)\.close\(|\.release\(|\.dispose\(|\bdefer cancel\(|^\s*using\b.*[({=]|\bwith\b.*(open|connect|session|client).*:$|try \(|\.Stop\(\)|clearInterval|clearTimeout|removeEventListener|\.unsubscribe\(|\.destroy\(|\.shutdown\(|io\.Copy\(io\.Discard",
            "",
            "",
            "it no longer closes what it opens",
        ),
        rule(
            EvictionRemoved,
            r"(?i)evict|\bexpir|\bttl\b|ttl[=:]|_ttl|\brotat|retention|maxsize|max_?entries|maximumSize|\blru|removeEldest|setex|\.prune|\btrim\(|\bpurge|cleanup|\bdelete\(\w+, |\.delete\(\w*key|\.clear\(",
            r"(?i)cookie",
            "",
            "it removes the eviction",
        ),
        rule(TimeoutRemoved, r"(?i)timeout|deadline|AbortSignal", "", "", "it removes the timeout"),
        rule(
            BackoffRemoved,
            r"(?i)backoff|\bsleep\(.*(attempt|retry|delay)|retry_?delay|exponential",
            "",
            "",
            "it removes the wait between attempts",
        ),
        rule(
            LimitRemoved,
            r"(?i)\bmax[_A-Z]\w*|\blimit(er)?\b|\bMAX_|semaphore|LimitReader|take\(\d+\)|\.limit\(|rate_?limit|throttle",
            r"(?i)WHERE|select\b",
            "",
            "it removes the limit",
        ),
        rule(
            IdempotencyRemoved,
            r"(?i)idempoten|dedup|already_?(processed|seen|exists|sent)|ON CONFLICT|if not exists|\bupsert|\bunique\b|processed_?ids",
            "",
            "",
            "it removes the protection against doing the same thing twice",
        ),
        rule(
            AckRemoved,
            r"(?i)\.ack\(|\.commit(Sync|Async|_offsets?)?\(|acknowledge\(|basic_ack|\.nack\(|delete_?message",
            "",
            "",
            "it no longer acknowledges what it consumed",
        ),
        rule(
            AuthChanged,
            r"(?i)authoriz|authenticat|\bbearer\b|api_?key|\bscopes?\b|\bpermission|\bcsrf|\bcors|\bjwt|hmac|@PreAuthorize|@Secured|login_required|\bverbs\b|\broles?\b|signature|credentials",
            r"(?i)^\s*import",
            "",
            "it changes who may do what",
        ),
        rule(
            RegistrationRemoved,
            r#"(?i)^\s*(import )?_ \"|^import ['\"]\./|Class\.forName|INSTALLED_APPS|\bregister\w*\(|HandleFunc\(|\.Handle\(|\brouter\.|\bapp\.(use|get|post|put|route|include_router)\(|@(Get|Post|Put|Delete|Request|Patch)Mapping|@app\.route|\burlpatterns|\bAdd(Scoped|Singleton|Transient|HostedService)\b|\bprovide\(|\.subscribe\(|\binclude\(|@Bean|@Component|@Service|@EventListener|add_handler|\broutes?\.(push|add)"#,
            "",
            "",
            "it removes the registration",
        ),
        rule(
            CacheRemoved,
            r"(?i)cache\.(get|fetch|load|read|getorload|remember)\w*\(|@Cacheable|@lru_cache|@cached?\b|memoi[sz]e|Cache-Control|proxy_cache\b|DataLoader",
            "",
            r"(?i)cache\.",
            "it no longer reads through the cache",
        ),
        rule(
            EagerLoadingRemoved,
            r"(?i)select_related|prefetch_related|\.includes\(|\.Include\(|JOIN FETCH|@EntityGraph|joinedload|selectinload|eager_load|\.preload\(|Preload\(|\bIN \((\?|:|\$|%s)|(get|find|load|fetch)(All|Many|Batch|Bulk)\w*\(|\bMGET\b|\.mget\(|findAllById|bulk_",
            "",
            "",
            "it no longer loads in one query",
        ),
        rule(
            IndexOrFilterRemoved,
            r"(?i)\bWHERE\b|^\s*AND \w|\bLIMIT \d|\.where\(|\.filter\(.*(__|==)|\bdb_index\s*=|@Index|CREATE (UNIQUE )?INDEX|add_index|\.limit\(\d|\bindex:\s*true|createIndex\(|USE INDEX",
            "",
            "",
            "it removes the filter or index",
        ),
        rule(
            TlsChanged,
            r"(?i)\btls\b|\bssl|x509|\bca_?(file|bundle|cert)|RootCAs|TLSClientConfig|MinVersion|cipher|ca-certificates|truststore|verify(_mode|_ssl|_peer)?\s*[=:]|CipherSuites|_WITH_(AES|CHACHA)",
            "",
            "",
            "it changes the TLS settings",
        ),
        rule(
            TimezoneChanged,
            r"(?i)timezone|\btz\b|\.utc\(|time\.UTC|ZoneOffset|ZoneId|tzinfo|pytz|In\(loc|LoadLocation|strftime|DateTimeFormatter|toISOString|\bISO_?8601",
            "",
            "",
            "it changes how times are written or read",
        ),
        rule(
            RoundingChanged,
            r"(?i)\bround|\.floor|\bceil|toFixed|BigDecimal|\bDecimal\(|RoundingMode|setScale|_?cents\b|currency",
            "",
            r"^\b$",
            "it changes how amounts are computed",
        ),
    ]
});

fn taken_away(rule: &Gone, hunk: &Hunk, new: &[&Line]) -> Option<Change> {
    let presence = |l: &Line| rule.kind != ChangeKind::GuardRemoved || !strict(&hunk.path) || PRESENCE.is_match(&l.text);
    let lost = hunk
        .gone()
        .find(|l| rule.what.is_match(&l.text) && presence(l) && !rule.except.as_ref().is_some_and(|e| e.is_match(&l.text)))?;
    let excused = match &rule.excuse {
        Some(excuse) => new.iter().any(|l| excuse.is_match(&l.text) || rule.what.is_match(&l.text)),
        None => new.iter().any(|l| rule.what.is_match(&l.text)),
    };
    let same_words = matches!(
        rule.kind,
        ChangeKind::AuthChanged | ChangeKind::TlsChanged | ChangeKind::TimezoneChanged | ChangeKind::RoundingChanged
    );
    if excused && !same_words {
        return None;
    }
    let partner = hunk.new_lines().map(|n| (likeness(&lost.text, &n.text), n)).filter(|(s, _)| *s >= 0.5);
    let partner = partner.max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, n)| n);
    let quote = lost.text.trim().trim_end_matches(['{', ' ', ';']);
    let says = match partner.filter(|_| same_words) {
        Some(new) => format!("{}: `{quote}` becomes `{}`", rule.says, new.text.trim()),
        None => format!("{} `{quote}`", rule.says),
    };
    Some(change(rule.kind.clone(), hunk, lost.no, (&lost.text, partner.map_or("", |n| n.text.as_str())), says))
}

/// Lines that are a danger by standing there.
struct New {
    kind: ChangeKind,
    what: Expression,
    /// Excused by anything new, or by what was there before, that matches this.
    excuse: Option<Expression>,
    /// Only where the hunk or its header matches this.
    only_in: Option<Expression>,
    says: &'static str,
}

static NEW: LazyLock<Vec<New>> = LazyLock::new(|| {
    use ChangeKind::*;
    let new = |kind, what: &str, excuse: &str, only_in: &str, says| {
        let optional = |p: &str| (!p.is_empty()).then(|| constant(p));
        New { kind, what: constant(what), excuse: optional(excuse), only_in: optional(only_in), says }
    };
    vec![
        new(
            CatastrophicRegex,
            r"\((\?:)?(?:\\[wsdSWD]|\.|\[[^\]]*\])[+*](?:(?:\\.|.)[?*])?\)[+*{]|\((\?:)?\.\*[^()]*\)[+*]",
            "",
            r"(?i)regex|re\.|pattern|/[^/]+/|match",
            "it adds a regular expression that can backtrack without end",
        ),
        new(
            SpawnAdded,
            r"^\s*go (func\b|\w[\w.]*\()|new Thread\(|threading\.Thread\(|Task\.Run\(|tokio::spawn|thread::spawn|setInterval\(|Executors\.new\w+|ThreadPoolExecutor\(|asyncio\.create_task|\.addEventListener\(|new Worker\(",
            r"(?i)errgroup|WaitGroup|semaphore|clearInterval|removeEventListener|\.join\(|ctx\.Done|shutdown|with .*Executor",
            "",
            "it starts a thread or task that nothing ends",
        ),
        new(
            BlockingCallAdded,
            r"(?i)\btime\.sleep\(|\brequests\.(get|post|put)\(|readFileSync|writeFileSync|execSync|pbkdf2Sync|Thread\.sleep|\.block\(\)|\.Result\b|\.Wait\(\)|\.join\(\)\.get|std::thread::sleep|\.get\(\);|subprocess\.(run|call)",
            "",
            r"(?i)\basync\b|await|event.?loop|Mono<|Flux<|reactor|\btokio",
            "it blocks inside asynchronous code",
        ),
        new(
            RetryAdded,
            r"(?i)\b(for|while)\b.*\b(attempts?|retry|retries|tries)\b|@Retry(able)?\b|\bretry\.(Do|new)|\.retry\(|max_?(retries|attempts)\s*[:=]|withRetry",
            r"(?i)backoff|sleep|jitter",
            r"(?i)retry|attempt|tries",
            "it adds retries without a wait between them",
        ),
        new(
            LockAdded,
            r"(?i)\.(lock|acquire)\(\)|\bsynchronized\b|\bLOCK TABLE|FOR UPDATE|@Lock",
            r"(?i)once",
            "",
            "it adds a lock on this path",
        ),
        new(
            NotClosed,
            r"(?i)getConnection\(|\.acquire\(\)|new HttpClient\(|http\.Client\{|os\.Open(File)?\(|http\.(Get|Post)\(|\.Query(Context)?\(|createConnection\(|new FileInputStream|psycopg2\.connect|redis\.NewClient|sql\.Open\(",
            r"(?i)close|defer|\bwith\b|using|try|release|return &http",
            "",
            "it opens something that it does not close",
        ),
        new(
            NotClosed,
            r"\w\.\w+\s*\+=\s*(?:new \w+\(\s*)?\w*On[A-Z]\w*|\.(addListener|addObserver|addEventListener|[sS]ubscribe|[rR]egister(Listener|Observer|Callback|Handler))\(",
            r"(?i)-=\s*\w|remove(Event)?Listener|removeObserver|unsubscribe|unregister|dispose|takeUntil|AbortController|\bonce\b",
            "",
            "it subscribes to something and does not end that",
        ),
        new(
            UncheckedAccessAdded,
            r"\.unwrap\(\)|\.expect\(|!!\.|!\.\w|\.get\(\)\.|\bas!|\[0\]|\.first!|\.iterator\(\)\.next\(\)",
            r"(?i)\blen\(|isPresent|is_some|isEmpty|\bif\b",
            "",
            "it uses a value without checking that there is one",
        ),
        new(
            RequirementAdded,
            r#"(?i)\bNOT NULL\b|^\s*required:|"required"|binding:"required|validate:"[^"]*required|@NotNull|@NotBlank|@NotEmpty|\[Required\]|required=True|\.required\(\)|nullable\s*=\s*false|additionalProperties.*false|extra\s*=\s*"?forbid|DisallowUnknownFields|FAIL_ON_UNKNOWN"#,
            r"(?i)\bDEFAULT\b|CREATE TABLE",
            "",
            "it demands what callers did not have to give",
        ),
        new(
            StreamingRemoved,
            r"(?i)\bReadAll\(|readAllBytes|\.read\(\)|readFileSync|\.toList\(\)|Collectors\.to|\.to_a\b|fetchall\(\)|= list\(|ReadToEnd|readlines\(",
            "",
            r"(?i)bufio|NewDecoder|iterator|yield|for .* in |stream|chunk|fetchmany|cursor|io\.Copy|find_each|in_batches|pipe\(",
            "it reads everything into memory",
        ),
        new(
            LoggingAdded,
            r"(?i)\blog(ger|ging)?\.(info|debug|trace|warn|print\w*)\(.*(body|payload|dump|headers|request|response)",
            "",
            "",
            "it writes whole messages to the log",
        ),
        new(
            SlowQueryAdded,
            r#"(?i)LIKE\s+['"]?%|\b(LOWER|UPPER|DATE|CAST|COALESCE|TRIM)\s*\(\w+\.?\w*\)\s*(=|LIKE|IN)|ORDER BY (RAND|RANDOM)|CROSS JOIN|\bICONTAINS|__icontains|\$regex|\bOFFSET [$:?]\w*|NOT IN \(\s*SELECT|KEYS \*|\.keys\(['"]\*|allow_full_scan|count\(\*\)|findAll\(\)|objects\.all\(\)|query\.all\(\)"#,
            "",
            "",
            "it adds a query that no index serves",
        ),
    ]
});

fn put_in(hunk: &Hunk, new: &[&Line], gone: &[&Line]) -> Vec<Change> {
    let mut out = Vec::new();
    for rule in NEW.iter() {
        let Some(line) = hunk.new_lines().find(|l| rule.what.is_match(&l.text)) else { continue };
        let everywhere = || new.iter().chain(gone).map(|l| l.text.as_str()).chain(hunk.lines.iter().map(|l| l.text.as_str()));
        let before = gone.iter().any(|l| rule.what.is_match(&l.text));
        let excused = rule.excuse.as_ref().is_some_and(|e| everywhere().any(|t| e.is_match(t)));
        let inside = rule.only_in.as_ref().is_none_or(|o| match rule.kind {
            ChangeKind::StreamingRemoved => gone.iter().any(|l| o.is_match(&l.text)),
            // The engines of these two languages never backtrack.
            ChangeKind::CatastrophicRegex if hunk.path.ends_with(".go") || hunk.path.ends_with(".rs") => false,
            _ => o.is_match(&hunk.header) || everywhere().any(|t| o.is_match(t)),
        });
        if !before && !excused && inside {
            let says = format!("{}: `{}`", rule.says, line.text.trim());
            out.push(change(rule.kind.clone(), hunk, line.no, ("", &line.text), says));
        }
    }
    out
}

static FILTERS: LazyLock<Expression> =
    LazyLock::new(|| constant(r"(?i)\b(WHERE|AND|LIMIT)\b|\.(where|filter|limit|take)\(|\bLIMIT \d"));
static QUERY: LazyLock<Expression> =
    LazyLock::new(|| constant(r"(?i)\b(SELECT|UPDATE|DELETE|FROM|WHERE)\b|\.(where|filter|limit|objects|query)\b"));

/// A query that lost one of its conditions.
fn fewer_filters(hunk: &Hunk) -> Option<Change> {
    super::pairs::pairs(hunk).into_iter().find_map(|p| {
        let (old, new) = (&p.old.text, &p.new.text);
        let fewer = FILTERS.find_iter(old).count() > FILTERS.find_iter(new).count();
        (fewer && QUERY.is_match(old) && QUERY.is_match(new)).then(|| {
            let says = format!("it takes a condition from the query: `{}` becomes `{}`", old.trim(), new.trim());
            let lock = ["version", "FOR UPDATE", "for update"].iter().any(|w| old.contains(w) && !new.contains(w));
            let kind = if lock { ChangeKind::LockRemoved } else { ChangeKind::IndexOrFilterRemoved };
            change(kind, hunk, p.new.no, (old, new), says)
        })
    })
}

static KEY_LINE: LazyLock<Expression> = LazyLock::new(|| constant(r"(?i)\b(\w*_)?(cache_?)?key\w*\s*(:=|=)|(?i)cache\w*key\("));

/// The name under which something is cached is built in another way.
fn cache_key(hunk: &Hunk) -> Option<Change> {
    let cached = hunk.path.to_lowercase().contains("cache") || hunk.lines.iter().any(|l| l.text.to_lowercase().contains("cache"));
    let pair = super::pairs::pairs(hunk)
        .into_iter()
        .find(|p| KEY_LINE.is_match(&p.old.text) && KEY_LINE.is_match(&p.new.text))
        .filter(|_| cached)?;
    let says = format!("it changes the key of the cache: `{}` becomes `{}`", pair.old.text.trim(), pair.new.text.trim());
    Some(change(ChangeKind::CacheKeyChanged, hunk, pair.new.no, (&pair.old.text, &pair.new.text), says))
}

/// In these languages a bare `if x` asks for a truth value, not for presence.
fn strict(path: &str) -> bool {
    ["go", "java", "kt", "rs", "cs", "scala", "swift"].contains(&path.rsplit('.').next().unwrap_or(""))
}

static PRESENCE: LazyLock<Expression> = LazyLock::new(|| {
    constant(r"(?i)\b(nil|null|none|undefined|nullptr)\b|is_?(null|nil|none|some|present|empty)|isset|some\(|ofNullable|\?")
});

/// Pairs of a careful and a careless way to reach a value.
const CARELESS: [(&str, &str); 12] = [
    ("?.", "."),
    ("?[", "["),
    (".get(", "["),
    ("getOrDefault(", "get("),
    ("unwrap_or", "unwrap()"),
    ("orElse(", "get()"),
    ("??", ""),
    ("as?", "as!"),
    ("as?", "as"),
    ("TryGetValue(", "["),
    (".dig(", "["),
    ("firstOrNull", "first"),
];

/// `a?.b` that became `a.b`, `d.get(k)` that became `d[k]`, and the like.
fn access(hunk: &Hunk) -> Option<Change> {
    super::pairs::pairs(hunk).into_iter().find_map(|p| {
        let (old, new) = (&p.old.text, &p.new.text);
        let lost = CARELESS.iter().find(|(safe, bare)| {
            old.matches(safe).count() > new.matches(safe).count() && (bare.is_empty() || new.contains(bare))
        })?;
        if lost.0 == ".get(" && (old.contains("cache") || old.contains("http") || tokens(new).len() + 2 < tokens(old).len() / 2) {
            return None;
        }
        let says = format!("it removes the guard in `{}`, which becomes `{}`", old.trim(), new.trim());
        Some(change(ChangeKind::GuardRemoved, hunk, p.new.no, (old, new), says))
    })
}

/// `<` that became `<=`, `n - 1` that became `n`.
fn comparison(hunk: &Hunk) -> Option<Change> {
    const EDGES: [&str; 6] = ["<", ">", "=", "-", "+", "1"];
    super::pairs::pairs(hunk).into_iter().find_map(|p| {
        let (a, b) = (tokens(&p.old.text), tokens(&p.new.text));
        let start = a.iter().zip(&b).take_while(|(x, y)| x == y).count();
        let tail = a
            .iter()
            .rev()
            .zip(b.iter().rev())
            .take_while(|(x, y)| x == y)
            .count()
            .min(a.len().min(b.len()).saturating_sub(start));
        let (from, to) = (&a[start..a.len() - tail], &b[start..b.len() - tail]);
        let small = from.len() + to.len() <= 3 && from.len() + to.len() > 0;
        let place = p.old.text.contains(['[', '<', '>']) || p.old.text.contains("range") || p.old.text.contains("len");
        if !small || !place || !from.iter().chain(to).all(|t| EDGES.contains(t)) {
            return None;
        }
        let compared = from.iter().chain(to).any(|t| ["<", ">", "="].contains(t));
        if !compared && super::pairs::settings_of_line(&p.old.text).iter().any(|(_, v)| v.parse::<f64>().is_ok()) {
            return None;
        }
        let says = format!("it moves a bound: `{}` becomes `{}`", p.old.text.trim(), p.new.text.trim());
        Some(change(ChangeKind::BoundsChanged, hunk, p.new.no, (&p.old.text, &p.new.text), says))
    })
}
