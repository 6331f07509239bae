import type { Fault } from "./fault.ts";

/** Faults in src/parts, and in what it relies on. */
export const PART_FAULTS: readonly Fault[] = [
  {
    name: "the same random numbers for all parts",
    file: "src/parts/random-numbers.ts",
    find: "seed + BigInt(number) * KEY_STEP",
    replace: "seed",
    suites: ["test/parts/estimates.test.ts"],
  },
  {
    name: "the same choices in a router and in the routers behind it",
    file: "src/parts/random-numbers.ts",
    find: "PURPOSE_PART + 256 * parts.length",
    replace: "PURPOSE_PART",
    suites: ["test/parts/draws.test.ts"],
  },
  {
    name: "times between exact draws that forget refused proposals",
    file: "assembly/exact/envelope.ts",
    find: "<f64>(step >> 1) + 1",
    replace: "1",
    suites: ["test/parts/draws.test.ts"],
  },
  {
    name: "ties of scores by the order of the parts",
    file: "src/parts/merge-classes.ts",
    find: "(a.piece.ids[a.at] as number) - (b.piece.ids[b.at] as number)",
    replace: "0",
    suites: ["test/parts/exact.test.ts"],
  },
  {
    name: "log Q of a part without the share of the part",
    file: "src/parts/merge-classes.ts",
    find: "Math.fround(logMass - logTotal + logQ)",
    replace: "Math.fround(logQ)",
    suites: ["test/parts/draws.test.ts"],
  },
  {
    name: "a threshold that forgets the keys of other parts",
    file: "src/parts/merge-classes.ts",
    find: "next ? (next.piece.keys[next.at] as number) : Number.NEGATIVE_INFINITY",
    replace: "Number.NEGATIVE_INFINITY",
    suites: ["test/parts/draws.test.ts"],
  },
  {
    name: "standard errors that add, where variances do",
    file: "src/parts/merge-estimates.ts",
    find: "times(times(term[field], scales[i] as number), scales[i] as number)",
    replace: "times(term[field], scales[i] as number)",
    suites: ["test/parts/estimates.test.ts"],
  },
  {
    name: "a head for each part, where the call wants one for all",
    file: "src/parts/effort-shares.ts",
    find: "upTo(before + classes) - upTo(before)",
    replace: "total",
    suites: ["test/parts/estimates.test.ts"],
  },
  {
    name: "a bitmap that starts at the first byte for every part",
    file: "src/parts/place.ts",
    find: "table === undefined ? first + i : (table[i] as number)",
    replace: "i",
    suites: ["test/parts/exact.test.ts"],
  },
  {
    name: "a message whose length is believed",
    file: "src/parts/message-bytes.ts",
    find: "if (bytes > left)",
    replace: "if (bytes > left + 8)",
    suites: ["test/parts/messages.test.ts"],
  },
  {
    name: "the other classes of a slate without the share of their part",
    file: "src/parts/slates.ts",
    find: "slate.logRest + shiftOf(slate)",
    replace: "slate.logRest",
    suites: ["test/parts/slates.test.ts"],
  },
];
