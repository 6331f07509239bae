import type { Fault } from "./fault.ts";

/** Faults of sequences over HTTP. */
export const SEQUENCES_OVER_HTTP_FAULTS: readonly Fault[] = [
  {
    name: "a state of another index that is taken",
    file: "worker/sequences/state.ts",
    find: "if (contentId !== own) {",
    replace: "if (contentId !== own && false) {",
    suites: ["test/sequences/http.test.ts"],
  },
  {
    name: "a session that forgets the state before its items",
    file: "worker/sequences/encode-route.ts",
    find: "encoder.read(before, sequence",
    replace: "encoder.read(encoder.start(), sequence",
    suites: ["test/sequences/http.test.ts"],
  },
  {
    name: "items that are no work",
    file: "worker/sequences/sequence-queries.ts",
    find: "return count * NAME + read * Math.ceil(products / FASTER);",
    replace: "return 0;",
    suites: ["test/sequences/http.test.ts"],
  },
  {
    name: "a router that takes unknown items for the first one",
    file: "worker/router/routed-encoder.ts",
    find: "return undefined; // no part has it",
    replace: "return 0;",
    suites: ["test/sequences/router.test.ts"],
  },
  {
    name: "a part whose encoder reads the rows of the first part",
    file: "src/cli/building/parts-encoder.ts",
    find: "tables.classes.subarray(firstRow * dim, (firstRow + itemCount) * dim)",
    replace: "tables.classes.subarray(0, itemCount * dim)",
    suites: ["test/sequences/router.test.ts"],
  },
  {
    name: "a router whose attention reads more items than its length",
    file: "worker/router/routed-encoder.ts",
    find: "itemIds(sequence, options, known).slice(-length)",
    replace: "itemIds(sequence, options, known)",
    suites: ["test/sequences/router.test.ts"],
  },
  {
    name: "a build of parts with an encoder that no router reads",
    file: "src/cli/building/parts-encoder.ts",
    find: "if (bytes <= most) return;",
    replace: "if (bytes >= 0) return;",
    suites: ["test/sequences/router.test.ts"],
  },
  {
    name: "an encoder whose vectors are counted with the rows of changes",
    file: "src/encoder/opened-encoder.ts",
    find: "{ ...header.facts, itemCount: plan.itemCount }",
    replace: "header.facts",
    suites: ["test/encoder/changed-items.test.ts"],
  },
  {
    name: "parts with changes in one process that take no sequences",
    file: "src/cli/hosting/open-parts.ts",
    find: "if (encoder) encodeWith(",
    replace: "if (encoder && false) encodeWith(",
    suites: ["test/live/sequences.test.ts"],
  },
  {
    name: "removed items that a router reads",
    file: "worker/router/routed-encoder.ts",
    find: "!index.isRemoved?.(id)",
    replace: "true",
    suites: ["test/sequences/changes.test.ts"],
  },
  {
    name: "items that midx encode reads as labels where the index has none",
    file: "src/cli/training/encoded-sequences.ts",
    find: "const items = hasLabels ?",
    replace: "const items = true ?",
    suites: ["test/cli/encode.test.ts"],
  },
  {
    name: "an option of sequences that sequencesOf did not make",
    file: "worker/live-service.ts",
    find: '!("loadWith" in sequences)',
    replace: "false",
    suites: ["test/live/handler.test.ts"],
  },
];
