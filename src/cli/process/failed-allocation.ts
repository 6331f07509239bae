/** What V8 and JavaScriptCore say if the machine has no memory left, in a RangeError with no other mark. */
const OF_ENGINES = [
  ...["Array buffer allocation failed", "could not allocate memory", "Cannot allocate Wasm memory"],
  ...["Unable to grow instance memory", "Out of memory"],
];
/** What the library says (grow.ts, arena.ts), up to the 4 GB that some machine has. More is refused by every machine. */
const OF_LIBRARY = [
  "index needs [1-3]?\\d{1,9} bytes of memory; the runtime refused to grow",
  "\\b[0-3]\\.\\d GiB of memory or more are needed, and the runtime gives no more",
];
const MESSAGES = new RegExp([...OF_ENGINES, ...OF_LIBRARY].join("|"));

/** Tells a failed allocation from a RangeError about a value. The next try may find more memory. */
export const isFailedAllocation = (error: unknown): boolean =>
  error instanceof RangeError && MESSAGES.test(error.message);
