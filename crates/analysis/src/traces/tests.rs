//! One trace of each runtime, as it stands in logs.

use super::*;

/// Language, exception, message, innermost own frame as module|function|line.
#[track_caller]
fn check(text: &str, language: Language, exception: &str, message: &str, own: &str) -> Trace {
    let trace = read(text).unwrap_or_else(|| panic!("no trace in {text}"));
    let top = trace.top_in_app().map(|f| format!("{}|{}|{}", f.module, f.function, f.line.unwrap_or(0))).unwrap_or_default();
    assert_eq!(
        (trace.language, trace.exception.as_str(), trace.message.as_str(), top.as_str()),
        (language, exception, message, own)
    );
    trace
}

const GO: &str = "panic: runtime error: invalid memory address or nil pointer dereference
[signal SIGSEGV: segmentation violation code=0x1 addr=0x18 pc=0x8a41c7]

goroutine 42 [running]:
panic({0x9a2f40?, 0x1?})
\t/usr/local/go/src/runtime/panic.go:914 +0x21f
github.com/shop/checkout/payment.(*Service).Process(0x0, {0xc0001, 0x2})
\t/src/payment/service.go:142 +0x47
net/http.HandlerFunc.ServeHTTP(0x1, {0x2, 0x3}, 0x4)
\t/usr/local/go/src/net/http/server.go:2136 +0x29
created by net/http.(*Server).Serve in goroutine 1
\t/usr/local/go/src/net/http/server.go:3086 +0x5cb
exit status 2";

#[test]
fn go() {
    let own = "github.com/shop/checkout/payment.(*Service)|Process|142";
    let message = "runtime error: invalid memory address or nil pointer dereference";
    check(GO, Language::Go, "panic", message, own);
    check(&format!("2024-02-07T09:00:00Z [FATAL] pod-1 {GO}"), Language::Go, "panic", message, own);
    check("panic: boom", Language::Go, "panic", "boom", "");
}

#[test]
fn java_takes_the_last_cause() {
    let text = "2025-06-11 ERROR o.a.c.Servlet : failed
org.springframework.web.util.NestedServletException: Request processing failed
\tat org.springframework.web.servlet.FrameworkServlet.processRequest(FrameworkServlet.java:1014)
\tat com.shop.web.OrderController.get(OrderController.java:51)
\t... 23 more
Caused by: com.shop.OrderException: no order
\tat com.shop.Orders.lambda$find$3(Orders.java:77)
\tat java.base/java.util.ArrayList.forEach(ArrayList.java:1511)
Caused by: java.net.SocketTimeoutException: Read timed out
\tat java.base/sun.nio.ch.NioSocketImpl.timedRead(NioSocketImpl.java:288)
\tat com.shop.client.Http.get(Http.kt:12)
\t... 40 more";
    let trace = check(text, Language::Java, "java.net.SocketTimeoutException", "Read timed out", "com.shop.client.Http|get|12");
    assert_eq!(trace.causes, ["org.springframework.web.util.NestedServletException", "com.shop.OrderException"]);
}

#[test]
fn python_reads_from_the_innermost_and_takes_the_first_written_as_root() {
    let text = "Traceback (most recent call last):
  File \"/app/settlement/consumer.py\", line 88, in run
    handle(message)
  File \"/app/settlement/parse.py\", line 12, in amount
    return int(payload[\"amount\"])
           ^^^^^^^^^^^^^^^^^^^^^^
TypeError: int() argument must be a string, not 'dict'

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File \"/usr/lib/python3.11/site-packages/kafka/consumer.py\", line 5, in poll
    x()
app.errors.Fatal: giving up";
    let trace = check(text, Language::Python, "TypeError", "int() argument must be a string, not 'dict'", "parse|amount|12");
    assert_eq!(trace.causes, ["app.errors.Fatal"]);
}

#[test]
fn rust() {
    let text = "thread 'tokio-runtime-worker' panicked at src/table.rs:212:31:
index out of bounds: the len is 3 but the index is 3
stack backtrace:
   0: rust_begin_unwind
             at /rustc/abc/library/std/src/panicking.rs:665:5
   1: core::panicking::panic_fmt
   2: edge_router::table::Table::lookup::h0123456789abcdef
             at ./src/table.rs:212:31";
    check(
        text,
        Language::Rust,
        "panic",
        "index out of bounds: the len is 3 but the index is 3",
        "edge_router::table::Table|lookup|212",
    );
    check("thread 'main' panicked at 'boom', src/a.rs:3:5", Language::Rust, "panic", "boom", "a||3");
}

#[test]
fn node() {
    let text = "TypeError: Cannot read properties of undefined (reading 'price')
    at Cart.total (/app/src/cart.js:41:7)
    at async Promise.all (index 0)
    at Layer.handle (/app/node_modules/express/lib/router/layer.js:95:5)";
    check(text, Language::Node, "TypeError", "Cannot read properties of undefined (reading 'price')", "Cart|total|41");
}

#[test]
fn dotnet() {
    let text = "Unhandled exception. System.InvalidOperationException: outer ---> System.NullReferenceException: Object reference not set
   at Shop.Cart.Total(Order o) in /src/Cart.cs:line 41
   --- End of inner exception stack trace ---
   at Shop.Program.Main(String[] args) in /src/Program.cs:line 9";
    let trace = check(text, Language::Dotnet, "System.NullReferenceException", "Object reference not set", "Shop.Cart|Total|41");
    assert_eq!(trace.causes, ["System.InvalidOperationException"]);
}

#[test]
fn ruby() {
    let text = "app/models/cart.rb:41:in `total': undefined method `amount' for nil:NilClass (NoMethodError)
\tfrom app/models/cart.rb:12:in `block in sum'
\tfrom /usr/lib/ruby/gems/3.2.0/gems/rack-3.0/lib/rack.rb:7:in `call'";
    check(text, Language::Ruby, "NoMethodError", "undefined method `amount' for nil:NilClass", "cart|total|41");
    let rails = "[5ab1] Completed 500 Internal Server Error in 12ms\nActiveRecord::RangeError (99 is out of range):\napp/models/cart.rb:41:in `total'";
    check(rails, Language::Ruby, "RangeError", "99 is out of range", "cart|total|41");
}

#[test]
fn php() {
    let text = "PHP Fatal error:  Uncaught Error: Call to a member function id() on null in /srv/app/src/Cart.php:88
Stack trace:
#0 /srv/app/src/Order.php(12): Shop\\Cart->total()
#1 {main}
  thrown in /srv/app/src/Cart.php on line 88";
    check(text, Language::Php, "Error", "Call to a member function id() on null", "Cart.php||88");
}

#[test]
fn elixir() {
    let text = "** (ArithmeticError) bad argument in arithmetic expression
    (shop 0.1.0) lib/shop/cart.ex:41: Shop.Cart.total/1
    (stdlib 5.0) gen_server.erl:1123: :gen_server.try_handle_call/4";
    check(text, Language::Elixir, "ArithmeticError", "bad argument in arithmetic expression", "Shop.Cart|total|41");
}

#[test]
fn the_exception_of_elixir_stands_below_the_exit() {
    let text = "worker 8 terminated
** (exit) an exception was raised:
    ** (KeyError) key :total not found
        (shop 0.1.0) lib/shop/cart.ex:41: Shop.Cart.total/1";
    check(text, Language::Elixir, "KeyError", "key :total not found", "Shop.Cart|total|41");
}

#[test]
fn a_trace_in_raw_json_is_read() {
    let text = r#"{"stack":"TypeError: x is not a function\n    at Cart.total (/app/src/cart.js:41:7)"}"#;
    assert_eq!(read(text).map(|t| t.exception).as_deref(), Some("TypeError"));
}

#[test]
fn the_fingerprint_ignores_lines_and_addresses_and_counters() {
    let a = read(GO).expect("a trace");
    let b = read(&GO.replace(":142", ":150").replace("+0x47", "+0x99").replace("goroutine 42", "goroutine 7")).expect("a trace");
    assert_eq!(fingerprint(&a), fingerprint(&b));
    let c = read(&GO.replace(".Process(", ".Refund(")).expect("a trace");
    assert_ne!(fingerprint(&a), fingerprint(&c));
    assert_eq!(frames::stable("Orders.lambda$find$3"), frames::stable("Orders.lambda$find$14"));
    assert_eq!(frames::stable("a::b::lookup<T>"), frames::stable("a::b::lookup<u8>"));
}

#[test]
fn ordinary_text_has_no_trace() {
    for text in [
        "",
        "GET /cart 200",
        "at noon (we met)",
        "kernel.panic: = 10",
        "Error: x",
        "see \"panic\" in the docs",
        "NullPointerException",
    ] {
        assert_eq!(read(text), None, "{text}");
    }
}

#[test]
fn hostile_text_is_bounded() {
    for unit in [
        "Caused by: a.B: c\n",
        "at a.b(c.java:1)\n",
        "é",
        "\\n",
        "#0 (",
        "Traceback (most recent call last):\n  File \"",
        "::h",
        "** (",
    ] {
        let _ = read(&unit.repeat(50_000));
        let _ = read(&format!("java.lang.Error: x\n\tat a.b(c.java:1)\n{}", unit.repeat(5_000)));
    }
}
