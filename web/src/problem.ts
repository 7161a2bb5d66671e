// What the server refuses, in its own words: as JSON to a request of ours, as a page to a form.

export const wordsOf = (status: number, body: string): string => {
  try {
    const problem: unknown = JSON.parse(body);
    if (typeof problem === "object" && problem !== null && "detail" in problem) return String(problem.detail);
  } catch {
    // Then it is a page. Parsing it this way runs nothing of it.
    const text = new DOMParser().parseFromString(body, "text/html").querySelector(".cf-problem p")?.textContent;
    if (text) return text;
  }
  return status === 0 ? "The server cannot be reached. Nothing was kept of this." : `The server answered with ${status}.`;
};
