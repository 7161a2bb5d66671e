// How far the work on a case is, as it goes on; and what comes of it.
import { amount, all, keep, kept, make, one } from "./dom";

/** What the server tells (`Told`). */
interface Told {
  readonly phase: string;
  readonly read_bytes: number;
  readonly total_bytes: number;
  readonly records: number;
  readonly errors: number;
  readonly events: number;
  readonly seen: readonly string[];
  readonly why: string | null;
}

const words = (told: Told): string => {
  switch (told.phase) {
    case "queued": return "Waiting for its turn";
    case "reading": return told.total_bytes ? `Reading, ${amount(told.read_bytes)} of ${amount(told.total_bytes)}` : "Reading";
    case "reasoning": return "Looking for what happened, and why";
    case "quoting": return "Writing it down, with its evidence";
    default: return "Opening the report";
  }
};

const put = (id: string, text: string): void => {
  const node = one(id);
  // Only what is new: those who hear the page hear it once.
  if (node && node.textContent !== text) node.textContent = text;
};

const show = (told: Told): void => {
  put("#cf-phase", words(told));
  const bar = one<HTMLProgressElement>("#cf-part");
  if (bar) {
    if (told.phase === "reading" && told.total_bytes) bar.value = 90 * told.read_bytes / told.total_bytes;
    else if (told.phase === "reasoning" || told.phase === "quoting") bar.value = told.phase === "reasoning" ? 92 : 97;
    else if (told.phase !== "queued") bar.value = 100;
  }
  put("#cf-records", told.records.toLocaleString("en"));
  put("#cf-errors", told.errors.toLocaleString("en"));
  put("#cf-events", told.events.toLocaleString("en"));
  const list = one("#cf-seen");
  if (list && told.seen.length && all("li:not(.cf-empty)", list).length !== told.seen.length) {
    list.replaceChildren(...told.seen.map((line) => make("li", {}, line)));
  }
};

const parsed = (event: MessageEvent<string>): Told => JSON.parse(event.data) as Told;

/** Listens until the work is over, then calls back once; a line that breaks is taken up again by the browser. */
const listen = (url: string, each: (told: Told) => void, end: (told: Told) => void): void => {
  const source = new EventSource(url);
  source.addEventListener("progress", (event) => each(parsed(event)));
  source.addEventListener("end", (event) => {
    source.close();
    end(parsed(event));
  });
  addEventListener("pagehide", () => source.close());
};

export const progress = (): void => {
  const page = one("#cf-progress");
  const url = page?.dataset.events;
  if (!page || !url) return;
  keep("sessionStorage", "fresh", "1");
  try {
    if (page.dataset.told) show(JSON.parse(page.dataset.told) as Told);
  } catch {
    // The events tell it again.
  }
  listen(url, show, (told) => {
    if (told.phase === "done") show(told);
    location.reload();
  });
};

/** On a report that is no longer the newest: whoever just brought the files wants the new one, whoever reads is asked. */
export const busy = (): void => {
  for (const form of all<HTMLFormElement>("form[action='/example'], form[action$='/analyse']")) {
    form.addEventListener("submit", () => keep("sessionStorage", "fresh", "1"));
  }
  const line = one(".cf-busy[data-events]");
  const url = line?.dataset.events;
  if (!line || !url) {
    if (!one("#cf-progress")) keep("sessionStorage", "fresh", null);
    return;
  }
  let reading = kept("sessionStorage", "fresh") === null;
  for (const kind of ["wheel", "keydown", "pointerdown"]) addEventListener(kind, () => { reading = true; }, { once: true, passive: true });
  listen(url, () => undefined, (told) => {
    line.classList.add("cf-ready");
    if (told.phase === "done" && !reading) location.reload();
    else if (told.phase === "done") line.replaceChildren("A newer report is there. ", make("a", { href: location.pathname }, "Show it"));
    else line.replaceChildren(`No newer report was made: ${told.why ?? "the reading was stopped"} What you read stays. `, make("a", { href: `${location.pathname}/evidence` }, "Evidence"));
  });
};
