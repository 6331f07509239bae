import type { Fault } from "./fault.ts";

/** Faults of midx/client. */
export const CLIENT_FAULTS: readonly Fault[] = [
  {
    name: "an answer of another server that is taken for one of midx",
    file: "worker/client/call.ts",
    find: "body && (body[mark] ?? null) !== null",
    replace: "body",
    suites: ["test/service/client.test.ts"],
  },
  {
    name: "a write with an option that the client does not know",
    file: "worker/client/create-client.ts",
    find: 'checkOptions(options, "idempotencyKey or signal");',
    replace: "",
    suites: ["test/service/client.test.ts"],
  },
  {
    name: "a seed that JSON has rounded",
    file: "worker/client/create-client.ts",
    find: "seed: digitsOf(options?.seed)",
    replace: "seed: digitsOf(Number(options?.seed))",
    suites: ["test/service/client.test.ts"],
  },
];
