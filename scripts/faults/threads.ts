import type { Fault } from "./fault.ts";

/** Faults of threads that read rows together. */
export const THREADS_FAULTS: readonly Fault[] = [
  {
    name: "the best classes of a thread that has slept through a job",
    file: "src/threads/threaded-reader.ts",
    find: "new Int32Array(memory.buffer, topCounts, QUERY_BLOCK).fill(0)",
    replace: "new Int32Array(memory.buffer, topCounts, 0).fill(0)",
    suites: ["test/threads/bits.test.ts"],
  },
  {
    name: "threads that score at another temperature",
    file: "src/threads/thread.ts",
    find: "inverseTemperature: job.inverseTemperature",
    replace: "inverseTemperature: 1",
    suites: ["test/threads/bits.test.ts"],
  },
  {
    name: "refined scores that are refined again by the merge",
    file: "src/threads/merge-best.ts",
    find: "write(opened, structs.SEARCH_REFINEMENT, 0);",
    replace: "",
    suites: ["test/threads/bits.test.ts"],
  },
  {
    name: "a call that does not wait for the last blocks",
    file: "src/threads/thread-pool.ts",
    find: "while (control.isBusy(number)) {",
    replace: "while (false) {",
    suites: ["test/threads/bits.test.ts", "test/threads/failures.test.ts"],
  },
  {
    name: "threads that outlive their index",
    file: "src/index/call-runner.ts",
    find: "this.opened?.batches?.dispose?.();",
    replace: "",
    suites: ["test/threads/failures.test.ts"],
  },
];
