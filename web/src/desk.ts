// The report as a desk: beside each sentence a button to say something of it, open questions that take an answer, actions
// that take another, and the way from a citation to its place in the log room.
import { all, make, one } from "./dom";
import { nameOf, talk } from "./talk";

interface Htmx {
  ajax(verb: "GET", path: string, context: { target: string; swap: string }): Promise<void>;
}
declare global {
  interface Window {
    readonly htmx?: Htmx;
  }
}

const open = async (id: string, claim: string): Promise<void> => {
  const dialog = one<HTMLDialogElement>("#cf-panel");
  const body = one("#cf-panel-body");
  if (!dialog || !body) return;
  const waits = make("p", { class: "cf-empty" }, "One moment …");
  body.replaceChildren(waits);
  dialog.showModal();
  const path = `/cases/${id}/statements/${encodeURIComponent(claim)}`;
  await window.htmx?.ajax("GET", path, { target: "#cf-panel-body", swap: "innerHTML" }).catch(() => undefined);
  if (waits.isConnected) {
    waits.replaceChildren("This statement could not be loaded. ", make("a", { href: path }, "Open it as a page"));
    return;
  }
  const name = one<HTMLInputElement>("[name=by]", body);
  if (name && !name.value) name.value = nameOf();
  // On a phone the keyboard would cover what there is to choose.
  if (matchMedia("(hover: hover)").matches) (name?.value ? one("textarea", body) : name)?.focus();
};

/** The statement that a key means: the one with the focus (`j`, `k`), under the pointer, or the first in view. */
const meant = (): HTMLElement | null => document.activeElement?.closest<HTMLElement>(".st[data-claim]")
  ?? one(".st[data-claim]:hover")
  ?? all(".st[data-claim]").find((node) => node.getBoundingClientRect().top >= 0 && node.offsetParent !== null)
  ?? null;

const canBeTold = (node: HTMLElement): boolean => Boolean(one(":scope > .cf-tell", node));

const buttons = (id: string): void => {
  for (const node of all(".st[data-claim]")) {
    const claim = node.dataset.claim ?? "";
    // Statements of the analysis, and actions that a person added.
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

let forms = 0;
const labelled = (label: string, field: HTMLElement): Node[] => {
  field.id = `cf-field-${forms += 1}`;
  return [make("label", { for: field.id }, label), field];
};

const ask = (id: string, summary: string, hidden: Readonly<Record<string, string>>, fields: Node[]): HTMLElement => {
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

const area = (): HTMLElement => make("textarea", { name: "text", rows: "2", required: "", maxlength: "10000" });

const questions = (id: string): void => {
  for (const gap of all(".gaps > li")) {
    const field = one(":scope > code", gap)?.textContent;
    if (field) gap.append(ask(id, "Answer it", { kind: "answer", field }, labelled("The answer", area())));
  }
};

const actions = (id: string): void => {
  const section = one("#s-actions")?.closest("section");
  const more = make("div", { class: "cf-row" }, ...labelled("Owner", make("input", { name: "owner", maxlength: "120" })), ...labelled("Due", make("input", { name: "due", type: "date" })));
  section?.append(ask(id, "Add an action", { kind: "act" }, [...labelled("What shall be done", area()), more]));
};

const places = (id: string): void => {
  for (const exhibit of all(".exhibit")) {
    const source = one(".src", exhibit)?.textContent ?? "";
    const line = one("mark.ln", exhibit)?.dataset.n;
    if (!line || source.startsWith("said by ")) continue;
    const link = make("a", { class: "cf-inlog", href: `/cases/${id}/logs?at=${encodeURIComponent(`${source}:${line}`)}#it` }, "in the log room");
    one("header p", exhibit)?.append(" · ", link);
  }
};

const keys = (): void => {
  const list = one("#keys dl");
  const row = (names: string[], does: string): Node => make("div", {}, make("dt", {}, ...names.flatMap((name) => [make("kbd", {}, name), " "])), make("dd", {}, does));
  list?.append(row(["e"], "say something of the statement"), row(["g", "l"], "log room"), row(["g", "v"], "evidence"), row(["g", "h"], "history"), row(["g", "x"], "export"), row(["g", "c"], "all cases"));
};

export const desk = (state: HTMLElement): void => {
  const id = state.dataset.case ?? "";
  places(id);
  keys();
  if (state.dataset.desk === undefined) return;
  buttons(id);
  questions(id);
  actions(id);
  const panel = one("#cf-panel");
  if (panel) talk(panel);
  document.addEventListener("keydown", (event) => {
    if (event.key !== "e" || event.ctrlKey || event.metaKey || event.altKey || one("dialog[open]")) return;
    if ((event.target as Element).matches("input, select, textarea")) return;
    const node = meant();
    if (!node || !canBeTold(node)) return;
    event.preventDefault();
    void open(id, node.dataset.claim ?? "");
  });
};
