// People's words on the report: set apart by their looks. Which statements carry some is told by the server; a sentence
// that only quotes such brackets out of a log is the analysis's own and stays so.
import { all, make, one } from "./dom";

/** Where the brackets begin that the server put behind a text; they reach to its end. */
const BEHIND = / \[(?:Worded by |Chosen by |Added by |Answered by |Owner, date and status as set by |[^[\]]{1,90} on \d{4}-\d\d-\d\d: (?:right|wrong|not quite|partly)).*\]$/s;

const wrap = (text: HTMLElement): void => {
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

export const hand = (state: HTMLElement): void => {
  const ids = (name: "hand" | "worded"): Set<string> => new Set((state.dataset[name] ?? "").split(" ").filter(Boolean));
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
