//! What of a frame is the same in every build, and which frames are the application's own.
//!
//! Must never depend on line numbers or addresses. Misled by applications that live under a vendor's package name.

use super::Language;

/// A name without generics, counters of lambdas and closures, addresses and hashes.
pub(super) fn stable(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    let mut depth = 0usize;
    for c in name.chars() {
        match c {
            '<' | '[' => depth += 1,
            '>' | ']' => depth = depth.saturating_sub(1),
            _ if depth > 0 => {}
            // Lambda$14, $1, func1, closure#2: the digits count occurrences in the source.
            c if c.is_ascii_digit() => {}
            c => out.push(c),
        }
    }
    // Rust: `path::function::h0123456789abcdef`, digits are gone by now.
    match out.rsplit_once("::h") {
        Some((head, tail)) if name.rsplit("::").next().is_some_and(|l| l.len() == 17) && tail.len() < 17 => head.to_string(),
        _ => out,
    }
}

/// A message with each run of digits (and hexadecimal after `0x`) as one `#`, cut to 200 characters.
pub(super) fn without_numbers(text: &str) -> String {
    let mut out = String::new();
    let mut in_number = false;
    for c in text.chars().take(200) {
        let number = c.is_ascii_digit() || in_number && (c.is_ascii_hexdigit() || c == 'x');
        if !number {
            out.push(c);
        } else if !in_number {
            out.push('#');
        }
        in_number = number;
    }
    out
}

/// Whether a frame is the application's own code.
pub(super) fn in_app(language: Language, module: &str, function: &str, file: &str) -> bool {
    // Nearly all are told by their first letter.
    let first = module.as_bytes().first();
    let starts = |list: &[&str]| list.iter().any(|p| p.as_bytes().first() == first && module.starts_with(p));
    let file_has = |list: &[&str]| list.iter().any(|p| file.contains(p));
    match language {
        Language::Go => {
            let path = module.split('/').next().unwrap_or("");
            // Packages of the standard library have no dot in their first path element; `main` is the application.
            let standard =
                !path.is_empty() && (file_has(&["/usr/local/go/", "/go/src/runtime", "/libexec/src/"]) || starts(GO_STD));
            let vendored = starts(GO_VENDOR) || file_has(&["/vendor/", "/pkg/mod/"]);
            let raised = module.is_empty() && function == "panic";
            !(standard || vendored || raised)
        }
        Language::Java => !starts(JAVA_VENDOR),
        Language::Python => {
            !file_has(&["site-packages", "dist-packages", "/lib/python", "\\lib\\", "<frozen", "<string>", "/usr/lib/"])
        }
        Language::Rust => {
            !file_has(&["/rustc/", ".cargo/registry", "/cargo/registry", "/library/std", "/library/core"])
                && ![
                    "std::",
                    "core::",
                    "alloc::",
                    "rust_begin_unwind",
                    "__rust",
                    "tokio::",
                    "hyper::",
                    "futures",
                    "_start",
                    "main::h",
                ]
                .iter()
                .any(|p| format!("{module}::{function}").trim_start_matches([':', '<']).starts_with(p))
                && !["__libc_start_main", "_start", "rust_begin_unwind", "start_thread", "clone"].contains(&function)
        }
        Language::Node => {
            !file_has(&["node_modules", "node:", "internal/", "<anonymous>"]) && !file.is_empty() && file != "native"
        }
        Language::Dotnet => {
            !starts(&["System.", "Microsoft.", "Npgsql", "Newtonsoft.", "StackExchange.", "lambda_method", "Grpc.", "MySql."])
        }
        Language::Ruby => !file_has(&["/gems/", "/ruby/", "<internal:", "/bundle/"]),
        Language::Php => !file_has(&["/vendor/", "[internal function]"]),
        Language::Elixir => {
            !starts(&[":", "Elixir.Enum", "Enum", "GenServer", "Phoenix.", "Plug.", "Ecto.", "DBConnection", "Task.", "Process"])
        }
    }
}

const GO_STD: &[&str] = &[
    "runtime",
    "net/",
    "net.",
    "sync",
    "syscall",
    "internal/",
    "encoding/",
    "reflect",
    "io.",
    "os.",
    "bufio",
    "bytes",
    "context.",
    "crypto/",
    "database/sql",
    "fmt",
    "strings",
    "strconv",
    "time.",
    "testing",
    "html/",
    "text/",
    "sort.",
    "errors.",
    "log.",
    "regexp",
];

const GO_VENDOR: &[&str] = &[
    "google.golang.org/",
    "golang.org/x/",
    "github.com/gin-gonic/",
    "github.com/gorilla/",
    "github.com/labstack/",
    "github.com/go-chi/",
    "github.com/lib/pq",
    "github.com/jackc/",
    "github.com/redis/",
    "github.com/go-redis/",
    "github.com/sirupsen/",
    "go.uber.org/",
    "go.opentelemetry.io/",
    "gorm.io/",
    "k8s.io/",
    "sigs.k8s.io/",
    "github.com/grpc-ecosystem/",
    "github.com/prometheus/",
    "github.com/aws/",
];

const JAVA_VENDOR: &[&str] = &[
    "java.",
    "javax.",
    "jakarta.",
    "jdk.",
    "sun.",
    "com.sun.",
    "kotlin.",
    "kotlinx.",
    "scala.",
    "akka.",
    "groovy.",
    "org.springframework",
    "org.apache.",
    "org.hibernate",
    "org.eclipse.",
    "org.jboss",
    "org.postgresql",
    "org.mariadb",
    "org.mongodb",
    "com.mongodb",
    "com.mysql",
    "com.zaxxer.",
    "com.fasterxml.",
    "com.google.",
    "io.netty",
    "io.grpc",
    "io.undertow",
    "io.vertx",
    "io.micrometer",
    "io.quarkus",
    "reactor.",
    "rx.",
    "io.reactivex",
    "okhttp3.",
    "okio.",
    "feign.",
    "redis.clients",
    "io.lettuce",
    "ch.qos.logback",
    "org.slf4j",
    "oracle.",
    "android.",
    "com.android.",
    "androidx.",
    "dalvik.",
    "org.codehaus",
    "org.aspectj",
    "net.sf.",
    "com.netflix.",
    "io.github.resilience4j",
];
