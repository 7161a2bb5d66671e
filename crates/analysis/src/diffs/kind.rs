//! The mechanisms by which a change can break something, each with its direction, with the families of symptoms it can
//! explain (the likeliest first) and with how often such a change breaks things.
//!
//! Pure tables. They must never know a diff or an incident. The numbers are design values, set by hand on a scale where
//! 1 is "this alone is a plausible outage".

/// What a change does. Names and values are literal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChangeKind {
    GuardRemoved,
    /// The harmless opposite; kept so that a reader sees that it was read.
    GuardAdded,
    BoundsGuardRemoved,
    BoundsChanged,
    ConditionRemoved,
    ErrorHandlingRemoved,
    UncheckedAccessAdded,
    FallbackRemoved,
    LimitLowered {
        name: String,
        from: String,
        to: String,
    },
    LimitRaised {
        name: String,
        from: String,
        to: String,
    },
    LimitRemoved,
    PoolLowered {
        name: String,
        from: String,
        to: String,
    },
    PoolRaised {
        name: String,
        from: String,
        to: String,
    },
    ConcurrencyLowered {
        name: String,
        from: String,
        to: String,
    },
    ConcurrencyRaised {
        name: String,
        from: String,
        to: String,
    },
    ResourceLowered {
        name: String,
        from: String,
        to: String,
    },
    ResourceRaised {
        name: String,
        from: String,
        to: String,
    },
    TimeoutLowered {
        name: String,
        from: String,
        to: String,
    },
    TimeoutRaised {
        name: String,
        from: String,
        to: String,
    },
    TimeoutRemoved,
    RetryRaised {
        name: String,
        from: String,
        to: String,
    },
    RetryLowered {
        name: String,
        from: String,
        to: String,
    },
    RetryAdded,
    BackoffLowered {
        name: String,
        from: String,
        to: String,
    },
    BackoffRaised {
        name: String,
        from: String,
        to: String,
    },
    BackoffRemoved,
    LoggingAdded,
    RateLimitLowered {
        name: String,
        from: String,
        to: String,
    },
    RateLimitRaised {
        name: String,
        from: String,
        to: String,
    },
    TtlLowered {
        name: String,
        from: String,
        to: String,
    },
    TtlRaised {
        name: String,
        from: String,
        to: String,
    },
    CacheLowered {
        name: String,
        from: String,
        to: String,
    },
    CacheRaised {
        name: String,
        from: String,
        to: String,
    },
    QueueLowered {
        name: String,
        from: String,
        to: String,
    },
    QueueRaised {
        name: String,
        from: String,
        to: String,
    },
    BatchLowered {
        name: String,
        from: String,
        to: String,
    },
    BatchRaised {
        name: String,
        from: String,
        to: String,
    },
    IntervalLowered {
        name: String,
        from: String,
        to: String,
    },
    IntervalRaised {
        name: String,
        from: String,
        to: String,
    },
    ScheduleChanged {
        name: String,
        from: String,
        to: String,
    },
    LogVolumeRaised {
        name: String,
        from: String,
        to: String,
    },
    LogVolumeLowered {
        name: String,
        from: String,
        to: String,
    },
    FlagFlipped {
        name: String,
        from: String,
        to: String,
    },
    EndpointChanged {
        name: String,
        from: String,
        to: String,
    },
    RankingChanged {
        name: String,
        from: String,
        to: String,
    },
    ConfigValueChanged {
        name: String,
        from: String,
        to: String,
    },
    ConfigRemoved {
        name: String,
    },
    CallInLoopAdded,
    EagerLoadingRemoved,
    EvictionRemoved,
    CacheRemoved,
    CacheKeyChanged,
    StampedeGuardRemoved,
    UnboundedCollectionAdded,
    FieldTypeChanged,
    FieldRenamed,
    FieldRemoved,
    RequirementAdded,
    LockRemoved,
    LockAdded,
    TransactionRemoved,
    IndexOrFilterRemoved,
    IndexAdded,
    BlockingMigration,
    SlowQueryAdded,
    StreamingRemoved,
    ProbeTightened {
        name: String,
        from: String,
        to: String,
    },
    CloseRemoved,
    NotClosed,
    SpawnAdded,
    BlockingCallAdded,
    CatastrophicRegex,
    PatternChanged,
    IdempotencyRemoved,
    AckRemoved,
    AuthChanged,
    TlsChanged,
    DnsConfigChanged,
    NetworkRuleChanged,
    /// What one side may send in one packet: what is larger than the way allows is lost without a word.
    PacketSizeChanged {
        name: String,
        from: String,
        to: String,
    },
    RegistrationRemoved,
    FeatureRemoved,
    RoundingChanged,
    TimezoneChanged,
    DependencyBumped {
        name: String,
        from: String,
        to: String,
        step: Step,
    },
    Other,
}

/// Which number of a version moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    Major,
    Minor,
    Patch,
    Unknown,
}

impl ChangeKind {
    /// Families of symptoms, the likeliest first; empty when it can break nothing by itself.
    pub fn families(&self) -> &'static [&'static str] {
        families(self)
    }

    /// Name, old and new value of a setting, as written.
    pub fn setting(&self) -> Option<(&str, &str, &str)> {
        use ChangeKind::*;
        match self {
            LimitLowered { name, from, to }
            | LimitRaised { name, from, to }
            | PoolLowered { name, from, to }
            | PoolRaised { name, from, to }
            | ConcurrencyLowered { name, from, to }
            | ConcurrencyRaised { name, from, to }
            | ResourceLowered { name, from, to }
            | ResourceRaised { name, from, to }
            | TimeoutLowered { name, from, to }
            | TimeoutRaised { name, from, to }
            | RetryRaised { name, from, to }
            | RetryLowered { name, from, to }
            | BackoffLowered { name, from, to }
            | BackoffRaised { name, from, to }
            | RateLimitLowered { name, from, to }
            | RateLimitRaised { name, from, to }
            | TtlLowered { name, from, to }
            | TtlRaised { name, from, to }
            | CacheLowered { name, from, to }
            | CacheRaised { name, from, to }
            | QueueLowered { name, from, to }
            | QueueRaised { name, from, to }
            | BatchLowered { name, from, to }
            | BatchRaised { name, from, to }
            | IntervalLowered { name, from, to }
            | IntervalRaised { name, from, to }
            | ScheduleChanged { name, from, to }
            | LogVolumeRaised { name, from, to }
            | LogVolumeLowered { name, from, to }
            | FlagFlipped { name, from, to }
            | EndpointChanged { name, from, to }
            | RankingChanged { name, from, to }
            | ConfigValueChanged { name, from, to }
            | ProbeTightened { name, from, to }
            | PacketSizeChanged { name, from, to }
            | DependencyBumped { name, from, to, .. } => Some((name, from, to)),
            _ => None,
        }
    }

    /// "lowers", "raises" or "changes". A limit of none is a larger one, but nobody raises a number to zero.
    pub(super) fn verb(&self) -> &'static str {
        use ChangeKind::*;
        match self {
            CacheRaised { to, .. } | LimitRaised { to, .. } if to.trim_matches(['"', '\'', ' ']) == "0" => "sets",
            LogVolumeRaised { .. } | LogVolumeLowered { .. } => "changes",
            LimitLowered { .. }
            | PoolLowered { .. }
            | ConcurrencyLowered { .. }
            | ResourceLowered { .. }
            | TimeoutLowered { .. }
            | RetryLowered { .. }
            | BackoffLowered { .. }
            | RateLimitLowered { .. }
            | TtlLowered { .. }
            | CacheLowered { .. }
            | QueueLowered { .. }
            | BatchLowered { .. }
            | IntervalLowered { .. } => "lowers",
            LimitRaised { .. }
            | PoolRaised { .. }
            | ConcurrencyRaised { .. }
            | ResourceRaised { .. }
            | TimeoutRaised { .. }
            | RetryRaised { .. }
            | BackoffRaised { .. }
            | RateLimitRaised { .. }
            | TtlRaised { .. }
            | CacheRaised { .. }
            | QueueRaised { .. }
            | BatchRaised { .. }
            | IntervalRaised { .. } => "raises",
            _ => "changes",
        }
    }

    /// How plausible an outage by this kind of change is at all, 0 to 1.
    pub fn weight(&self) -> f64 {
        weight(self)
    }
}

fn families(kind: &ChangeKind) -> &'static [&'static str] {
    use ChangeKind::*;
    match kind {
        GuardRemoved | UncheckedAccessAdded => &["crash", "data", "http5xx"],
        BoundsGuardRemoved => &["bounds", "crash", "data", "http5xx"],
        BoundsChanged => &["bounds", "data", "crash", "loop"],
        ConditionRemoved => &["data", "crash", "schema", "auth", "http5xx"],
        ErrorHandlingRemoved => &["crash", "data", "http5xx", "queue"],
        FallbackRemoved => &["http5xx", "crash", "network", "timeout", "cache"],
        LimitLowered { .. } => &["limit", "throttle", "pool", "queue", "validation", "http5xx"],
        LimitRaised { .. } => &["memory", "cpu", "db"],
        LimitRemoved => &["memory", "disk", "db", "cpu", "timeout", "latency"],
        PoolLowered { .. } => &["pool", "timeout", "latency", "db", "queue"],
        PoolRaised { .. } => &["dbconn", "thread", "db"],
        ConcurrencyLowered { .. } => &["queue", "saturation", "latency", "timeout", "pool", "cpu"],
        ConcurrencyRaised { .. } => &["dbconn", "throttle", "cpu", "memory", "db", "race"],
        ResourceLowered { .. } => &["memory", "cpu", "saturation", "latency", "crash"],
        ResourceRaised { .. } => &["scheduling"],
        TimeoutLowered { .. } => &["timeout", "queue", "latency", "http5xx"],
        TimeoutRaised { .. } | TimeoutRemoved => &["pool", "thread", "saturation", "latency", "timeout"],
        RetryRaised { .. } | RetryAdded => &["retry", "throttle", "traffic", "saturation", "cpu", "db", "timeout"],
        RetryLowered { .. } => &["network", "timeout"],
        BackoffLowered { .. } | BackoffRemoved => &["retry", "throttle", "traffic", "saturation", "cpu", "db", "timeout"],
        RateLimitLowered { .. } => &["throttle", "queue", "latency"],
        RateLimitRaised { .. } => &["cpu", "db", "saturation"],
        TtlLowered { .. } => &["cache", "db", "traffic", "cpu", "auth", "latency", "timeout"],
        TtlRaised { .. } => &["stale", "memory", "disk"],
        CacheLowered { .. } => &["cache", "db", "cpu", "latency", "timeout"],
        CacheRaised { .. } => &["memory"],
        QueueLowered { .. } => &["queue", "throttle", "saturation", "latency"],
        QueueRaised { .. } => &["memory", "latency"],
        BatchLowered { .. } => &["queue", "traffic", "latency", "db"],
        BatchRaised { .. } => &["memory", "limit", "timeout", "db", "queue", "latency"],
        IntervalLowered { .. } => &["traffic", "throttle", "cpu", "db", "disk"],
        IntervalRaised { .. } => &["stale", "queue", "latency"],
        ScheduleChanged { .. } => &["schedule", "db", "cpu", "data", "queue"],
        LogVolumeRaised { .. } | LoggingAdded => &["disk", "logs", "cpu", "latency"],
        FlagFlipped { .. } | ConfigValueChanged { .. } | ConfigRemoved { .. } | FeatureRemoved => {
            &["registration", "notfound", "auth", "search", "schema", "data", "http5xx", "crash"]
        }
        EndpointChanged { .. } => &["network", "dns", "registration", "notfound", "tls", "auth", "timeout", "db", "search"],
        RankingChanged { .. } => &["search", "latency", "data"],
        CallInLoopAdded | EagerLoadingRemoved => &["fanout", "db", "traffic", "latency", "pool", "timeout", "cpu", "throttle"],
        EvictionRemoved => &["memory", "cache", "stale", "disk"],
        CacheRemoved | CacheKeyChanged => &["cache", "db", "traffic", "latency", "cpu", "stale", "timeout", "memory"],
        StampedeGuardRemoved => &["db", "cache", "traffic", "cpu", "latency", "timeout"],
        UnboundedCollectionAdded => &["memory", "crash", "latency", "cpu"],
        FieldTypeChanged | FieldRenamed | FieldRemoved => &["schema", "data", "queue", "crash", "validation", "http5xx"],
        RequirementAdded => &["validation", "schema", "db", "http5xx"],
        LockRemoved | TransactionRemoved => &["race", "data", "crash", "db"],
        LockAdded => &["lock", "saturation", "latency", "timeout", "thread"],
        IndexOrFilterRemoved | SlowQueryAdded => &["db", "latency", "timeout", "cpu", "pool", "memory", "data"],
        StreamingRemoved => &["memory", "latency", "timeout", "crash"],
        ProbeTightened { .. } => &["probe", "crash", "http5xx", "network"],
        BlockingMigration => &["lock", "db", "timeout", "pool", "latency"],
        CloseRemoved | NotClosed => &["pool", "thread", "memory", "dbconn", "timeout", "network"],
        SpawnAdded => &["thread", "memory", "cpu", "latency"],
        BlockingCallAdded => &["saturation", "latency", "timeout", "thread", "cpu", "queue"],
        CatastrophicRegex => &["cpu", "saturation", "latency", "timeout"],
        PatternChanged => &["validation", "notfound", "schema", "data", "search"],
        IdempotencyRemoved => &["duplicate", "data", "race", "queue"],
        AckRemoved => &["queue", "duplicate"],
        AuthChanged => &["auth", "http5xx"],
        TlsChanged => &["tls", "network"],
        DnsConfigChanged => &["dns", "network", "timeout"],
        NetworkRuleChanged => &["network", "timeout", "dns"],
        PacketSizeChanged { .. } => &["network", "timeout", "tls", "latency"],
        RegistrationRemoved => &["registration", "notfound", "crash", "queue", "dns", "http5xx"],
        RoundingChanged => &["data"],
        TimezoneChanged => &["time", "data", "schedule", "schema"],
        DependencyBumped { .. } => &["linkage", "crash", "schema", "registration", "tls", "memory", "network", "latency"],
        GuardAdded | IndexAdded | LogVolumeLowered { .. } | BackoffRaised { .. } | Other => &[],
    }
}

fn weight(kind: &ChangeKind) -> f64 {
    use ChangeKind::*;
    match kind {
        GuardRemoved
        | PoolLowered { .. }
        | CallInLoopAdded
        | EagerLoadingRemoved
        | UnboundedCollectionAdded
        | FieldTypeChanged
        | CatastrophicRegex
        | StampedeGuardRemoved
        | DnsConfigChanged
        | PacketSizeChanged { .. }
        | LogVolumeRaised { .. } => 1.0,
        BoundsGuardRemoved
        | FieldRenamed
        | FieldRemoved
        | IndexOrFilterRemoved
        | EvictionRemoved
        | LimitRemoved
        | LockRemoved
        | TtlLowered { .. }
        | TimeoutLowered { .. }
        | CloseRemoved
        | BackoffRemoved
        | RateLimitLowered { .. }
        | BlockingMigration
        | CacheRemoved
        | ResourceLowered { .. }
        | RegistrationRemoved => 0.9,
        LimitLowered { .. }
        | ConcurrencyLowered { .. }
        | IdempotencyRemoved
        | AckRemoved
        | CacheLowered { .. }
        | RetryAdded
        | TransactionRemoved
        | RequirementAdded
        | TimeoutRemoved
        | CacheKeyChanged
        | EndpointChanged { .. }
        | SpawnAdded
        | SlowQueryAdded
        | StreamingRemoved
        | ProbeTightened { .. }
        | BlockingCallAdded
        | AuthChanged
        | TlsChanged
        | NetworkRuleChanged
        | QueueLowered { .. } => 0.8,
        RetryRaised { .. }
        | BackoffLowered { .. }
        | RankingChanged { .. }
        | BoundsChanged
        | UncheckedAccessAdded
        | FallbackRemoved => 0.7,
        ConditionRemoved
        | TimezoneChanged
        | BatchRaised { .. }
        | ConcurrencyRaised { .. }
        | PatternChanged
        | IntervalLowered { .. }
        | PoolRaised { .. } => 0.6,
        TimeoutRaised { .. }
        | RoundingChanged
        | ErrorHandlingRemoved
        | LockAdded
        | FeatureRemoved
        | FlagFlipped { .. }
        | QueueRaised { .. }
        | CacheRaised { .. }
        | ScheduleChanged { .. }
        | TtlRaised { .. }
        | RateLimitRaised { .. }
        | NotClosed
        | BatchLowered { .. }
        | ConfigRemoved { .. } => 0.5,
        LoggingAdded
        | ConfigValueChanged { .. }
        | LimitRaised { .. }
        | IntervalRaised { .. }
        | RetryLowered { .. }
        | ResourceRaised { .. } => 0.4,
        DependencyBumped { step, .. } => match step {
            Step::Major => 0.75,
            Step::Minor => 0.45,
            Step::Unknown => 0.3,
            Step::Patch => 0.2,
        },
        GuardAdded | IndexAdded | LogVolumeLowered { .. } | BackoffRaised { .. } | Other => 0.0,
    }
}
