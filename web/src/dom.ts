// The few things that every part needs. Text comes onto a page as text only, never as HTML.

export const one = <T extends Element = HTMLElement>(selector: string, root: ParentNode = document): T | null => root.querySelector<T>(selector);

export const all = <T extends Element = HTMLElement>(selector: string, root: ParentNode = document): T[] => [...root.querySelectorAll<T>(selector)];

type Attributes = Readonly<Record<string, string>>;

export const make = <K extends keyof HTMLElementTagNameMap>(name: K, attributes: Attributes = {}, ...children: (Node | string)[]): HTMLElementTagNameMap[K] => {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);
  return node;
};

/** Tells those who hear the page. */
export const say = (text: string): void => {
  const node = one("#cf-said");
  if (node) node.textContent = text;
};

/** Tells everybody, for a while. */
export const toast = (text: string): void => {
  say(text);
  const node = make("div", { class: "cf-toast", "aria-hidden": "true" }, text);
  document.body.append(node);
  setTimeout(() => node.remove(), 4000);
};

export const count = (n: number, name: string): string => `${n.toLocaleString("en")} ${name}${n === 1 ? "" : "s"}`;

export const amount = (bytes: number): string => {
  if (bytes < 1000) return `${bytes} bytes`;
  if (bytes < 1e6) return `${Math.floor(bytes / 1000)} kB`;
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
};

/** What this browser keeps; where it may keep nothing, everything works but remembering. */
export const kept = (store: "localStorage" | "sessionStorage", key: string): string | null => {
  try {
    return window[store].getItem(`casefile-${key}`);
  } catch {
    return null;
  }
};

export const keep = (store: "localStorage" | "sessionStorage", key: string, value: string | null): void => {
  try {
    if (value === null) window[store].removeItem(`casefile-${key}`);
    else window[store].setItem(`casefile-${key}`, value);
  } catch {
    // Not kept.
  }
};
