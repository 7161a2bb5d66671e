//! What the invented services say. Words in braces are values, which [`super::entries`] fills in. Must never hold a
//! line of a real log. It misleads where real messages name people and things in words: here values are numbers, ids
//! and addresses.

pub const SERVICES: [&str; 20] = [
    "web",
    "box-office",
    "seating",
    "tickets",
    "basket",
    "prices",
    "vouchers",
    "billing",
    "refunds",
    "mailer",
    "printing",
    "venues",
    "calendar",
    "search",
    "accounts",
    "sessions",
    "loyalty",
    "images",
    "reports",
    "turnstile",
];

pub const DEBUG: [&str; 10] = [
    "cache hit for show:{n}:plan",
    "cache miss for show:{n}:plan, reading from {table}",
    "statement on {table} returned {n} rows in {ms} ms",
    "took connection {small} of pool {table}",
    "gave connection {small} back to pool {table}",
    "span {hex} belongs to {hex}",
    "decoded {n} bytes from {topic}",
    "rule set {small} applied to basket {id}",
    "token of session {id} is valid for {small} more minutes",
    "etag \"{hex}\" matches, body left out",
];

pub const INFO: [&str; 26] = [
    "request {path} answered with 200 in {ms} ms",
    "seats {small} to {small} of show {n} held for basket {id}",
    "hold {id} released after {ms} ms",
    "order {n} created with {small} tickets",
    "order {n} paid, {n} cents, method card",
    "ticket {id} issued",
    "sent confirmation of order {n} in {ms} ms",
    "consumed offset {n} of {topic} partition {small}",
    "published to {topic} partition {small} in {ms} ms",
    "session {id} opened from {ip}",
    "session {id} closed after {small} requests",
    "price of show {n} is {n} cents, rule {small}",
    "voucher {hex} accepted for order {n}",
    "search found {n} shows in {ms} ms",
    "rendered seat map of venue {small} in {ms} ms",
    "printed {small} tickets on printer {small}",
    "gate {small} let ticket {id} in",
    "refund of order {n} booked under {id}",
    "calendar of venue {small} synchronised, {n} entries",
    "points of account {n} are now {n}",
    "report {small} finished with {n} rows in {ms} ms",
    "image {hex}.webp resized to 640x480 in {ms} ms",
    "health check answered in {ms} ms",
    "reloaded settings, revision {hex}",
    "retention removed {n} rows from {table}",
    "connected to {ip}:{port}",
];

pub const WARN: [&str; 11] = [
    "statement on {table} took {ms} ms, more than 500 ms",
    "call to {service} took {ms} ms, attempt {small} of 4",
    "answer of {service} was late by {ms} ms",
    "queue {topic} holds {n} messages, more than 400",
    "client {ip} sent {n} requests in a minute, slowed down",
    "heap is at {small}% after collection",
    "hold {id} ran out before payment",
    "voucher {hex} was used before",
    "certificate of {service} ends in {small} days",
    "lag of {topic} is {n}",
    "printer {small} is low on paper",
];

pub const ERROR: [&str; 9] = [
    "payment of order {n} refused by acquirer: code {small}",
    "connect to {ip}:{port} failed: connection refused",
    "reading from {service} failed: connection reset by peer",
    "message at offset {n} of {topic} is not readable: unexpected end",
    "insert into {table} failed: duplicate key {n}",
    "ticket {id} cannot be rendered: template {small} is missing",
    "mail to account {n} bounced: mailbox unavailable",
    "login of account {n} from {ip} failed: wrong password",
    "deadline exceeded while waiting for {service} after {ms} ms",
];

/// What is said during the incident, and by whom.
pub const INCIDENT: [(&str, &str); 5] = [
    ("seating", "no free connection in pool seatmap after {ms} ms (size 40, in use 40, waiting {n})"),
    ("seating", "pool seatmap is exhausted, hold for basket {id} refused"),
    ("seating", "request {path} failed with 503 after {ms} ms: pool exhausted"),
    ("box-office", "seating answered 503 for basket {id} after {ms} ms"),
    ("box-office", "circuit to seating opened after {small} failures"),
];

pub const TABLES: [&str; 8] = ["seatmap", "orders", "holds", "tickets", "shows", "accounts", "ledger", "audit"];

pub const TOPICS: [&str; 6] = ["orders.paid", "seats.held", "seats.released", "mail.outgoing", "prices.changed", "gates.passed"];

pub const PATHS: [&str; 12] = [
    "/shows/{n}",
    "/shows/{n}/seats",
    "/shows/{n}/seats/hold",
    "/basket/{id}",
    "/basket/{id}/pay",
    "/orders/{n}",
    "/orders/{n}/tickets",
    "/search?q={n}&page={small}",
    "/account",
    "/static/app.{hex}.js",
    "/images/{hex}.webp",
    "/health",
];

pub const BROWSERS: [&str; 6] = [
    "Mozilla/5.0 (X11; Linux x86_64; rv:137.0) Gecko/20100101 Firefox/137.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/135.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.4 Safari/605.1.15",
    "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/135.0.0.0 Mobile Safari/537.36",
    "okhttp/4.12.0",
    "kube-probe/1.33",
];

pub const EXCEPTIONS: [&str; 4] = [
    "org.stagehand.pool.PoolExhausted: no free connection after {ms} ms",
    "java.net.SocketTimeoutException: Read timed out",
    "java.lang.IllegalStateException: basket {n} is closed",
    "java.io.UncheckedIOException: template {small} cannot be read",
];

pub const FRAMES: [&str; 12] = [
    "org.stagehand.seating.SeatMap.hold(SeatMap.java:118)",
    "org.stagehand.seating.HoldService.hold(HoldService.java:64)",
    "org.stagehand.orders.Checkout.place(Checkout.java:203)",
    "org.stagehand.orders.Checkout.lambda$submit$0(Checkout.java:171)",
    "org.stagehand.http.Router.dispatch(Router.java:92)",
    "org.stagehand.http.Filter.next(Filter.java:41)",
    "org.stagehand.http.Tracing.around(Tracing.java:57)",
    "org.stagehand.pool.Pool.take(Pool.java:233)",
    "java.base/java.util.concurrent.FutureTask.run(FutureTask.java:317)",
    "java.base/java.util.concurrent.ThreadPoolExecutor.runWorker(ThreadPoolExecutor.java:1144)",
    "java.base/java.util.concurrent.ThreadPoolExecutor$Worker.run(ThreadPoolExecutor.java:642)",
    "java.base/java.lang.Thread.run(Thread.java:1583)",
];
