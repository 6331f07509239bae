import type { Fault } from "./fault.ts";

/** Faults of manifests, and of builds in parts by tasks and workers. */
export const BUILDS_IN_PARTS_FAULTS: readonly Fault[] = [
  {
    name: "a manifest whose parts may overlap",
    file: "src/publication/part-ranges.ts",
    find: "if (idBase !== next) {",
    replace: "if (idBase > next) {",
    suites: ["test/publication/manifest.test.ts"],
  },
  {
    name: "a manifest with a field that stands twice",
    file: "src/publication/manifest.ts",
    find: "if (serialiseManifest(manifest) === text) return manifest;",
    replace: "if (text.length > 0) return manifest;",
    suites: ["test/publication/manifest.test.ts"],
  },
  {
    name: "a host that only begins like an allowed one",
    file: "src/publication/part-place.ts",
    find: "hosts.includes(host)",
    replace: "hosts.some((name) => text.includes(name))",
    suites: ["test/publication/manifest.test.ts"],
  },
  {
    name: "records of another plan believed",
    file: "src/cli/tasks/task-folder.ts",
    find: "if (record[field] === expected) continue;",
    replace: "if (expected.length > 0) continue;",
    suites: ["test/cli/tasks/build-in-parts.test.ts"],
  },
  {
    name: "rows that change between the sample and their part",
    file: "src/cli/tasks/part-task.ts",
    find: "if (header.facts.source !== sources[part.number]) {",
    replace: "if (header.facts.source === undefined) {",
    suites: ["test/cli/tasks/build-in-parts.test.ts"],
  },
  {
    name: "the rows of the first part left out of their hash",
    file: "src/train/build/common-codebooks.ts",
    find: "hashes[part]?.add(piece);",
    replace: "if (part > 0) hashes[part]?.add(piece);",
    suites: ["test/cli/tasks/build-in-parts.test.ts"],
  },
  {
    name: "parts that keep the biases of the first one",
    file: "src/cli/tasks/row-block.ts",
    find: "values?.slice(firstRow, end);",
    replace: "values?.slice(0, end - firstRow);",
    suites: ["test/cli/tasks/build-in-parts.test.ts"],
  },
  {
    name: "measurements that depend on the number of threads",
    file: "src/cli/tasks/part-shares.ts",
    find: "shareMemory({ ...size, threads: 1 }, limit)",
    replace: "shareMemory(size, limit)",
    suites: ["test/cli/tasks/part-memory.test.ts"],
  },
  {
    name: "a worker that reads plans anywhere",
    file: "src/cli/queue/queued-task.ts",
    find: '.every((step) => step !== "..")',
    replace: '.every((step) => step !== "....")',
    suites: ["test/cli/queue/queue.test.ts"],
  },
  {
    name: "a rollback to the pointer of another part",
    file: "src/publication/publishing/pointer-of-part.ts",
    find: "found.pointer.sha256 === sha256",
    replace: "found.pointer.sha256 !== undefined && sha256 !== undefined",
    suites: ["test/cli/publishing/publish-manifest.test.ts"],
  },
  {
    name: "a failed task that leaves no note",
    file: "src/cli/tasks/failures.ts",
    find: "if (!signal.aborted) {",
    replace: "if (signal.aborted) {",
    suites: ["test/cli/tasks/failures.test.ts"],
  },
  {
    name: "a note that stays when its task is run again",
    file: "src/cli/tasks/failures.ts",
    find: "tasks.files.remove(failureFile(tasks, name)).catch(() => {})",
    replace: "Promise.resolve()",
    suites: ["test/cli/tasks/failures.test.ts"],
  },
];
