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
