import type { Fault } from "./fault.ts";

/** Faults of writes at the same time, and of sets that a service cannot take as a whole. */
export const BURST_FAULTS: readonly Fault[] = [
  {
    name: "a burst of writes that others have not counted, in an object",
    file: "worker/live/log-storage.ts",
    find: "(head - after) * MOST_IN_SET > room",
    replace: "head < after",
    suites: ["test/live/log/object-log.test.ts"],
  },
  {
    name: "a burst of writes that others have not counted",
    file: "worker/live/changing.ts",
    find: "Math.max(0, roomFor(changing.maxDelta)",
    replace: "Math.max(1e9, roomFor(changing.maxDelta)",
    suites: ["test/live/following.test.ts"],
  },
  {
    name: "a set that was divided, written again as a whole",
    file: "src/cli/changing/send-sets.ts",
    find: "await sendWhole(first, name, key);",
    replace: "await sendSet(first, name, digest);",
    suites: ["test/live/push-to-log.test.ts"],
  },
  {
    name: "a burst of writes that others have not counted, in segments",
    file: "src/publication/segments/segment-log.ts",
    find: "(number - 1 - after) * MOST_IN_SET > room",
    replace: "number < after",
    suites: ["test/live/log/log-stores.test.ts"],
  },
];
