import type { Fault } from "./fault.ts";

/** Faults of routers and of hosts of parts. */
export const ROUTER_FAULTS: readonly Fault[] = [
  {
    name: "a router that takes answers of another generation",
    file: "worker/router/part-client.ts",
    find: "if (generation !== this.parts.generation)",
    replace: "if (false)",
    suites: ["test/router/faults.test.ts"],
  },
  {
    name: "a router that leaves out missing parts without being allowed to",
    file: "worker/router/asked-groups.ts",
    find: "(lacking.length > 0 && !mayMiss)",
    replace: "false",
    suites: ["test/router/faults.test.ts"],
  },
  {
    name: "an answer of some parts that calls itself exact",
    file: "worker/router/partial-endpoints.ts",
    find: "return { ...top, exact: false, scored, coverage };",
    replace: "return { ...top, exact, scored, coverage };",
    suites: ["test/router/faults.test.ts"],
  },
  {
    name: "a router that serves a generation before all parts have it",
    file: "worker/router/open-router.ts",
    find: "(failures.length > 0 && !isFirst)",
    replace: "false",
    suites: ["test/router/generations.test.ts"],
  },
  {
    name: "replicas that are asked only when one fails",
    file: "worker/router/part-client.ts",
    find: "hedgeMs: percentile === undefined ? undefined : Math.max(percentile, hedgeMs),",
    replace: "hedgeMs: undefined,",
    suites: ["test/router/faults.test.ts"],
  },
  {
    name: "a request to a part for each query of a batch",
    file: "worker/router/together.ts",
    find: "=== 1) queueMicrotask(() => void this.#send());",
    replace: ") void this.#send();",
    suites: ["test/router/faults.test.ts"],
  },
  {
    name: "a host that answers with a part that it has dropped",
    file: "worker/parts/part-keeper.ts",
    find: "if (kept.isDropped) throw unknownGeneration(generation);",
    replace: "",
    suites: ["test/router/part-keeper.test.ts"],
  },
  {
    name: "a host that answers for any part",
    file: "worker/part-service.ts",
    find: "only !== own || others.length > 0",
    replace: "false",
    suites: ["test/router/bad-input.test.ts"],
  },
  {
    name: "a router that follows where an answer leads",
    file: "worker/router/part-client.ts",
    find: 'redirect: "manual",',
    replace: 'redirect: "follow",',
    suites: ["test/router/redirect.test.ts"],
  },
  {
    name: "the work of the largest part for parts that answer in turn",
    file: "worker/router/router-index.ts",
    find: "parts: working(described)",
    replace: "parts: atOnce(described)",
    suites: ["test/router/work.test.ts"],
  },
  {
    name: "the whole head in each of the parts that answer in turn",
    file: "src/cli/hosting/parts-in-turn.ts",
    find: "(scan * info.itemCount) / Math.max(all, 1)",
    replace: "scan",
    suites: ["test/router/work.test.ts"],
  },
  {
    name: "a label that no part has answered for, taken for an unknown one",
    file: "worker/router/asked-groups.ts",
    find: "[...ids, ...labels].every",
    replace: "[...ids].every",
    suites: ["test/router/labels.test.ts"],
  },
];
