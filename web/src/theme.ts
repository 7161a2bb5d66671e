// Runs before the page is painted, so that neither colours nor layout change afterwards.
import { kept } from "./dom";

const root = document.documentElement;
root.classList.add("cf-scripted");
const chosen = kept("localStorage", "colours");
if (chosen === "light" || chosen === "dark") root.dataset.theme = chosen;
