//! The specification of the readings: one small diff per mechanism in some language, what was seen, and the opposite diff
//! as a look-alike that must not be blamed.

use super::tests::commit;
use super::{Symptom, read, score};

struct Case {
    path: &'static str,
    /// The breaking diff; turned round, it is the look-alike.
    patch: &'static str,
    seen: &'static str,
}

const fn case(path: &'static str, patch: &'static str, seen: &'static str) -> Case {
    Case { path, patch, seen }
}

/// Blamed for what was seen, and not blamed when turned round.
const ONE_WAY: &[Case] = &[
    case(
        "src/Pay.java",
        "-    if (card.getIssuer() != null) {\n-      r.setIssuer(card.getIssuer().getName());\n-    }\n+    r.setIssuer(card.getIssuer().getName());\n",
        "java.lang.NullPointerException: Cannot invoke \"Issuer.getName()\"",
    ),
    case(
        "src/cart.ts",
        "-  const city = user.address?.city;\n+  const city = user.address.city;\n",
        "TypeError: Cannot read properties of undefined (reading 'city')",
    ),
    case("app/cart.py", "-    rate = rates.get(country, 0)\n+    rate = rates[country]\n", "KeyError: 'XK'"),
    case(
        "src/cart.rs",
        "-    let c = map.get(&id).cloned().unwrap_or_default();\n+    let c = map.get(&id).cloned().unwrap();\n",
        "panicked at called `Option::unwrap()` on a `None` value",
    ),
    case("src/Cart.kt", "-    val n = order.customer?.name\n+    val n = order.customer!!.name\n", "kotlin NullPointerException"),
    case(
        "app/user.rb",
        "-    return unless user.nil? || user.plan\n+    user.plan.upgrade\n",
        "NoMethodError undefined method `upgrade' for nil: unhandled exception crash",
    ),
    case(
        "pkg/q.go",
        "-\tif len(rows) == 0 {\n-\t\treturn nil\n-\t}\n \treturn rows[0]\n",
        "panic: runtime error: index out of range [0] with length 0",
    ),
    case(
        "db/pool.go",
        "-\tdb.SetMaxOpenConns(100)\n+\tdb.SetMaxOpenConns(10)\n",
        "pq: timed out waiting for connection from pool",
    ),
    case(
        "config/database.yml",
        "-  pool: 25\n+  pool: 5\n",
        "ActiveRecord::ConnectionTimeoutError could not obtain a connection from the pool",
    ),
    case(
        "app/db.py",
        "-engine = create_engine(URL, pool_size=20, max_overflow=10)\n+engine = create_engine(URL, pool_size=2, max_overflow=10)\n",
        "QueuePool limit of size 2 overflow 10 reached, connection timed out",
    ),
    case(
        "config/client.go",
        "-\tctx, cancel := context.WithTimeout(ctx, 5*time.Second)\n+\tctx, cancel := context.WithTimeout(ctx, 50*time.Millisecond)\n",
        "context deadline exceeded calling inventory",
    ),
    case(
        "application.properties",
        "-feign.client.config.default.readTimeout=5000\n+feign.client.config.default.readTimeout=200\n",
        "feign.RetryableException: Read timed out",
    ),
    case("limits.tf", "-  burst_limit = 2000\n+  burst_limit = 20\n", "429 Too Many Requests rate limit exceeded"),
    case(
        "quotas/shop.yaml",
        "   hard:\n     requests.cpu: \"12\"\n-    limits.cpu: \"40\"\n+    limits.cpu: \"16\"\n",
        "pods \"cart-5d\" is forbidden: exceeded quota: shop-quota",
    ),
    case(
        "gateway/limit.go",
        "-\tlimiter = rate.NewLimiter(500, 50)\n+\tlimiter = rate.NewLimiter(50, 50)\n",
        "HTTP 429 too many requests",
    ),
    case("gateway/limit.go", "-\trateLimit: 500,\n+\trateLimit: 50,\n", "HTTP 429 too many requests"),
    case(
        "deploy/api.yaml",
        "         resources:\n           limits:\n-            memory: 1Gi\n+            memory: 256Mi\n",
        "OOMKilled: the container went over its limit of memory",
    ),
    case(
        "deploy/run.sh",
        "-JAVA_OPTS=\"-Xmx4g -XX:+UseG1GC\"\n+JAVA_OPTS=\"-Xmx512m -XX:+UseG1GC\"\n",
        "java.lang.OutOfMemoryError: Java heap space",
    ),
    case("deploy/worker.yaml", "-  replicas: 12\n+  replicas: 2\n", "consumer lag rises; queue backlog grows"),
    case("worker/celery.py", "-worker_concurrency = 16\n+worker_concurrency = 1\n", "queue backlog rises: 40000 pending jobs"),
    case("cache/client.py", "-CACHE_TTL = 3600\n+CACHE_TTL = 5\n", "cache_hit_ratio falls"),
    case("cache/local.go", "-\tc := lru.New(10000)\n+\tc := map[string]Item{}\n", "container memory rises, OOMKilled"),
    case("cache/conf.ts", "-  max_entries: 50000,\n+  max_entries: 50,\n", "cache miss ratio rises"),
    case("retry/policy.ts", "-  retries: 1,\n+  retries: 10,\n", "retry attempts rise, upstream saturated"),
    case("retry/loop.py", "-        time.sleep(backoff * 2 ** attempt)\n", "retry storm: retries rise"),
    case("agent/config.yaml", "-  log_level: warn\n+  log_level: debug\n", "no space left on device"),
    case(
        "order/repo.py",
        "-    qs = Order.objects.select_related('customer').filter(day=d)\n+    qs = Order.objects.filter(day=d)\n",
        "db_query_count_per_request rises",
    ),
    case(
        "repo/q.go",
        "-\trows, err := db.Query(\"SELECT id FROM orders WHERE tenant_id = $1 AND day = $2\", t, d)\n+\trows, err := db.Query(\"SELECT id FROM orders WHERE day = $1\", d)\n",
        "slow query on orders: seq scan",
    ),
    case(
        "repo/q.sql",
        "-SELECT * FROM orders ORDER BY id LIMIT 100\n+SELECT * FROM orders ORDER BY id\n",
        "statement timeout: slow query SELECT * FROM orders",
    ),
    case("store/map.go", "-\tm.mu.Lock()\n-\tdefer m.mu.Unlock()\n \tm.data[k] = v\n", "fatal error: concurrent map writes"),
    case("http/get.go", " \tresp, err := c.Get(u)\n-\tdefer resp.Body.Close()\n", "too many open files; goroutine count rises"),
    case(
        "http/get.py",
        "-    with engine.connect() as conn:\n-        return conn.execute(q)\n+    conn = engine.connect()\n+    return conn.execute(q)\n",
        "connection pool exhausted: connections in use rises",
    ),
    case("pay/charge.ts", "-  if (await alreadyProcessed(key)) return;\n", "duplicate charge for order: charged twice"),
    case("api/auth.go", "-\treq.Header.Set(\"Authorization\", \"Bearer \"+tok)\n", "401 Unauthorized from inventory"),
    case(
        "grpc/main.go",
        "-\tpb.RegisterPricingServer(s, pricing)\n",
        "rpc error: code = Unimplemented desc = unknown service pricing",
    ),
    case("main.go", "-\t_ \"github.com/lib/pq\"\n", "sql: unknown driver \"postgres\" (forgotten import?)"),
    case("urls.py", "-    path('cart/', cart_view),\n-    app.include_router(cart_router)\n", "404 not found /cart"),
    case(
        "api/cors.ts",
        "-const allowed = ['https://shop.example', 'https://m.shop.example'];\n-app.use(authenticate(allowed));\n",
        "403 forbidden for https://m.shop.example",
    ),
    case(
        "k8s/api.yaml",
        "         readinessProbe:\n-          timeoutSeconds: 5\n+          timeoutSeconds: 1\n",
        "Readiness probe failed: context deadline exceeded; pod unhealthy",
    ),
    case(
        "export/read.py",
        "-    for row in cursor:\n-        yield row\n+    rows = cursor.fetchall()\n",
        "OOMKilled; memory rises",
    ),
    case("queue/consumer.go", "-\t\tmsg.Ack()\n-\t\tmsg.ack(false)\n", "queue redelivered messages, unacked rises"),
    case("svc/batch.yaml", "-  batchSize: 50\n+  batchSize: 50000\n", "payload too large: message size exceeds limit"),
    case(
        "cmd/main.go",
        "-\tslog.SetLogLoggerLevel(slog.LevelInfo)\n+\tslog.SetLogLoggerLevel(slog.LevelDebug)\n",
        "no space left on device",
    ),
    case(
        "cmd/main.go",
        "-\th := slog.NewJSONHandler(os.Stdout, &slog.HandlerOptions{Level: slog.LevelInfo})\n+\th := slog.NewJSONHandler(os.Stdout, &slog.HandlerOptions{Level: slog.LevelDebug})\n",
        "no space left on device",
    ),
    case(
        "src/Program.cs",
        "-builder.Logging.SetMinimumLevel(LogLevel.Information);\n+builder.Logging.SetMinimumLevel(LogLevel.Debug);\n",
        "No space left on device",
    ),
    case(
        "src/appsettings.json",
        "   \"LogLevel\": {\n-      \"Default\": \"Information\",\n+      \"Default\": \"Trace\",\n",
        "disk usage 100%: no space left on device",
    ),
    case(
        "src/server.ts",
        "-const app = fastify({ logger: { level: 'info' } });\n+const app = fastify({ logger: { level: 'debug' } });\n",
        "ENOSPC: no space left on device, write",
    ),
    case("deploy/env.yaml", "-  RUST_LOG: info\n+  RUST_LOG: debug\n", "no space left on device (os error 28)"),
    case("deploy/run.sh", "-export RUST_LOG=warn,shop=info\n+export RUST_LOG=trace\n", "no space left on device (os error 28)"),
    case(
        "app/main.py",
        "-logging.basicConfig(level=logging.INFO)\n+logging.basicConfig(level=logging.DEBUG)\n",
        "OSError: [Errno 28] No space left on device",
    ),
    case(
        "config/production.rb",
        "-  config.log_level = :info\n+  config.log_level = :debug\n",
        "No space left on device @ rb_sysopen",
    ),
    case("config/prod.exs", "-config :logger, level: :info\n+config :logger, level: :debug\n", "no space left on device"),
    case(
        "src/logback.xml",
        "-  <root level=\"INFO\">\n+  <root level=\"DEBUG\">\n",
        "java.io.IOException: No space left on device",
    ),
    case(
        "config/logging.php",
        "-            'level' => env('LOG_LEVEL', 'warning'),\n+            'level' => env('LOG_LEVEL', 'debug'),\n",
        "failed to write: No space left on device",
    ),
    case(
        "deploy/otel.yaml",
        "-  trace_sample_ratio: 0.1\n+  trace_sample_ratio: 1.0\n",
        "disk usage rises; no space left on device",
    ),
    case("loki/values.yaml", "-  log_retention_days: 7\n+  log_retention_days: 90\n", "no space left on device"),
    case(
        "src/PricingClient.cs",
        "-        client.Timeout = TimeSpan.FromSeconds(5);\n+        client.Timeout = TimeSpan.FromMilliseconds(500);\n",
        "TaskCanceledException: The request was canceled due to the configured HttpClient.Timeout of 0.5 seconds elapsing",
    ),
    case(
        "src/Startup.cs",
        "-    services.AddHttpClient<Quotes>(c => c.Timeout = TimeSpan.FromSeconds(10));\n+    services.AddHttpClient<Quotes>(c => c.Timeout = TimeSpan.FromMilliseconds(300));\n",
        "the configured HttpClient.Timeout of 0.3 seconds elapsing",
    ),
    case("redis/redis.conf", "-maxmemory 4gb\n+maxmemory 256mb\n", "OOM command not allowed when used memory > 'maxmemory'"),
    case(
        "redis/redis.conf",
        "-maxmemory-policy allkeys-lru\n+maxmemory-policy noeviction\n",
        "OOM command not allowed when used memory > 'maxmemory'",
    ),
    case(
        "charts/cache/values.yaml",
        "   extraFlags:\n-    - --maxmemory-policy allkeys-lru\n+    - --maxmemory-policy noeviction\n",
        "OOM command not allowed when used memory > 'maxmemory'",
    ),
];

/// Blamed for what was seen; the opposite has no meaning.
const NO_OPPOSITE: &[Case] = &[
    case(
        "cache/key.go",
        " // cached by item\n-\tkey := fmt.Sprintf(\"item:%s\", id)\n+\tkey := fmt.Sprintf(\"item:%s:%d\", id, now.UnixNano())\n \tcache.Set(key, v)\n",
        "cache_hit_ratio falls",
    ),
    case(
        "pom.xml",
        "-    <jackson.version>2.15.0</jackson.version>\n+    <jackson.version>3.0.0</jackson.version>\n",
        "java.lang.NoSuchMethodError: com.fasterxml.jackson.databind.ObjectMapper",
    ),
    case(
        "package.json",
        "-    \"ioredis\": \"^4.28.0\",\n+    \"ioredis\": \"^5.3.0\",\n",
        "TypeError: redis.setnxAsync is not a function at ioredis",
    ),
    case(
        "k8s/service.yaml",
        "   selector:\n-    app: checkout\n+    app: checkout-v2\n",
        "no healthy upstream: checkout has no endpoints",
    ),
    case(
        "api/headers.go",
        "-\ttenant := r.Header.Get(\"X-Tenant-Id\")\n+\ttenant := r.Header.Get(\"X-Org-Id\")\n",
        "missing required field X-Tenant-Id",
    ),
    case("auth/jwt.go", "-\tAudience: \"orders\",\n+\tAudience: \"orders-v2\",\n", "401 unauthorized: invalid token audience"),
    case("search/query.ts", "-    operator: 'or',\n+    operator: 'and',\n", "search zero results rises for operator queries"),
    case("db/migrate/2.sql", "+ALTER TABLE orders ALTER COLUMN note TYPE text;\n", "lock wait timeout exceeded on orders"),
    case(
        "worker/run.go",
        "+\tfor _, j := range jobs {\n+\t\tgo process(j)\n+\t}\n",
        "goroutine count rises; cannot create native thread",
    ),
    case("srv/app.py", " async def handle(req):\n+    r = requests.get(URL)\n", "event loop blocked, latency rises"),
    case(
        "stock/update.sql",
        "-UPDATE stock SET qty = :q WHERE id = :id AND version = :v\n+UPDATE stock SET qty = :q WHERE id = :id\n",
        "oversold: lost update on stock",
    ),
    case(
        "mem/state.cs",
        "+    private static readonly Dictionary<string, Session> Sessions = new();\n+        Sessions.Add(id, session);\n",
        "OutOfMemoryException: heap rises",
    ),
    case(
        "mem/state.php",
        "+    private static $seen = [];\n+        self::$seen[$id] = $row;\n",
        "Allowed memory size exhausted",
    ),
    case(
        "nginx.conf",
        "-    proxy_read_timeout 60s;\n+    proxy_read_timeout 1s;\n",
        "upstream timed out while reading response header",
    ),
    case(
        "kafka/consumer.properties",
        "-max.poll.interval.ms=300000\n+max.poll.interval.ms=3000\n",
        "consumer lag rises, group rebalancing",
    ),
    case(
        "users/find.py",
        "-    users = User.objects.filter(id__in=ids)\n+    users = [User.objects.get(id=i) for i in ids]\n",
        "db queries per request rises",
    ),
    case(
        "db/migrate/3.sql",
        "+ALTER TABLE orders ADD COLUMN state text NOT NULL DEFAULT 'new';\n",
        "canceling statement due to lock timeout on orders",
    ),
    case(
        "db/migrate/4.sql",
        "+ALTER TABLE orders ADD CONSTRAINT fk_c FOREIGN KEY (c) REFERENCES c (id);\n",
        "lock wait timeout exceeded; orders",
    ),
    case("db/migrate/5.sql", "+UPDATE orders\n+   SET state = 'new';\n", "lock wait timeout exceeded; orders blocked"),
    case(
        "db/migrate/6_index.rb",
        " class AddIdx < ActiveRecord::Migration[7.0]\n+    add_index :orders, :customer_id\n",
        "statement timeout: slow query on orders, lock wait",
    ),
    case(
        "db/migrate/7_state.rb",
        "+    add_column :orders, :state, :string, default: 'new', null: false\n",
        "ActiveRecord::LockWaitTimeout on orders",
    ),
    case("db/migrate/8_fill.rb", "+    Order.update_all(state: 'new')\n", "lock wait timeout exceeded; orders"),
    case(
        "alembic/versions/9_i.py",
        "+    op.create_index('ix_orders_c', 'orders', ['c'])\n",
        "canceling statement due to lock timeout: orders",
    ),
    case(
        "migrations/0004_x.py",
        "+        migrations.AddField('order', 'state', models.CharField(default='new')),\n",
        "lock timeout: waiting for lock on orders",
    ),
    case(
        "app/views/list.rb",
        "+    orders.each do |order|\n+      rows << order.customer.name\n",
        "480 queries in OrdersController#index, quer_per_request n+1",
    ),
    case(
        "app/List.php",
        "+        foreach ($orders as $order) {\n+            $names[] = $order->customer->name;\n",
        "db queries per request rises",
    ),
    case(
        "app/List.php",
        "+        foreach ($ids as $id) {\n+            $rows[] = Customer::find($id);\n",
        "db queries per request rises",
    ),
    case(
        "app/List.php",
        "+        foreach ($ids as $id) {\n+            $rows[] = $this->customers->find($id);\n",
        "db queries per request rises",
    ),
];

/// Blamed either way round.
const BOTH_WAYS: &[Case] = &[
    case(
        "cni/flannel.yaml",
        "-  iface_mtu: \"1400\"\n+  iface_mtu: \"1500\"\n",
        "dial tcp 192.0.2.9:443: net/http: TLS handshake timeout",
    ),
    case("wireguard/wg0.conf", "-MTU = 1380\n+MTU = 1500\n", "net/http: TLS handshake timeout"),
    case("match/re.js", "-const re = /^\\w+$/;\n+const re = /^(\\w+\\s?)+$/;\n", "event loop lag rises, cpu saturated"),
    case(
        "orders/event.go",
        " type E struct {\n-\tAmount int64 `json:\"amount\"`\n+\tAmount string `json:\"amount\"`\n",
        "json: cannot unmarshal string into Go struct field amount of type int64",
    ),
    case(
        "orders/event.py",
        " class OrderEvent(BaseModel):\n-    customer_id: str\n+    client_id: str\n",
        "missing required field customer_id",
    ),
    case(
        "net/config.yaml",
        "-  inventory_url: http://inventory:8080\n+  inventory_url: http://inventory-v2:8080\n",
        "lookup inventory-v2: no such host",
    ),
    case(
        "search/mapping.json",
        "-  \"title_boost\": 3.0,\n+  \"title_boost\": 0.1,\n",
        "search click-through falls, irrelevant title results",
    ),
    case("order/range.go", "-\tfor i := 0; i < len(xs); i++ {\n+\tfor i := 0; i <= len(xs); i++ {\n", "index out of range"),
    case(
        "time/fmt.py",
        "-    return dt.astimezone(timezone.utc)\n+    return dt.astimezone()\n",
        "timestamp in the future; wrong timezone",
    ),
];

fn value(path: &str, patch: &str, seen: &str) -> (f64, String) {
    let c = commit(path, patch);
    let reading = read(&c);
    let symptom = Symptom { text: seen.into(), weight: 1.0, ..Symptom::default() };
    let m = score(&reading, &c, &[symptom], &[]);
    (
        m.value,
        format!("{:?} {:?}", m.reasons, reading.changes.iter().map(|c| format!("{:?}: {}", c.kind, c.says)).collect::<Vec<_>>()),
    )
}

fn turned(patch: &str) -> String {
    let (minus, plus): (Vec<&str>, Vec<&str>) = (pick(patch, '+'), pick(patch, '-'));
    let context = pick(patch, ' ');
    let side = |sign: &str, lines: Vec<&str>| lines.iter().map(|l| format!("{sign}{}\n", &l[1..])).collect::<String>();
    side(" ", context) + &side("-", minus) + &side("+", plus)
}

fn pick(patch: &str, sign: char) -> Vec<&str> {
    patch.lines().filter(|l| l.starts_with(sign)).collect()
}

#[test]
fn each_mechanism_is_blamed_for_what_it_does() {
    let mut wrong = Vec::new();
    for c in ONE_WAY.iter().chain(BOTH_WAYS).chain(NO_OPPOSITE) {
        let (v, why) = value(c.path, c.patch, c.seen);
        if v < 4.0 {
            wrong.push(format!("{v:.2} {} for {}\n    {why}", c.patch, c.seen));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_opposite_is_not_blamed() {
    let mut wrong = Vec::new();
    for c in ONE_WAY {
        let (v, why) = value(c.path, &turned(c.patch), c.seen);
        if v >= 3.0 {
            wrong.push(format!("{v:.2} {} for {}\n    {why}", turned(c.patch), c.seen));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
