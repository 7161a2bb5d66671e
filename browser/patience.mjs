// How these scenarios wait. A browser lays out, scrolls and fades after it says that a page is loaded, and on a busy machine long
// after: what is expected of a page is looked at until it is so, and only what is not so in the end is a fault.
const WAIT = 20_000;

// Looks with `see` until it answers with something true, and gives that answer; the last answer where none comes in time.
export const comes = async (see) => {
  for (const begun = Date.now(); ;) {
    const seen = await see();
    if (seen || Date.now() - begun > WAIT) return seen;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
};

// Whether the whole of a node comes to stand within the window.
export const inView = (locator) => comes(() => locator.evaluate((node) => {
  const box = node.getBoundingClientRect();
  return box.top >= 0 && box.bottom <= innerHeight;
}));

// Until nothing fades or slides any more: what only turns for ever is left turning.
export const still = (page) => page.evaluate(async () => {
  await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
  const ends = document.getAnimations().filter((one) => one.effect?.getComputedTiming().endTime !== Infinity);
  await Promise.all(ends.map((one) => one.finished.catch(() => undefined)));
});
