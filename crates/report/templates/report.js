// The report as a place to work in. Everything stands on the page without this script; it adds ways to look at it:
// the evidence drawer, the zone in which times are shown, filters of the timeline, and charts and text that point at
// each other. Text of the report is only ever moved as text or as nodes that are already there, never parsed.
"use strict";
(() => {
  const one = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => Array.from(root.querySelectorAll(selector));
  const root = document.documentElement;

  const make = (name, attributes = {}, ...children) => {
    const node = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    node.append(...children);
    return node;
  };
  const say = (text) => { one("#said").textContent = text; };

  // ---- Times: UTC as written, each source's own zone, or the reader's.

  const zones = { utc: "UTC" };
  let zone = "utc";
  const offsetOf = (name) => {
    const found = /^(?:UTC|GMT)?([+-])(\d{1,2}):?(\d{2})?$/.exec(name);
    return found && (found[1] === "-" ? -1 : 1) * (Number(found[2]) * 60 + Number(found[3] || 0));
  };
  const formats = new Map();
  const formatOf = (name) => {
    if (!formats.has(name)) {
      let format = null;
      try {
        format = new Intl.DateTimeFormat("sv-SE", {
          timeZone: name, year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit",
          second: "2-digit", hourCycle: "h23",
        });
      } catch { /* A zone that this browser does not know is shown in UTC. */ }
      formats.set(name, format);
    }
    return formats.get(name);
  };
  // Date and clock in a zone, and what to call that zone.
  const shown = (ms, name) => {
    const offset = offsetOf(name);
    if (offset !== null) {
      const local = new Date(ms + offset * 60000).toISOString();
      return [local.slice(0, 10), local.slice(11, 19), name];
    }
    const format = name === "UTC" ? null : formatOf(name);
    if (!format) {
      const utc = new Date(ms).toISOString();
      return [utc.slice(0, 10), utc.slice(11, 19), "UTC"];
    }
    const [day, clock] = format.format(ms).split(" ");
    return [day, clock, name];
  };
  const zoneFor = (node) => (zone === "source" ? node.dataset.z || "UTC" : zones[zone] || zone);
  const retime = () => {
    for (const node of all("time[data-f]")) {
      const ms = Date.parse(node.dateTime);
      if (Number.isNaN(ms)) continue;
      node.dataset.was ??= node.textContent;
      if (zone === "utc") { node.textContent = node.dataset.was; continue; }
      const [day, clock, name] = shown(ms, zoneFor(node));
      node.textContent = node.dataset.f === "clock" ? clock : `${day} ${clock} ${name}`;
      if (node.dataset.f === "clock") node.title = `${day} ${clock} ${name}`;
    }
    for (const node of all("text[data-tick]")) {
      node.dataset.was ??= node.textContent;
      if (zone === "utc" || zone === "source") { node.textContent = node.dataset.was; continue; }
      const length = /\d\d:\d\d:\d\d$/.test(node.dataset.was) ? 8 : 5;
      node.textContent = shown(Number(node.dataset.t) * 1000, zoneFor(node))[1].slice(0, length);
    }
    for (const node of all("[data-zone-name]")) {
      node.textContent = zone === "source" && node.dataset.zoneName !== "axis" ? "each source’s zone" : zone === "source" ? "UTC" : zones[zone] || zone;
    }
  };

  // ---- The drawer: evidence beside the sentence.

  const drawer = one("#drawer");
  let opener = null;
  let order = [];
  const exhibit = (id) => {
    const node = id && document.getElementById(id);
    return node && node.classList.contains("exhibit") ? node : null;
  };
  const reference = (node) => {
    const title = one("h1").textContent.trim();
    const lines = all("mark.ln", node).map((line) => line.textContent.replace(/\n$/, ""));
    const place = `${one(".src", node).textContent}, ${one("header p", node).textContent.replace(/\s+/g, " ").trim()}`;
    return `${place}\n${lines.join("\n")}\n(${node.id} of “${title}”)`;
  };
  const show = (id, from) => {
    const node = exhibit(id);
    if (!node) return false;
    if (from) opener = from;
    if (!order.length) order = all(".exhibit").map((item) => item.id);
    const body = one(".body", drawer);
    const copy = node.cloneNode(true);
    for (const item of [copy, ...all("[id]", copy)]) item.removeAttribute("id");
    copy.removeAttribute("aria-labelledby");
    body.replaceChildren(...copy.childNodes);
    drawer.dataset.id = id;
    one(".whole", drawer).href = `#${id}`;
    drawer.hidden = false;
    root.classList.add("with-drawer");
    one(".copy", drawer).textContent = "Copy reference";
    light(id);
    body.scrollTop = 0;
    const cited = one("mark.ln", body);
    if (cited) cited.scrollIntoView({ block: "nearest" });
    one("h3", body)?.setAttribute("tabindex", "-1");
    one("h3", body)?.focus({ preventScroll: true });
    return true;
  };
  const close = () => {
    if (drawer.hidden) return;
    drawer.hidden = true;
    root.classList.remove("with-drawer");
    light(null);
    if (opener && opener.isConnected) opener.focus({ preventScroll: true });
  };
  const step = (by) => {
    const at = order.indexOf(drawer.dataset.id);
    if (at >= 0) show(order[(at + by + order.length) % order.length]);
  };
  const copy = async () => {
    const text = reference(document.getElementById(drawer.dataset.id));
    let done = false;
    try { await navigator.clipboard.writeText(text); done = true; } catch { /* From disk some browsers refuse it. */ }
    if (!done) {
      const area = make("textarea", { "aria-label": "Reference", readonly: "" });
      area.value = text;
      one(".body", drawer).prepend(area);
      area.select();
      done = document.execCommand("copy");
      if (done) area.remove();
    }
    one(".copy", drawer).textContent = done ? "Copied" : "Select and copy the text below";
    say(done ? "Reference copied" : "The reference is selected, copy it");
  };
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href], a[*|href]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    const to = link.getAttribute("href");
    if (!to || !to.startsWith("#")) return;
    const inDrawer = drawer.contains(link);
    if (!link.classList.contains("whole") && show(to.slice(1), inDrawer ? null : link)) { event.preventDefault(); return; }
    if (inDrawer && (link.classList.contains("whole") || matchMedia("(max-width: 60rem)").matches)) { opener = null; close(); }
  });

  // ---- The timeline: by kind, service, words and time.

  const entries = all(".line > li").map((node) => ({
    node,
    kind: node.dataset.k,
    service: node.dataset.s || "",
    at: Date.parse(one("time", node).dateTime) / 1000,
    text: null,
  }));
  const chosen = { kinds: new Set(), service: "", words: "", span: null };
  const filter = () => {
    const words = chosen.words.toLowerCase();
    let shownOnes = 0;
    for (const entry of entries) {
      if (words) entry.text ??= entry.node.textContent.toLowerCase();
      const fits = (!chosen.kinds.size || chosen.kinds.has(entry.kind))
        && (!chosen.service || entry.service === chosen.service)
        && (!words || entry.text.includes(words))
        && (!chosen.span || (entry.at >= chosen.span[0] && entry.at <= chosen.span[1]));
      entry.node.hidden = !fits;
      shownOnes += fits;
    }
    for (const list of all(".line")) {
      const empty = !list.querySelector("li:not([hidden])");
      list.hidden = empty;
      if (list.previousElementSibling?.classList.contains("day")) list.previousElementSibling.hidden = empty;
    }
    const whole = shownOnes === entries.length;
    one("#shown").textContent = whole ? `${entries.length} entries` : `${shownOnes} of ${entries.length} entries`;
    one("#everything").hidden = whole && !chosen.span;
  };
  const filters = () => {
    const bar = one("#filters");
    if (!bar || entries.length < 4) return;
    const kinds = [...new Set(entries.map((entry) => entry.kind))];
    for (const kind of kinds) {
      const button = make("button", { type: "button", "aria-pressed": "false", class: "chipbutton" }, kind);
      button.addEventListener("click", () => {
        const on = !chosen.kinds.has(kind);
        if (on) chosen.kinds.add(kind); else chosen.kinds.delete(kind);
        button.setAttribute("aria-pressed", String(on));
        filter();
      });
      one(".kinds", bar).append(button);
    }
    const services = [...new Set(entries.map((entry) => entry.service).filter(Boolean))].sort();
    const select = one("select", bar);
    for (const name of services) select.append(make("option", { value: name }, name));
    select.parentElement.hidden = services.length < 2;
    select.addEventListener("change", () => { chosen.service = select.value; filter(); });
    const search = one("input", bar);
    search.addEventListener("input", () => { chosen.words = search.value.trim(); filter(); });
    one("#everything").addEventListener("click", () => {
      chosen.kinds.clear(); chosen.service = ""; chosen.words = ""; chosen.span = null;
      select.value = ""; search.value = "";
      for (const button of all(".chipbutton", bar)) button.setAttribute("aria-pressed", "false");
      unbrush();
      filter();
    });
    bar.hidden = false;
    filter();
  };

  // ---- Charts: what is pointed at is lit in chart, timeline and text.

  const lit = [];
  const light = (id) => {
    while (lit.length) lit.pop().classList.remove("lit");
    if (!id) return;
    for (const node of all(`a[href="#${CSS.escape(id)}"]`)) { node.classList.add("lit"); lit.push(node); }
  };
  const figure = one("figure[data-from]");
  const canvas = figure && one(".canvas", figure);
  const svg = canvas && one("svg", canvas);
  const axis = figure && {
    from: Number(figure.dataset.from), to: Number(figure.dataset.to),
    left: Number(figure.dataset.left), right: Number(figure.dataset.right),
  };
  const NS = "http://www.w3.org/2000/svg";
  const drawn = (name, kind) => {
    const node = document.createElementNS(NS, name);
    node.setAttribute("class", kind);
    svg.append(node);
    return node;
  };
  let hair = null, band = null, near = [], cursor = null;
  const place = (at) => axis.left + (at - axis.from) / (axis.to - axis.from) * (axis.right - axis.left);
  const timeAt = (x) => axis.from + (Math.min(Math.max(x, axis.left), axis.right) - axis.left) / (axis.right - axis.left) * (axis.to - axis.from);
  const across = (event) => {
    const box = svg.getBoundingClientRect();
    return (event.clientX - box.left) / box.width * svg.viewBox.baseVal.width;
  };
  const cross = (at) => {
    cursor = at;
    const out = at === null || at < axis.from || at > axis.to;
    hair.style.display = out ? "none" : "";
    for (const node of near) node.classList.remove("near");
    near = [];
    if (out) return;
    const x = place(at).toFixed(1);
    hair.setAttribute("d", `M${x} 0V${svg.viewBox.baseVal.height}`);
    const reach = (axis.to - axis.from) / 120;
    for (const entry of entries) {
      if (Math.abs(entry.at - at) <= reach && near.length < 40) { entry.node.classList.add("near"); near.push(entry.node); }
    }
  };
  const brush = (a, b) => {
    chosen.span = [Math.min(a, b), Math.max(a, b)];
    const x = place(chosen.span[0]);
    band.setAttribute("x", x);
    band.setAttribute("y", 0);
    band.setAttribute("width", Math.max(place(chosen.span[1]) - x, 1));
    band.setAttribute("height", svg.viewBox.baseVal.height);
    band.style.display = "";
  };
  const unbrush = () => { chosen.span = null; if (band) band.style.display = "none"; };
  const spanWords = () => chosen.span.map((at) => shown(at * 1000, zoneFor(figure))[1]).join(" to ");
  // What a mark says, beside the pointer.
  const hint = (box, event) => {
    const tip = one(".tip", box) || box.appendChild(make("div", { class: "tip", hidden: "" }));
    const mark = event.target.closest("[data-tip]");
    tip.hidden = !mark;
    if (!mark) return;
    tip.textContent = mark.dataset.tip;
    const edge = box.getBoundingClientRect();
    tip.style.left = `${Math.max(Math.min(event.clientX - edge.left + 14, edge.width - 260), 0) + box.scrollLeft}px`;
    tip.style.top = `${event.clientY - edge.top + 16}px`;
  };
  const charts = () => {
    for (const title of all(".scene title")) {
      title.parentElement.dataset.tip = title.textContent;
      title.remove();
    }
    for (const box of all(".canvas")) {
      box.addEventListener("pointermove", (event) => hint(box, event));
      box.addEventListener("pointerleave", () => { const own = one(".tip", box); if (own) own.hidden = true; });
    }
    if (!figure) return;
    band = drawn("rect", "brush");
    band.style.display = "none";
    hair = drawn("path", "cross");
    hair.style.display = "none";
    let start = null;
    canvas.addEventListener("pointerdown", (event) => {
      if (event.pointerType === "touch" || event.button || across(event) < axis.left) return;
      start = across(event);
    });
    canvas.addEventListener("pointermove", (event) => {
      const x = across(event);
      cross(x < axis.left || x > axis.right ? null : timeAt(x));
      if (start !== null && Math.abs(x - start) > 4) brush(timeAt(start), timeAt(x));
    });
    addEventListener("pointerup", (event) => {
      if (start === null) return;
      const dragged = Math.abs(across(event) - start) > 4;
      start = null;
      if (!dragged) return;
      // The click that ends a drag opens nothing.
      addEventListener("click", (click) => { click.preventDefault(); click.stopPropagation(); }, { capture: true, once: true });
      setTimeout(() => { filter(); say(`Timeline from ${spanWords()}`); }, 0);
    });
    canvas.addEventListener("dragstart", (event) => event.preventDefault());
    canvas.addEventListener("pointerleave", () => cross(null));
    canvas.addEventListener("keydown", (event) => {
      const by = (axis.to - axis.from) / 60;
      if (event.key === "ArrowLeft" || event.key === "ArrowRight") {
        const before = cursor ?? axis.from;
        const at = Math.min(Math.max(before + (event.key === "ArrowRight" ? by : -by), axis.from), axis.to);
        if (event.shiftKey) brush(chosen.span ? (before === chosen.span[0] ? chosen.span[1] : chosen.span[0]) : before, at);
        cross(at);
        say(shown(at * 1000, zoneFor(figure))[1]);
        if (event.shiftKey) filter();
        event.preventDefault();
      } else if (event.key === "Escape" && chosen.span) {
        unbrush(); filter(); event.stopPropagation();
      }
    });
    for (const entry of entries) {
      entry.node.addEventListener("pointerenter", () => cross(entry.at));
      entry.node.addEventListener("focusin", () => cross(entry.at));
    }
  };
  document.addEventListener("pointerover", (event) => {
    const link = event.target.closest("a.cite");
    if (link) light(link.getAttribute("href").slice(1)); else if (drawer.hidden && lit.length) light(null);
  });

  // ---- Only what speaks against; light and dark; keys.

  const against = () => {
    const on = !root.classList.contains("only-against");
    root.classList.toggle("only-against", on);
    one("#against").setAttribute("aria-pressed", String(on));
    say(on ? "Only what speaks against each hypothesis is shown" : "Everything is shown");
    if (on) one("#against").scrollIntoView({ block: "nearest" });
  };
  const theme = (name) => { if (name === "auto") delete root.dataset.theme; else root.dataset.theme = name; };
  let focused = -1;
  const statement = (by) => {
    const list = all("main .st[id]").filter((node) => node.offsetParent !== null);
    if (!list.length) return;
    focused = Math.min(Math.max(focused + by, 0), list.length - 1);
    const node = list[focused];
    node.tabIndex = -1;
    node.focus({ preventScroll: true });
    node.scrollIntoView({ block: "center" });
  };
  const keys = {
    "?": () => one("#keys").showModal(),
    j: () => statement(1),
    k: () => statement(-1),
    o: () => one("a.cite", document.activeElement.closest(".st") || document.activeElement)?.click(),
    n: () => !drawer.hidden && step(1),
    p: () => !drawer.hidden && step(-1),
    c: () => !drawer.hidden && copy(),
    x: () => one("#against") && against(),
    "/": () => one("#filters:not([hidden]) input")?.focus(),
    Escape: close,
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || one("dialog[open]")) return;
    if (event.target.matches("input, select, textarea") && event.key !== "Escape") return;
    if (event.key === "Enter" && event.target.matches(".st")) { keys.o(); event.preventDefault(); return; }
    const act = keys[event.key];
    if (!act) return;
    if (event.key !== "Escape") event.preventDefault();
    act();
  });

  const tools = () => {
    const select = one("#zone");
    const found = new Set(all("[data-z]").map((node) => node.dataset.z).filter((name) => name && name !== "UTC"));
    for (const name of found) if (offsetOf(name) !== null || formatOf(name)) { zones[name] = name; select.append(make("option", { value: name }, name)); }
    if (found.size) select.append(make("option", { value: "source" }, "each source’s own"));
    const mine = Intl.DateTimeFormat().resolvedOptions().timeZone;
    if (mine && mine !== "UTC") { zones.mine = mine; select.append(make("option", { value: "mine" }, `yours (${mine})`)); }
    select.addEventListener("change", () => { zone = select.value; retime(); say(`Times are shown in ${select.selectedOptions[0].textContent}`); });
    one("#theme").addEventListener("change", (event) => theme(event.target.value));
    one("#help").addEventListener("click", keys["?"]);
    one("#against")?.addEventListener("click", against);
    one(".close", drawer).addEventListener("click", close);
    one(".copy", drawer).addEventListener("click", copy);
    one(".next", drawer).addEventListener("click", () => step(1));
    one(".prev", drawer).addEventListener("click", () => step(-1));
    for (const node of all(".needs-script")) node.hidden = false;
  };

  tools();
  filters();
  charts();
  root.classList.add("scripted");
})();
