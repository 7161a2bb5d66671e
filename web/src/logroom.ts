// The log room: how many records match and when, as they are counted; a span of time by pointing at it.
import { count, make, one, say } from "./dom";

/** What the server counts (`Counted`). */
interface Counted {
  readonly total: number;
  readonly levels: readonly (readonly [string, number])[];
  readonly bars: readonly (readonly [string, number, number])[];
  readonly bin_s: number;
  readonly is_done: boolean;
}

interface Bin {
  readonly at: number;
  readonly records: number;
  readonly errors: number;
}

/** More would be thinner than a line. */
const MOST_BINS = 300;

const binsOf = (counted: Counted): Bin[] => {
  const known = counted.bars.map(([at, records, errors]) => ({ at: Date.parse(at), records, errors })).filter((bin) => Number.isFinite(bin.at));
  const [first, last, step] = [known[0], known[known.length - 1], counted.bin_s * 1000];
  if (!first || !last || step <= 0 || (last.at - first.at) / step > MOST_BINS) return known.slice(0, MOST_BINS);
  // Times in which nothing matches are seen as such.
  const by = new Map(known.map((bin) => [bin.at, bin]));
  const bins: Bin[] = [];
  for (let at = first.at; at <= last.at; at += step) bins.push(by.get(at) ?? { at, records: 0, errors: 0 });
  return bins;
};

const stamp = (ms: number): string => new Date(ms).toISOString().replace(/\.000Z$/, "Z");
const clock = (ms: number): string => stamp(ms).replace("T", " ").replace("Z", "");

/** Narrows the search to a span of time. */
const narrow = (from: number, to: number): void => {
  const form = one<HTMLFormElement>(".cf-search");
  const input = one<HTMLInputElement>("#l-q");
  if (!form || !input) return;
  const rest = input.value.replace(/(^|\s)(from|to):\S+/g, " ").replace(/\s+/g, " ").trim();
  input.value = `${rest} from:${stamp(from)} to:${stamp(to)}`.trim();
  say(`From ${clock(from)} to ${clock(to)}`);
  form.requestSubmit();
};

const barOf = (bin: Bin, { step, most }: { step: number; most: number }): HTMLButtonElement => {
  const says = `${clock(bin.at)} to ${clock(bin.at + step)} UTC: ${count(bin.records, "record")}${bin.errors ? `, ${bin.errors.toLocaleString("en")} of level error or above` : ""}`;
  const button = make("button", { type: "button", tabindex: "-1", "aria-label": says, title: says });
  const part = (n: number, kind: string): HTMLElement => {
    const node = make("i", kind ? { class: kind } : {});
    node.style.height = `${(n / most) * 100}%`;
    return node;
  };
  // However few, they are seen.
  if (bin.records > bin.errors) button.append(part(Math.max(bin.records - bin.errors, most / 40), ""));
  if (bin.errors) button.append(part(Math.max(bin.errors, most / 40), "cf-err"));
  return button;
};

interface Drawn {
  bins: Bin[];
  step: number;
}

const draw = (counted: Counted, drawn: Drawn): void => {
  const [total, box, axis] = [one("#cf-total"), one("#cf-bars"), one("#cf-axis")];
  if (!total || !box) return;
  const errors = counted.levels.filter(([name]) => /^(error|critical|fatal|alert|emergency)$/.test(name)).reduce((sum, [, n]) => sum + n, 0);
  const so = counted.is_done ? "" : " so far";
  total.replaceChildren(make("b", {}, `${count(counted.total, "record")}${so}`), errors ? `${errors.toLocaleString("en")} of level error or above` : "");
  drawn.bins = binsOf(counted);
  drawn.step = counted.bin_s * 1000;
  const most = drawn.bins.reduce((top, bin) => Math.max(top, bin.records), 1);
  const focused = box.contains(document.activeElement) ? [...box.children].indexOf(document.activeElement as Element) : -1;
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

/** A press on a bar, a stretch drawn over several, or arrow keys and Enter. */
const point = (box: HTMLElement, drawn: Drawn): void => {
  let start = -1;
  const under = (event: PointerEvent): number => {
    const edge = box.getBoundingClientRect();
    return Math.min(Math.max(Math.floor((event.clientX - edge.left) / edge.width * drawn.bins.length), 0), drawn.bins.length - 1);
  };
  const mark = (from: number, to: number): void => [...box.children].forEach((node, at) => node.classList.toggle("cf-in", at >= Math.min(from, to) && at <= Math.max(from, to)));
  const choose = (from: number, to: number): void => {
    const [first, last] = [drawn.bins[Math.min(from, to)], drawn.bins[Math.max(from, to)]];
    if (first && last) narrow(first.at, last.at + drawn.step);
  };
  box.addEventListener("pointerdown", (event) => {
    if (event.button || !drawn.bins.length) return;
    start = under(event);
    box.setPointerCapture(event.pointerId);
    mark(start, start);
  });
  box.addEventListener("pointermove", (event) => { if (start >= 0) mark(start, under(event)); });
  box.addEventListener("pointercancel", () => { start = -1; mark(-2, -2); });
  box.addEventListener("pointerup", (event) => {
    if (start < 0) return;
    const from = start;
    start = -1;
    choose(from, under(event));
  });
  box.addEventListener("keydown", (event) => {
    const at = [...box.children].indexOf(document.activeElement as Element);
    if (at < 0) return;
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      choose(at, at);
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

let counting: EventSource | null = null;

const arrive = (): void => {
  counting?.close();
  counting = null;
  one("#it")?.scrollIntoView({ block: "center" });
  const reload = Number(one("[data-reload]")?.dataset.reload);
  if (reload > 0) setTimeout(() => location.reload(), reload);
  const url = one("#cf-histogram")?.dataset.counts;
  const box = one("#cf-bars");
  if (!url || !box) return;
  const drawn: Drawn = { bins: [], step: 0 };
  point(box, drawn);
  const source = counting = new EventSource(url);
  const show = (event: MessageEvent<string>): void => draw(JSON.parse(event.data) as Counted, drawn);
  source.addEventListener("progress", show);
  source.addEventListener("end", (event) => {
    source.close();
    show(event);
  });
  // A search that is refused has no counts; its reason stands on the page.
  source.addEventListener("error", () => source.close());
};

export const logroom = (): void => {
  if (!one("#cf-room")) return;
  arrive();
  // Searching and turning pages changes this part of the page only.
  document.addEventListener("htmx:after:swap", arrive);
  addEventListener("pagehide", () => counting?.close());
};
