// The scripts of the pages. Each page is whole without them; each part looks whether it is on its page.
import { colours } from "./colours";
import { desk } from "./desk";
import { all, keep, one } from "./dom";
import { drop } from "./drop";
import { hand } from "./hand";
import { keys } from "./keys";
import { logroom } from "./logroom";
import { busy, progress } from "./progress";
import { nameOf, said } from "./talk";

colours();
keys();
drop();
progress();
busy();
logroom();
const state = one("#cf-state");
if (state) {
  hand(state);
  desk(state);
}
for (const field of all<HTMLInputElement>("input[name=by]")) {
  if (field.value) keep("localStorage", "name", field.value);
  else if (field.type !== "hidden") field.value = nameOf();
}
said();
// On a narrow screen the tab of this page may lie beyond the edge; the page itself must not move.
const [tabs, tab] = [one(".cf-tabs"), one(".cf-tabs [aria-current]")];
if (tabs && tab) tabs.scrollLeft = tab.offsetLeft - tabs.offsetLeft - (tabs.clientWidth - tab.offsetWidth) / 2;
