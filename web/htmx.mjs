// Takes the one file of htmx that the pages use, as its authors built it, with its licence.
import { readFileSync, writeFileSync } from "node:fs";

const from = new URL("node_modules/htmx.org/", import.meta.url);
const to = new URL("../crates/server/assets/", import.meta.url);
const { version, license } = JSON.parse(readFileSync(new URL("package.json", from), "utf8"));
const script = readFileSync(new URL("dist/htmx.min.js", from), "utf8").replace(/\n?\/\/# sourceMappingURL=.*\n?$/, "\n");
writeFileSync(new URL("htmx.js", to), `/* htmx ${version}, ${license} */\n${script}`);
