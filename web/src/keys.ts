// Keys that work on every page; on the report's page the report has its own beside them.
import { one } from "./dom";

const PLACES: Readonly<Record<string, string>> = { r: "", l: "/logs", v: "/evidence", h: "/history", x: "/export" };

const go = (letter: string): boolean => {
  const id = /^\/cases\/([^/]+)/.exec(location.pathname)?.[1];
  if (letter === "c") location.assign("/");
  else if (id && PLACES[letter] !== undefined) location.assign(`/cases/${id}${PLACES[letter]}`);
  else return false;
  return true;
};

const help = (): void => one<HTMLDialogElement>("#cf-keys")?.showModal();

export const keys = (): void => {
  const isOurs = document.body.classList.contains("cf-page");
  let awaited = 0;
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || one("dialog[open]")) return;
    if ((event.target as Element).matches("input, select, textarea")) return;
    const second = performance.now() - awaited < 1500;
    awaited = 0;
    if (second && go(event.key)) {
      // The second letter means something else to the report.
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
