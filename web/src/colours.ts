// Light and dark: as the system, or as chosen here and remembered. The report's page has a choice of its own; both agree.
import { keep, one, say } from "./dom";

const root = document.documentElement;
const names = { auto: "as the system", light: "light", dark: "dark" } as const;
type Name = keyof typeof names;
const order: readonly Name[] = ["auto", "light", "dark"];

const current = (): Name => order.find((name) => name === root.dataset.theme) ?? "auto";

const choose = (name: Name): void => {
  if (name === "auto") delete root.dataset.theme;
  else root.dataset.theme = name;
  keep("localStorage", "colours", name === "auto" ? null : name);
  show();
};

const show = (): void => {
  const name = current();
  const button = one(".cf-colours");
  button?.setAttribute("data-colours", name);
  button?.setAttribute("aria-label", `Colours: ${names[name]}`);
  button?.setAttribute("title", `Colours: ${names[name]}`);
  const own = one<HTMLSelectElement>("#theme");
  if (own) own.value = name;
};

export const colours = (): void => {
  one(".cf-colours")?.addEventListener("click", () => {
    choose(order[(order.indexOf(current()) + 1) % order.length] ?? "auto");
    say(`Colours: ${names[current()]}`);
  });
  const own = one<HTMLSelectElement>("#theme");
  own?.addEventListener("change", () => choose(order.find((name) => name === own.value) ?? "auto"));
  show();
};
