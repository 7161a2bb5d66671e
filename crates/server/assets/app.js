"use strict";
(() => {
  // src/dom.ts
  var one = (selector, root2 = document) => root2.querySelector(selector);
  var all = (selector, root2 = document) => [...root2.querySelectorAll(selector)];
  var make = (name, attributes = {}, ...children) => {
    const node = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    node.append(...children);
    return node;
  };
  var say = (text) => {
    const node = one("#cf-said");
    if (node) node.textContent = text;
  };
  var toast = (text) => {
    say(text);
    const node = make("div", { class: "cf-toast", "aria-hidden": "true" }, text);
    document.body.append(node);
    setTimeout(() => node.remove(), 4e3);
  };
  var count = (n, name) => `${n.toLocaleString("en")} ${name}${n === 1 ? "" : "s"}`;
  var amount = (bytes) => {
    if (bytes < 1e3) return `${bytes} bytes`;
    if (bytes < 1e6) return `${Math.floor(bytes / 1e3)} kB`;
    return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
  };
  var kept = (store, key) => {
    try {
      return window[store].getItem(`casefile-${key}`);
    } catch {
      return null;
    }
  };
  var keep = (store, key, value) => {
    try {
      if (value === null) window[store].removeItem(`casefile-${key}`);
      else window[store].setItem(`casefile-${key}`, value);
    } catch {
    }
  };

  // src/colours.ts
  var root = document.documentElement;
  var names = { auto: "as the system", light: "light", dark: "dark" };
  var order = ["auto", "light", "dark"];
  var current = () => order.find((name) => name === root.dataset.theme) ?? "auto";
  var choose = (name) => {
    if (name === "auto") delete root.dataset.theme;
    else root.dataset.theme = name;
    keep("localStorage", "colours", name === "auto" ? null : name);
    show();
  };
  var show = () => {
    const name = current();
    const button = one(".cf-colours");
    button?.setAttribute("data-colours", name);
    button?.setAttribute("aria-label", `Colours: ${names[name]}`);
    button?.setAttribute("title", `Colours: ${names[name]}`);
    const own = one("#theme");
    if (own) own.value = name;
  };
  var colours = () => {
    one(".cf-colours")?.addEventListener("click", () => {
      choose(order[(order.indexOf(current()) + 1) % order.length] ?? "auto");
      say(`Colours: ${names[current()]}`);
    });
    const own = one("#theme");
    own?.addEventListener("change", () => choose(order.find((name) => name === own.value) ?? "auto"));
    show();
  };

  // src/problem.ts
  var wordsOf = (status, body) => {
    try {
      const problem = JSON.parse(body);
      if (typeof problem === "object" && problem !== null && "detail" in problem) return String(problem.detail);
    } catch {
      const text = new DOMParser().parseFromString(body, "text/html").querySelector(".cf-problem p")?.textContent;
      if (text) return text;
    }
    return status === 0 ? "The server cannot be reached. Nothing was kept of this." : `The server answered with ${status}.`;
  };

  // src/talk.ts
  var nameOf = () => kept("localStorage", "name") ?? "";
  var refusal = (form, ...children) => {
    one(".cf-refused", form)?.remove();
    const box = make("div", { class: "cf-warn cf-refused", role: "alert", tabindex: "-1" }, ...children);
    form.prepend(box);
    box.scrollIntoView({ block: "nearest" });
  };
  var outrun = async (form, words2) => {
    const claim = one("[name=claim]", form)?.value ?? "";
    const answer = await fetch(`${new URL(form.action).pathname.replace(/\/changes$/, "")}/statements/${encodeURIComponent(claim)}`, { headers: { "hx-request": "true" } });
    const newest = new DOMParser().parseFromString(await answer.text(), "text/html");
    const expected = newest.querySelector("[name=expected]")?.value;
    const own = one("[name=expected]", form);
    if (expected && own) own.value = expected;
    const now = newest.querySelector(".cf-quote")?.textContent ?? "";
    refusal(form, make("p", {}, words2), ...now ? [make("p", {}, `It says now: “${now}”`)] : [], make("p", {}, "What you typed still stands below; the same button sends it to the newest version."));
  };
  var send = async (form, submitter) => {
    const data = new FormData(form, submitter);
    const body = new URLSearchParams([...data].map(([name, value]) => [name, String(value)]));
    form.classList.add("cf-busy-form");
    try {
      const answer = await fetch(form.action, { method: "POST", body, redirect: "manual" });
      if (answer.type === "opaqueredirect") {
        keep("localStorage", "name", body.get("by"));
        keep("sessionStorage", "said", "Kept, with your name");
        const claim = body.get("claim");
        if (claim) history.replaceState(null, "", `#${claim}`);
        location.reload();
        return;
      }
      const words2 = wordsOf(answer.status, await answer.text());
      if (answer.status === 409) await outrun(form, words2);
      else refusal(form, make("p", {}, words2));
    } catch {
      refusal(form, make("p", {}, "The server cannot be reached. What you typed still stands below; try again."));
    }
    form.classList.remove("cf-busy-form");
  };
  var talk = (root2) => {
    root2.addEventListener("submit", (event) => {
      const form = event.target;
      if (form.method !== "post") return;
      event.preventDefault();
      if (!form.classList.contains("cf-busy-form")) void send(form, event.submitter);
    });
    root2.addEventListener("keydown", (event) => {
      const field = event.target;
      if (event.key !== "Enter" || !field.matches("input:not([type=submit])") || !field.closest("form")?.querySelector("fieldset")) return;
      event.preventDefault();
      one("button[name=kind]", field.closest("fieldset") ?? document.createElement("i"))?.click();
    });
    root2.addEventListener("click", (event) => {
      const fill = event.target.closest("[data-fill]");
      const text = fill?.closest("form")?.querySelector("textarea");
      if (!fill || !text) return;
      text.value = fill.dataset.fill ?? "";
      text.focus();
    });
  };
  var said = () => {
    const text = kept("sessionStorage", "said");
    keep("sessionStorage", "said", null);
    if (text) toast(text);
  };

  // src/desk.ts
  var open = async (id, claim) => {
    const dialog = one("#cf-panel");
    const body = one("#cf-panel-body");
    if (!dialog || !body) return;
    const waits = make("p", { class: "cf-empty" }, "One moment …");
    body.replaceChildren(waits);
    dialog.showModal();
    const path = `/cases/${id}/statements/${encodeURIComponent(claim)}`;
    await window.htmx?.ajax("GET", path, { target: "#cf-panel-body", swap: "innerHTML" }).catch(() => void 0);
    if (waits.isConnected) {
      waits.replaceChildren("This statement could not be loaded. ", make("a", { href: path }, "Open it as a page"));
      return;
    }
    const name = one("[name=by]", body);
    if (name && !name.value) name.value = nameOf();
    if (matchMedia("(hover: hover)").matches) (name?.value ? one("textarea", body) : name)?.focus();
  };
  var meant = () => document.activeElement?.closest(".st[data-claim]") ?? one(".st[data-claim]:hover") ?? all(".st[data-claim]").find((node) => node.getBoundingClientRect().top >= 0 && node.offsetParent !== null) ?? null;
  var canBeTold = (node) => Boolean(one(":scope > .cf-tell", node));
  var buttons = (id) => {
    for (const node of all(".st[data-claim]")) {
      const claim = node.dataset.claim ?? "";
      if (!/^[ch]\d+$/.test(claim)) continue;
      const button = make("button", { type: "button", class: "cf-tell", "aria-haspopup": "dialog" }, "Say something");
      const text = one(":scope > .tx", node)?.textContent ?? claim;
      button.append(make("span", { class: "cf-vh" }, ` of: ${text.slice(0, 60)}`));
      button.addEventListener("click", () => void open(id, claim));
      const before = one(":scope > details", node);
      if (before) before.before(button);
      else node.append(button);
    }
  };
  var forms = 0;
  var labelled = (label, field) => {
    field.id = `cf-field-${forms += 1}`;
    return [make("label", { for: field.id }, label), field];
  };
  var ask = (id, summary, hidden, fields) => {
    const form = make("form", { method: "post", action: `/cases/${id}/changes`, class: "cf-form" });
    for (const [name, value] of Object.entries(hidden)) form.append(make("input", { type: "hidden", name, value }));
    const by = make("input", { name: "by", required: "", autocomplete: "name", maxlength: "80" });
    by.value = nameOf();
    const why = make("input", { name: "why", maxlength: "1000" });
    const who = make("div", { class: "cf-row" }, ...labelled("Your name", by), ...labelled("How you know", why));
    form.append(...fields, who, make("div", {}, make("button", { class: "cf-button cf-primary" }, "Keep it")));
    const box = make("details", { class: "cf-ask" }, make("summary", {}, summary), form);
    talk(box);
    return box;
  };
  var area = () => make("textarea", { name: "text", rows: "2", required: "", maxlength: "10000" });
  var questions = (id) => {
    for (const gap of all(".gaps > li")) {
      const field = one(":scope > code", gap)?.textContent;
      if (field) gap.append(ask(id, "Answer it", { kind: "answer", field }, labelled("The answer", area())));
    }
  };
  var actions = (id) => {
    const section = one("#s-actions")?.closest("section");
    const more = make("div", { class: "cf-row" }, ...labelled("Owner", make("input", { name: "owner", maxlength: "120" })), ...labelled("Due", make("input", { name: "due", type: "date" })));
    section?.append(ask(id, "Add an action", { kind: "act" }, [...labelled("What shall be done", area()), more]));
  };
  var places = (id) => {
    for (const exhibit of all(".exhibit")) {
      const source = one(".src", exhibit)?.textContent ?? "";
      const line = one("mark.ln", exhibit)?.dataset.n;
      if (!line || source.startsWith("said by ")) continue;
      const link = make("a", { class: "cf-inlog", href: `/cases/${id}/logs?at=${encodeURIComponent(`${source}:${line}`)}#it` }, "in the log room");
      one("header p", exhibit)?.append(" · ", link);
    }
  };
  var keys = () => {
    const list = one("#keys dl");
    const row = (names2, does) => make("div", {}, make("dt", {}, ...names2.flatMap((name) => [make("kbd", {}, name), " "])), make("dd", {}, does));
    list?.append(row(["e"], "say something of the statement"), row(["g", "l"], "log room"), row(["g", "v"], "evidence"), row(["g", "h"], "history"), row(["g", "x"], "export"), row(["g", "c"], "all cases"));
  };
  var desk = (state2) => {
    const id = state2.dataset.case ?? "";
    places(id);
    keys();
    if (state2.dataset.desk === void 0) return;
    buttons(id);
    questions(id);
    actions(id);
    const panel = one("#cf-panel");
    if (panel) talk(panel);
    document.addEventListener("keydown", (event) => {
      if (event.key !== "e" || event.ctrlKey || event.metaKey || event.altKey || one("dialog[open]")) return;
      if (event.target.matches("input, select, textarea")) return;
      const node = meant();
      if (!node || !canBeTold(node)) return;
      event.preventDefault();
      void open(id, node.dataset.claim ?? "");
    });
  };

  // src/drop.ts
  var AT_ONCE = 3;
  var readAll = (folder) => {
    const reader = folder.createReader();
    const found = [];
    return new Promise((resolve, reject) => {
      const next = () => reader.readEntries((some) => {
        found.push(...some);
        if (some.length) next();
        else resolve(found);
      }, reject);
      next();
    });
  };
  var walk = async (entry, into) => {
    if (entry.isFile) {
      const file = await new Promise((resolve, reject) => entry.file(resolve, reject));
      into.push({ name: entry.fullPath.replace(/^\//, ""), file });
    } else if (entry.isDirectory) {
      for (const inner of await readAll(entry)) await walk(inner, into);
    }
  };
  var dropped = async (data) => {
    const entries = [...data.items].flatMap((item) => item.kind === "file" ? [item.webkitGetAsEntry()] : []);
    const plain = [...data.files];
    const items = [];
    for (const entry of entries) if (entry) await walk(entry, items);
    if (items.length) return items;
    return plain.map((file) => ({ name: file.name, file }));
  };
  var chosen = (input) => [...input.files ?? []].map((file) => ({ name: file.webkitRelativePath || file.name, file }));
  var put = (url, file, told) => new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.open("PUT", url);
    request.setRequestHeader("content-type", "application/octet-stream");
    request.upload.addEventListener("progress", (event) => told(event.loaded));
    request.addEventListener("loadend", () => resolve({ status: request.status, body: request.responseText }));
    request.send(file);
  });
  var lineOf = (item) => {
    const bar = make("progress", { max: String(Math.max(item.file.size, 1)), value: "0", "aria-label": `Sent of ${item.name}` });
    const state2 = make("span", { class: "cf-sub" }, "waits");
    const node = make("li", {}, make("span", { class: "cf-name", title: item.name }, item.name), state2, bar);
    return {
      node,
      sent: (bytes) => {
        bar.value = bytes;
        state2.textContent = `${amount(bytes)} of ${amount(item.file.size)}`;
      },
      done: () => {
        bar.value = bar.max;
        state2.textContent = "sent";
      },
      failed: (why) => {
        bar.remove();
        state2.textContent = "not sent";
        node.append(make("span", { class: "cf-failed", role: "alert" }, why));
      }
    };
  };
  var send2 = async (id, by, [item, line]) => {
    const url = `/api/v1/cases/${id}/uploads?name=${encodeURIComponent(item.name)}&by=${encodeURIComponent(by)}`;
    let answer = await put(url, item.file, line.sent);
    if (answer.status === 0 || answer.status >= 500) answer = await put(url, item.file, line.sent);
    if (answer.status === 200 || answer.status === 201) {
      line.done();
      return true;
    }
    line.failed(wordsOf(answer.status, answer.body));
    return false;
  };
  var caseFor = async (items) => {
    const [first] = items;
    const name = (first?.name ?? "").split("/")[0] ?? "";
    const title = items.length > 1 && !first?.name.includes("/") ? `${name} and ${items.length - 1} more` : name;
    const answer = await fetch("/api/v1/cases", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ title, key: crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}` })
    });
    const body = await answer.text();
    if (!answer.ok) throw new Error(wordsOf(answer.status, body));
    return String(JSON.parse(body).id);
  };
  var drop = () => {
    const form = one("#cf-drop");
    const list = one("#cf-uploads");
    if (!form || !list) return;
    let busy2 = false;
    const field = (name) => one(`[name=${name}]`, form)?.value.trim() ?? "";
    const sum = make("p", { class: "cf-sum", role: "status" });
    const warn = (event) => event.preventDefault();
    const run = async (items) => {
      const lines = items.map((item) => [item, lineOf(item)]);
      sum.textContent = `Sending ${count(items.length, "file")}`;
      list.replaceChildren(sum, make("ul", {}, ...lines.map(([, line]) => line.node)));
      list.scrollIntoView({ block: "nearest" });
      const id = form.dataset.put || await caseFor(items);
      form.dataset.put = id;
      const waiting = [...lines];
      let sent = 0;
      const worker = async () => {
        for (let next = waiting.shift(); next; next = waiting.shift()) if (await send2(id, field("by"), next)) sent += 1;
      };
      await Promise.all(Array.from({ length: AT_ONCE }, worker));
      removeEventListener("beforeunload", warn);
      if (sent === items.length) {
        keep("sessionStorage", "fresh", "1");
        location.assign(`/cases/${id}`);
        return;
      }
      sum.textContent = `${count(sent, "file")} of ${items.length} sent`;
      if (sent) list.append(make("a", { class: "cf-button cf-primary", href: `/cases/${id}` }, "Go on with what was sent"));
    };
    const take = async (coming) => {
      if (busy2) return;
      busy2 = true;
      addEventListener("beforeunload", warn);
      try {
        const items = (await coming).filter((item) => item.file.size > 0);
        if (items.length) await run(items);
        else list.replaceChildren(make("p", { class: "cf-warn", role: "alert" }, "There was no file with anything in it."));
      } catch (error) {
        const why = error instanceof Error && error.message ? error.message : "The files could not be read.";
        list.replaceChildren(make("p", { class: "cf-warn", role: "alert" }, why));
      }
      removeEventListener("beforeunload", warn);
      busy2 = false;
    };
    document.addEventListener("dragover", (event) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      form.classList.add("cf-over");
    });
    document.addEventListener("dragleave", (event) => {
      if (!event.relatedTarget) form.classList.remove("cf-over");
    });
    document.addEventListener("drop", (event) => {
      form.classList.remove("cf-over");
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      void take(dropped(event.dataTransfer));
    });
    for (const id of ["#cf-file", "#cf-folder"]) {
      const input = one(id, form);
      input?.addEventListener("change", () => {
        const items = chosen(input);
        input.value = "";
        if (items.length) void take(items);
      });
    }
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const text = field("paste");
      if (text) void take([{ name: "pasted.txt", file: new Blob([text], { type: "text/plain" }) }]);
      else one("[name=paste]", form)?.focus();
    });
  };

  // src/hand.ts
  var BEHIND = / \[(?:Worded by |Chosen by |Added by |Answered by |Owner, date and status as set by |[^[\]]{1,90} on \d{4}-\d\d-\d\d: (?:right|wrong|not quite|partly)).*\]$/s;
  var wrap = (text) => {
    const at = text.textContent?.trimEnd().search(BEHIND) ?? -1;
    if (at < 0) return;
    const walker = document.createTreeWalker(text, NodeFilter.SHOW_TEXT);
    let left = at + 1;
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const length = node.nodeValue?.length ?? 0;
      if (left >= length) {
        left -= length;
        continue;
      }
      const range = document.createRange();
      range.setStart(node, left);
      range.setEndAfter(text.lastChild ?? node);
      text.append(make("span", { class: "cf-hand" }, range.extractContents()));
      return;
    }
  };
  var hand = (state2) => {
    const ids = (name) => new Set((state2.dataset[name] ?? "").split(" ").filter(Boolean));
    const [touched, worded] = [ids("hand"), ids("worded")];
    for (const statement of all(".st[data-claim]")) {
      const id = statement.dataset.claim ?? "";
      const text = one(":scope > .tx", statement);
      if (!text || !touched.has(id)) continue;
      wrap(text);
      if (worded.has(id)) statement.classList.add("cf-worded");
    }
    for (const question of all(".gaps .q")) wrap(question);
  };

  // src/keys.ts
  var PLACES = { r: "", l: "/logs", v: "/evidence", h: "/history", x: "/export" };
  var go = (letter) => {
    const id = /^\/cases\/([^/]+)/.exec(location.pathname)?.[1];
    if (letter === "c") location.assign("/");
    else if (id && PLACES[letter] !== void 0) location.assign(`/cases/${id}${PLACES[letter]}`);
    else return false;
    return true;
  };
  var help = () => one("#cf-keys")?.showModal();
  var keys2 = () => {
    const isOurs = document.body.classList.contains("cf-page");
    let awaited = 0;
    document.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || one("dialog[open]")) return;
      if (event.target.matches("input, select, textarea")) return;
      const second = performance.now() - awaited < 1500;
      awaited = 0;
      if (second && go(event.key)) {
        event.preventDefault();
        event.stopPropagation();
      } else if (event.key === "g") {
        awaited = performance.now();
      } else if (isOurs && event.key === "?") {
        help();
      } else if (isOurs && event.key === "/" && one("#l-q")) {
        event.preventDefault();
        one("#l-q")?.focus();
      }
    }, { capture: true });
  };

  // src/logroom.ts
  var MOST_BINS = 300;
  var binsOf = (counted) => {
    const known = counted.bars.map(([at, records, errors]) => ({ at: Date.parse(at), records, errors })).filter((bin) => Number.isFinite(bin.at));
    const [first, last, step] = [known[0], known[known.length - 1], counted.bin_s * 1e3];
    if (!first || !last || step <= 0 || (last.at - first.at) / step > MOST_BINS) return known.slice(0, MOST_BINS);
    const by = new Map(known.map((bin) => [bin.at, bin]));
    const bins = [];
    for (let at = first.at; at <= last.at; at += step) bins.push(by.get(at) ?? { at, records: 0, errors: 0 });
    return bins;
  };
  var stamp = (ms) => new Date(ms).toISOString().replace(/\.000Z$/, "Z");
  var clock = (ms) => stamp(ms).replace("T", " ").replace("Z", "");
  var narrow = (from, to) => {
    const form = one(".cf-search");
    const input = one("#l-q");
    if (!form || !input) return;
    const rest = input.value.replace(/(^|\s)(from|to):\S+/g, " ").replace(/\s+/g, " ").trim();
    input.value = `${rest} from:${stamp(from)} to:${stamp(to)}`.trim();
    say(`From ${clock(from)} to ${clock(to)}`);
    form.requestSubmit();
  };
  var barOf = (bin, { step, most }) => {
    const says = `${clock(bin.at)} to ${clock(bin.at + step)} UTC: ${count(bin.records, "record")}${bin.errors ? `, ${bin.errors.toLocaleString("en")} of level error or above` : ""}`;
    const button = make("button", { type: "button", tabindex: "-1", "aria-label": says, title: says });
    const part = (n, kind) => {
      const node = make("i", kind ? { class: kind } : {});
      node.style.height = `${n / most * 100}%`;
      return node;
    };
    if (bin.records > bin.errors) button.append(part(Math.max(bin.records - bin.errors, most / 40), ""));
    if (bin.errors) button.append(part(Math.max(bin.errors, most / 40), "cf-err"));
    return button;
  };
  var draw = (counted, drawn) => {
    const [total, box, axis] = [one("#cf-total"), one("#cf-bars"), one("#cf-axis")];
    if (!total || !box) return;
    const errors = counted.levels.filter(([name]) => /^(error|critical|fatal|alert|emergency)$/.test(name)).reduce((sum, [, n]) => sum + n, 0);
    const so = counted.is_done ? "" : " so far";
    total.replaceChildren(make("b", {}, `${count(counted.total, "record")}${so}`), errors ? `${errors.toLocaleString("en")} of level error or above` : "");
    drawn.bins = binsOf(counted);
    drawn.step = counted.bin_s * 1e3;
    const most = drawn.bins.reduce((top, bin) => Math.max(top, bin.records), 1);
    const focused = box.contains(document.activeElement) ? [...box.children].indexOf(document.activeElement) : -1;
    box.replaceChildren(...drawn.bins.map((bin) => barOf(bin, { step: drawn.step, most })));
    const start = box.children[Math.max(focused, 0)];
    start?.setAttribute("tabindex", "0");
    if (focused >= 0 && start instanceof HTMLElement) start.focus();
    const [first, last] = [drawn.bins[0], drawn.bins[drawn.bins.length - 1]];
    if (axis && first && last) {
      const [from, to] = [clock(first.at), clock(last.at + drawn.step)];
      const isOneDay = from.slice(0, 10) === to.slice(0, 10);
      axis.replaceChildren(make("span", {}, from), make("span", {}, `${isOneDay ? to.slice(11) : to} UTC`));
    }
  };
  var point = (box, drawn) => {
    let start = -1;
    const under = (event) => {
      const edge = box.getBoundingClientRect();
      return Math.min(Math.max(Math.floor((event.clientX - edge.left) / edge.width * drawn.bins.length), 0), drawn.bins.length - 1);
    };
    const mark = (from, to) => [...box.children].forEach((node, at) => node.classList.toggle("cf-in", at >= Math.min(from, to) && at <= Math.max(from, to)));
    const choose2 = (from, to) => {
      const [first, last] = [drawn.bins[Math.min(from, to)], drawn.bins[Math.max(from, to)]];
      if (first && last) narrow(first.at, last.at + drawn.step);
    };
    box.addEventListener("pointerdown", (event) => {
      if (event.button || !drawn.bins.length) return;
      start = under(event);
      box.setPointerCapture(event.pointerId);
      mark(start, start);
    });
    box.addEventListener("pointermove", (event) => {
      if (start >= 0) mark(start, under(event));
    });
    box.addEventListener("pointercancel", () => {
      start = -1;
      mark(-2, -2);
    });
    box.addEventListener("pointerup", (event) => {
      if (start < 0) return;
      const from = start;
      start = -1;
      choose2(from, under(event));
    });
    box.addEventListener("keydown", (event) => {
      const at = [...box.children].indexOf(document.activeElement);
      if (at < 0) return;
      if (event.key === "Enter" || event.key === " ") {
        event.preventDefault();
        choose2(at, at);
        return;
      }
      const next = box.children[at + (event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0)];
      if (!(next instanceof HTMLElement) || next === document.activeElement) return;
      event.preventDefault();
      document.activeElement?.setAttribute("tabindex", "-1");
      next.tabIndex = 0;
      next.focus();
    });
  };
  var counting = null;
  var arrive = () => {
    counting?.close();
    counting = null;
    one("#it")?.scrollIntoView({ block: "center" });
    const reload = Number(one("[data-reload]")?.dataset.reload);
    if (reload > 0) setTimeout(() => location.reload(), reload);
    const url = one("#cf-histogram")?.dataset.counts;
    const box = one("#cf-bars");
    if (!url || !box) return;
    const drawn = { bins: [], step: 0 };
    point(box, drawn);
    const source = counting = new EventSource(url);
    const show3 = (event) => draw(JSON.parse(event.data), drawn);
    source.addEventListener("progress", show3);
    source.addEventListener("end", (event) => {
      source.close();
      show3(event);
    });
    source.addEventListener("error", () => source.close());
  };
  var logroom = () => {
    if (!one("#cf-room")) return;
    arrive();
    document.addEventListener("htmx:after:swap", arrive);
    addEventListener("pagehide", () => counting?.close());
  };

  // src/progress.ts
  var words = (told) => {
    switch (told.phase) {
      case "queued":
        return "Waiting for its turn";
      case "reading":
        return told.total_bytes ? `Reading, ${amount(told.read_bytes)} of ${amount(told.total_bytes)}` : "Reading";
      case "reasoning":
        return "Looking for what happened, and why";
      case "quoting":
        return "Writing it down, with its evidence";
      default:
        return "Opening the report";
    }
  };
  var put2 = (id, text) => {
    const node = one(id);
    if (node && node.textContent !== text) node.textContent = text;
  };
  var show2 = (told) => {
    put2("#cf-phase", words(told));
    const bar = one("#cf-part");
    if (bar) {
      if (told.phase === "reading" && told.total_bytes) bar.value = 90 * told.read_bytes / told.total_bytes;
      else if (told.phase === "reasoning" || told.phase === "quoting") bar.value = told.phase === "reasoning" ? 92 : 97;
      else if (told.phase !== "queued") bar.value = 100;
    }
    put2("#cf-records", told.records.toLocaleString("en"));
    put2("#cf-errors", told.errors.toLocaleString("en"));
    put2("#cf-events", told.events.toLocaleString("en"));
    const list = one("#cf-seen");
    if (list && told.seen.length && all("li:not(.cf-empty)", list).length !== told.seen.length) {
      list.replaceChildren(...told.seen.map((line) => make("li", {}, line)));
    }
  };
  var parsed = (event) => JSON.parse(event.data);
  var listen = (url, each, end) => {
    const source = new EventSource(url);
    source.addEventListener("progress", (event) => each(parsed(event)));
    source.addEventListener("end", (event) => {
      source.close();
      end(parsed(event));
    });
    addEventListener("pagehide", () => source.close());
  };
  var progress = () => {
    const page = one("#cf-progress");
    const url = page?.dataset.events;
    if (!page || !url) return;
    keep("sessionStorage", "fresh", "1");
    try {
      if (page.dataset.told) show2(JSON.parse(page.dataset.told));
    } catch {
    }
    listen(url, show2, (told) => {
      if (told.phase === "done") show2(told);
      location.reload();
    });
  };
  var busy = () => {
    for (const form of all("form[action='/example'], form[action$='/analyse']")) {
      form.addEventListener("submit", () => keep("sessionStorage", "fresh", "1"));
    }
    const line = one(".cf-busy[data-events]");
    const url = line?.dataset.events;
    if (!line || !url) {
      if (!one("#cf-progress")) keep("sessionStorage", "fresh", null);
      return;
    }
    let reading = kept("sessionStorage", "fresh") === null;
    for (const kind of ["wheel", "keydown", "pointerdown"]) addEventListener(kind, () => {
      reading = true;
    }, { once: true, passive: true });
    listen(url, () => void 0, (told) => {
      line.classList.add("cf-ready");
      if (told.phase === "done" && !reading) location.reload();
      else if (told.phase === "done") line.replaceChildren("A newer report is there. ", make("a", { href: location.pathname }, "Show it"));
      else line.replaceChildren(`No newer report was made: ${told.why ?? "the reading was stopped"} What you read stays. `, make("a", { href: `${location.pathname}/evidence` }, "Evidence"));
    });
  };

  // src/app.ts
  colours();
  keys2();
  drop();
  progress();
  busy();
  logroom();
  var state = one("#cf-state");
  if (state) {
    hand(state);
    desk(state);
  }
  for (const field of all("input[name=by]")) {
    if (field.value) keep("localStorage", "name", field.value);
    else if (field.type !== "hidden") field.value = nameOf();
  }
  said();
  var [tabs, tab] = [one(".cf-tabs"), one(".cf-tabs [aria-current]")];
  if (tabs && tab) tabs.scrollLeft = tab.offsetLeft - tabs.offsetLeft - (tabs.clientWidth - tab.offsetWidth) / 2;
})();
