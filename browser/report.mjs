// What a reader of the HTML report meets in a browser, one scenario a run:
//
//     node report.mjs SCENARIO PAGE.html...
//
// Run by crates/casefile/tests/browser; CHROMIUM names the browser, MODULES the folder of node_modules. Ends with 0 where the
// scenario holds on every page, else with 1 and one line for each thing that does not.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { comes, still } from "./patience.mjs";

const require = createRequire(process.env.MODULES + "/");
const { chromium } = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

const [scenario, ...pages] = process.argv.slice(2);
const faults = [];
const fault = (page, text) => faults.push(`${page}: ${text}`);
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ["--no-sandbox", "--disable-gpu"] });

// A page of the file, with what it fetched, said on the console and asked the reader.
const open = async (file, options = {}) => {
  const { width = 1440, theme = "light", javaScriptEnabled = true } = options;
  const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme: theme, javaScriptEnabled });
  const page = await context.newPage();
  const url = pathToFileURL(file).href;
  page.on("request", (request) => { if (request.url() !== url && !request.url().startsWith("data:")) fault(file, `fetches ${request.url()}`); });
  page.on("console", (message) => { if (["error", "warning"].includes(message.type())) fault(file, `console: ${message.text()}`); });
  page.on("pageerror", (error) => fault(file, `error: ${error.message}`));
  page.on("dialog", (dialog) => { fault(file, `dialog: ${dialog.message()}`); dialog.dismiss(); });
  await page.goto(url, { waitUntil: "load" });
  return page;
};
const done = (page) => page.context().close();

// Run by evaluation, as the page's policy forbids foreign scripts to it.
const violations = async (page) => {
  await still(page);
  await page.evaluate(axe);
  const result = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
  return result.violations.map((v) => `${v.id} (${v.impact}): ${v.nodes.slice(0, 3).map((n) => n.target.join(" ")).join(" | ")}`);
};

// Milliseconds until a page has loaded, the best of three.
const opened = async (page) => {
  let best = Infinity;
  for (let n = 0; n < 3; n++) {
    await page.reload({ waitUntil: "load" });
    best = Math.min(best, await page.evaluate(() => performance.getEntriesByType("navigation")[0].loadEventEnd));
  }
  return best;
};

// How much slower this machine is at present than one that has nothing else to do: by a bare list of 5,000 lines, which takes
// a tenth of a second on such a one. Other tests run beside this.
const slowness = async () => {
  const page = await browser.newPage();
  let best = Infinity;
  for (let n = 0; n < 3; n++) {
    const lines = "<li>a line of a list that says nothing at all</li>".repeat(5000);
    const begun = Date.now();
    await page.setContent(`<ol>${lines}</ol>`, { waitUntil: "load" });
    await page.evaluate(() => document.body.offsetHeight);
    best = Math.min(best, Date.now() - begun);
  }
  await page.close();
  return Math.max(1, best / 100);
};

const scenarios = {
  // Opens without a request, a console error or a dialog, within a second, and as wide as the window.
  async quiet(file) {
    for (const width of [1440, 390]) {
      const page = await open(file, { width });
      const spent = await opened(page);
      if (spent > 1000 * (spent > 1000 ? await slowness() : 1)) fault(file, `opens in ${Math.round(spent)} ms`);
      console.log(`${file}: opens in ${Math.round(spent)} ms at ${width}`);
      const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      if (over > 0) fault(file, `is ${over} pixels wider than a window of ${width}`);
      await done(page);
    }
  },

  async accessible(file) {
    for (const width of [1440, 390]) {
      for (const theme of ["light", "dark"]) {
        const page = await open(file, { width, theme });
        const at = `${width} ${theme}`;
        for (const text of await violations(page)) fault(file, `${at}: ${text}`);
        await page.evaluate(() => document.querySelectorAll("details").forEach((node) => { node.open = true; }));
        const cite = page.locator("main a.cite").first();
        if (await cite.count()) {
          await cite.click();
          for (const text of await violations(page)) fault(file, `${at}, drawer open: ${text}`);
          await page.keyboard.press("Escape");
        }
        await page.keyboard.press("?");
        for (const text of await violations(page)) fault(file, `${at}, keys open: ${text}`);
        await done(page);
      }
    }
  },

  // From every statement on the page its evidence is one click away, and the same with two keys.
  async cited(file) {
    const page = await open(file);
    await page.evaluate(() => document.querySelectorAll("details").forEach((node) => { node.open = true; }));
    const statements = await page.locator(".st:has(a.cite), .leadtext:has(a.cite), .figure:has(a.cite)").all();
    for (const statement of statements) {
      const link = statement.locator("a.cite").first();
      const id = (await link.getAttribute("href")).slice(1);
      await link.click();
      const shown = () => page.evaluate(() => { const d = document.querySelector("#drawer"); return d.hidden ? null : [d.dataset.id, d.querySelectorAll("mark.ln").length]; });
      if (!(await comes(async () => { const it = await shown(); return it && it[0] === id && it[1] >= 1; }))) fault(file, `${id} is not shown: ${await shown()}`);
      await page.keyboard.press("Escape");
      const back = () => page.evaluate(() => document.activeElement.getAttribute("href"));
      if (!(await comes(async () => await back() === `#${id}`))) fault(file, `focus does not return to ${id} but to ${await back()}`);
    }
    if (statements.length) {
      await page.keyboard.press("j");
      await page.keyboard.press("Enter");
      if (!(await comes(() => page.locator("#drawer").isVisible()))) fault(file, "two keys do not reach the evidence");
      await page.keyboard.press("n");
      await page.locator("#drawer .copy").click();
      const copied = () => document.querySelector("#drawer .copy").textContent !== "Copy reference";
      await page.waitForFunction(copied, null, { timeout: 5000 }).catch(() => fault(file, "the reference cannot be copied"));
    }
    console.log(`${file}: ${statements.length} statements`);
    await done(page);
  },

  // Filters of the timeline, the span brushed on the chart, the zone, and what speaks against.
  async workplace(file) {
    const page = await open(file);
    const visible = () => page.locator(".line > li:visible").count();
    const all = await visible();
    await page.locator("#filters .chipbutton").first().click();
    const some = async () => { const now = await visible(); return now > 0 && now < all; };
    if (!(await comes(some))) fault(file, `a kind shows ${await visible()} of ${all}`);
    await page.locator("#everything").click();
    await page.locator("#filters input").fill("zzz nothing has this");
    if (!(await comes(async () => !(await visible())))) fault(file, "words that nothing has show something");
    await page.locator("#everything").click();
    if (!(await comes(async () => await visible() === all))) fault(file, "not everything comes back");

    await page.locator("figure[data-from]").scrollIntoViewIfNeeded();
    const box = await page.locator("figure[data-from] svg").boundingBox();
    await page.mouse.move(box.x + box.width * 0.4, box.y + 60);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.5, box.y + 60, { steps: 5 });
    await page.mouse.up();
    if (!(await comes(async () => await visible() < all))) fault(file, `a brushed span shows ${await visible()} of ${all}`);
    await page.locator("#everything").click();

    await page.locator("figure[data-from] .canvas").focus();
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Shift+ArrowRight");
    const displayed = (which) => comes(() => page.locator(which).evaluate((node) => node.style.display !== "none"));
    if (!(await displayed(".brush"))) fault(file, "keys do not brush");
    await page.keyboard.press("Escape");

    await page.locator(".line > li").nth(Math.min(5, all - 1)).hover();
    if (!(await displayed(".cross"))) fault(file, "an entry does not show on the chart");
    await page.locator("main a.cite").first().hover();
    if (!(await comes(() => page.locator("a.cite.lit").count()))) fault(file, "a citation does not light up");

    const clock = page.locator(".line time").first();
    const utc = await clock.textContent();
    await page.locator("#zone").evaluate((node) => { node.append(new Option("+09:30", "+09:30")); node.value = "+09:30"; node.dispatchEvent(new Event("change")); });
    const moved = await clock.textContent();
    const minutes = (text) => text.slice(0, 5).split(":").reduce((sum, part) => sum * 60 + Number(part), 0);
    if ((minutes(moved) - minutes(utc) + 1440) % 1440 !== 570) fault(file, `${utc} becomes ${moved}`);
    await page.locator("#zone").selectOption("utc");
    if (await clock.textContent() !== utc) fault(file, "UTC does not come back");

    await page.locator("#against").click();
    if (!(await comes(async () => !(await page.locator(".pro:visible").count())))) fault(file, "what speaks for a hypothesis still shows");
    if (!(await page.locator(".con:visible").count())) fault(file, "what speaks against is gone");
    await page.locator("#against").click();

    const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    await page.locator("#theme").selectOption("dark");
    await still(page);
    const dark = await ground();
    await page.locator("#theme").selectOption("light");
    if (!(await comes(async () => await ground() !== dark))) fault(file, "the colours do not change");

    const mark = page.locator("svg a[href^='#e']").first();
    const id = (await mark.getAttribute("href")).slice(1);
    await mark.dispatchEvent("click");
    if (!(await comes(async () => await page.locator("#drawer").getAttribute("data-id") === id))) fault(file, "a mark of the chart does not lead to its evidence");
    await done(page);
  },

  // Without scripts everything is there, and a citation is a link.
  async scriptless(file) {
    const page = await open(file, { javaScriptEnabled: false });
    if (await page.locator(".tools:visible, #filters:visible, #drawer:visible, #against:visible").count()) fault(file, "shows what needs a script");
    const link = page.locator("main a.cite").first();
    if (await link.count()) {
      const id = (await link.getAttribute("href")).slice(1);
      await link.click();
      if (!(await comes(() => page.url().endsWith(`#${id}`)))) fault(file, `${id} is no link`);
      if (!(await page.locator(`#${id}`).isVisible())) fault(file, `${id} is not shown`);
    }
    await done(page);
  },

  // On paper: the charts and all evidence, none of the tools.
  async paper(file) {
    const page = await open(file);
    await page.emulateMedia({ media: "print" });
    if (await page.locator(".tools:visible, #filters:visible, .toc:visible").count()) fault(file, "prints its tools");
    const lost = await page.evaluate(() => Array.from(document.querySelectorAll(".exhibit pre")).filter((node) => node.scrollHeight > node.clientHeight + 2).length);
    if (lost) fault(file, `${lost} records are cut on paper`);
    await done(page);
  },
};

try {
  for (const page of pages) await scenarios[scenario](page);
} catch (error) {
  faults.push(`${scenario}: ${error.stack}`);
}
await browser.close();
for (const text of faults) console.error(text);
process.exit(faults.length ? 1 : 0);
