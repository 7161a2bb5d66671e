// Files on their way to the server: dropped (folders too), chosen or pasted. Without this the form itself posts.
import { amount, count, keep, make, one } from "./dom";
import { wordsOf } from "./problem";

/** A file and its name, with `/` where it lay in folders. */
interface Item {
  readonly name: string;
  readonly file: Blob;
}

/** Sent at once; more would only share the same line. */
const AT_ONCE = 3;

const readAll = (folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> => {
  const reader = folder.createReader();
  const found: FileSystemEntry[] = [];
  return new Promise((resolve, reject) => {
    // A folder is told in portions, an empty one at the end.
    const next = (): void => reader.readEntries((some) => {
      found.push(...some);
      if (some.length) next();
      else resolve(found);
    }, reject);
    next();
  });
};

const walk = async (entry: FileSystemEntry, into: Item[]): Promise<void> => {
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
    into.push({ name: entry.fullPath.replace(/^\//, ""), file });
  } else if (entry.isDirectory) {
    for (const inner of await readAll(entry as FileSystemDirectoryEntry)) await walk(inner, into);
  }
};

const dropped = async (data: DataTransfer): Promise<Item[]> => {
  // All of them at once: after the first pause the list is empty.
  const entries = [...data.items].flatMap((item) => (item.kind === "file" ? [item.webkitGetAsEntry()] : []));
  const plain = [...data.files];
  const items: Item[] = [];
  for (const entry of entries) if (entry) await walk(entry, items);
  if (items.length) return items;
  return plain.map((file) => ({ name: file.name, file }));
};

const chosen = (input: HTMLInputElement): Item[] => [...(input.files ?? [])].map((file) => ({ name: file.webkitRelativePath || file.name, file }));

interface Answer {
  readonly status: number;
  readonly body: string;
}

const put = (url: string, file: Blob, told: (sent: number) => void): Promise<Answer> => new Promise((resolve) => {
  const request = new XMLHttpRequest();
  request.open("PUT", url);
  request.setRequestHeader("content-type", "application/octet-stream");
  request.upload.addEventListener("progress", (event) => told(event.loaded));
  request.addEventListener("loadend", () => resolve({ status: request.status, body: request.responseText }));
  request.send(file);
});

/** One line of the list, and what it says. */
const lineOf = (item: Item) => {
  const bar = make("progress", { max: String(Math.max(item.file.size, 1)), value: "0", "aria-label": `Sent of ${item.name}` });
  const state = make("span", { class: "cf-sub" }, "waits");
  const node = make("li", {}, make("span", { class: "cf-name", title: item.name }, item.name), state, bar);
  return {
    node,
    sent: (bytes: number): void => {
      bar.value = bytes;
      state.textContent = `${amount(bytes)} of ${amount(item.file.size)}`;
    },
    done: (): void => {
      bar.value = bar.max;
      state.textContent = "sent";
    },
    failed: (why: string): void => {
      bar.remove();
      state.textContent = "not sent";
      node.append(make("span", { class: "cf-failed", role: "alert" }, why));
    },
  };
};
type Line = ReturnType<typeof lineOf>;

const send = async (id: string, by: string, [item, line]: readonly [Item, Line]): Promise<boolean> => {
  const url = `/api/v1/cases/${id}/uploads?name=${encodeURIComponent(item.name)}&by=${encodeURIComponent(by)}`;
  let answer = await put(url, item.file, line.sent);
  // A line that broke, or a server that was busy: once more. What was refused stays so.
  if (answer.status === 0 || answer.status >= 500) answer = await put(url, item.file, line.sent);
  if (answer.status === 200 || answer.status === 201) {
    line.done();
    return true;
  }
  line.failed(wordsOf(answer.status, answer.body));
  return false;
};

const caseFor = async (items: readonly Item[]): Promise<string> => {
  const [first] = items;
  const name = (first?.name ?? "").split("/")[0] ?? "";
  const title = items.length > 1 && !first?.name.includes("/") ? `${name} and ${items.length - 1} more` : name;
  const answer = await fetch("/api/v1/cases", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ title, key: crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}` }),
  });
  const body = await answer.text();
  if (!answer.ok) throw new Error(wordsOf(answer.status, body));
  return String((JSON.parse(body) as { id: unknown }).id);
};

export const drop = (): void => {
  const form = one<HTMLFormElement>("#cf-drop");
  const list = one("#cf-uploads");
  if (!form || !list) return;
  let busy = false;
  const field = (name: string): string => one<HTMLInputElement>(`[name=${name}]`, form)?.value.trim() ?? "";
  const sum = make("p", { class: "cf-sum", role: "status" });
  const warn = (event: BeforeUnloadEvent): void => event.preventDefault();

  const run = async (items: readonly Item[]): Promise<void> => {
    const lines = items.map((item) => [item, lineOf(item)] as const);
    sum.textContent = `Sending ${count(items.length, "file")}`;
    list.replaceChildren(sum, make("ul", {}, ...lines.map(([, line]) => line.node)));
    list.scrollIntoView({ block: "nearest" });
    const id = form.dataset.put || await caseFor(items);
    form.dataset.put = id;
    const waiting = [...lines];
    let sent = 0;
    const worker = async (): Promise<void> => {
      for (let next = waiting.shift(); next; next = waiting.shift()) if (await send(id, field("by"), next)) sent += 1;
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    removeEventListener("beforeunload", warn);
    if (sent === items.length) {
      keep("sessionStorage", "fresh", "1");
      location.assign(`/cases/${id}`);
      return;
    }
    sum.textContent = `${count(sent, "file")} of ${items.length} sent`;
    if (sent) list.append(make("a", { class: "cf-button cf-primary", href: `/cases/${id}` }, "Go on with what was sent"));
  };

  const take = async (coming: readonly Item[] | Promise<Item[]>): Promise<void> => {
    if (busy) return;
    busy = true;
    addEventListener("beforeunload", warn);
    try {
      const items = (await coming).filter((item) => item.file.size > 0);
      if (items.length) await run(items);
      else list.replaceChildren(make("p", { class: "cf-warn", role: "alert" }, "There was no file with anything in it."));
    } catch (error) {
      const why = error instanceof Error && error.message ? error.message : "The files could not be read.";
      list.replaceChildren(make("p", { class: "cf-warn", role: "alert" }, why));
    }
    removeEventListener("beforeunload", warn);
    busy = false;
  };

  // Anywhere on the page will do.
  document.addEventListener("dragover", (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    form.classList.add("cf-over");
  });
  document.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) form.classList.remove("cf-over");
  });
  document.addEventListener("drop", (event) => {
    form.classList.remove("cf-over");
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    void take(dropped(event.dataTransfer));
  });
  for (const id of ["#cf-file", "#cf-folder"]) {
    const input = one<HTMLInputElement>(id, form);
    input?.addEventListener("change", () => {
      const items = chosen(input);
      input.value = "";
      if (items.length) void take(items);
    });
  }
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const text = field("paste");
    if (text) void take([{ name: "pasted.txt", file: new Blob([text], { type: "text/plain" }) }]);
    else one("[name=paste]", form)?.focus();
  });
};
