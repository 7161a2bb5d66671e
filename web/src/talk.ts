// Forms by which people say something: sent without leaving the page, so that nothing typed is lost if it is refused.
import { keep, kept, make, one, toast } from "./dom";
import { wordsOf } from "./problem";

export const nameOf = (): string => kept("localStorage", "name") ?? "";

const refusal = (form: HTMLFormElement, ...children: (Node | string)[]): void => {
  one(".cf-refused", form)?.remove();
  const box = make("div", { class: "cf-warn cf-refused", role: "alert", tabindex: "-1" }, ...children);
  form.prepend(box);
  box.scrollIntoView({ block: "nearest" });
};

/** Somebody else was faster: what the sentence says now, and the same button sends it all the same. */
const outrun = async (form: HTMLFormElement, words: string): Promise<void> => {
  const claim = one<HTMLInputElement>("[name=claim]", form)?.value ?? "";
  const answer = await fetch(`${new URL(form.action).pathname.replace(/\/changes$/, "")}/statements/${encodeURIComponent(claim)}`, { headers: { "hx-request": "true" } });
  const newest = new DOMParser().parseFromString(await answer.text(), "text/html");
  const expected = newest.querySelector<HTMLInputElement>("[name=expected]")?.value;
  const own = one<HTMLInputElement>("[name=expected]", form);
  if (expected && own) own.value = expected;
  const now = newest.querySelector(".cf-quote")?.textContent ?? "";
  refusal(form, make("p", {}, words), ...(now ? [make("p", {}, `It says now: “${now}”`)] : []), make("p", {}, "What you typed still stands below; the same button sends it to the newest version."));
};

const send = async (form: HTMLFormElement, submitter: HTMLElement | null): Promise<void> => {
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
    const words = wordsOf(answer.status, await answer.text());
    if (answer.status === 409) await outrun(form, words);
    else refusal(form, make("p", {}, words));
  } catch {
    refusal(form, make("p", {}, "The server cannot be reached. What you typed still stands below; try again."));
  }
  form.classList.remove("cf-busy-form");
};

/** Takes over the forms within a node, those that come later too. */
export const talk = (root: HTMLElement): void => {
  root.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement;
    if (form.method !== "post") return;
    event.preventDefault();
    if (!form.classList.contains("cf-busy-form")) void send(form, event.submitter);
  });
  // Enter in a field means the button beside it, not the first of the form.
  root.addEventListener("keydown", (event) => {
    const field = event.target as HTMLElement;
    if (event.key !== "Enter" || !field.matches("input:not([type=submit])") || !field.closest("form")?.querySelector("fieldset")) return;
    event.preventDefault();
    one("button[name=kind]", field.closest("fieldset") ?? document.createElement("i"))?.click();
  });
  root.addEventListener("click", (event) => {
    const fill = (event.target as Element).closest<HTMLElement>("[data-fill]");
    const text = fill?.closest("form")?.querySelector("textarea");
    if (!fill || !text) return;
    text.value = fill.dataset.fill ?? "";
    text.focus();
  });
};

/** What was kept before the page was loaded again. */
export const said = (): void => {
  const text = kept("sessionStorage", "said");
  keep("sessionStorage", "said", null);
  if (text) toast(text);
};
