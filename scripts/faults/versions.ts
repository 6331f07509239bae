import type { Fault } from "./fault.ts";

/** Faults of canaries, of what is deleted, and of comparisons. */
export const VERSION_FAULTS: readonly Fault[] = [
  {
    name: "a canary that goes by the request alone",
    file: "worker/publication/version-for.ts",
    find: 'c.req.header("x-client-key") ?? c.get("requestId")',
    replace: 'c.get("requestId")',
    suites: ["test/worker/canary.test.ts"],
  },
  {
    name: "a third index that is read beside two",
    file: "worker/publication/next-publication.ts",
    find: "if (missing && current.canary) return",
    replace: "if (missing && current.canary && !publication) return",
    suites: ["test/worker/refresher.test.ts"],
  },
  {
    name: "a canary that is promoted under its old name",
    file: "worker/publication/next-publication.ts",
    find: "{ ...named(same, publication), tag,",
    replace: "{ ...same, tag,",
    suites: ["test/worker/telemetry.test.ts"],
  },
  {
    name: "a version's own pointer whose parts are sought beside it",
    file: "src/publication/pointer.ts",
    find: "key.slice(0, -own.length) + version : key",
    replace: "key : key",
    suites: ["test/pointer.test.ts"],
  },
  {
    name: "a publication that ends a canary unnoticed",
    file: "src/cli/publishing/publish.ts",
    find: "refuseDuringCanary(before, beside && version);",
    replace: "",
    suites: ["test/cli/canary.test.ts"],
  },
  {
    name: "a canary that need not fit beside the current version",
    file: "src/cli/publishing/publish.ts",
    find: "const ALONGSIDE = { isIncompatible: false, isDeployed: false };",
    replace: "const ALONGSIDE = { isIncompatible: false };",
    suites: ["test/cli/canary.test.ts"],
  },
  {
    name: "a publication that relies on what a prune has marked",
    file: "src/cli/publishing/publish.ts",
    find: "await claim(store, pointerKey, version, pointer.parts);",
    replace: "",
    suites: ["test/cli/prune.test.ts"],
  },
  {
    name: "a rollback that relies on what a prune has marked",
    file: "src/cli/publishing/stored-version.ts",
    find: "await claim(store, pointerKey, published.version, isManifest(published) ? [] : published.parts);",
    replace: "",
    suites: ["test/cli/prune.test.ts"],
  },
  {
    name: "a prune that another one takes for killed",
    file: "src/cli/publishing/prune.ts",
    find: "time - Date.parse(deletingSince) >= LEASE_MS) return;",
    replace: "time >= 0) return;",
    suites: ["test/cli/prune.test.ts"],
  },
  {
    name: "a prune that forgets the other pointers of a folder",
    file: "src/cli/publishing/named-keys.ts",
    find: "if (found) roots.push(found.pointer);",
    replace: "if (found && key === pointerKey) roots.push(found.pointer);",
    suites: ["test/cli/prune.test.ts"],
  },
  {
    name: "a better one that no interval carries",
    file: "src/cli/reporting/findings.ts",
    find: "if (value.low > 0)",
    replace: "if (value.low + value.high > 0)",
    suites: ["test/cli/report.test.ts"],
  },
  {
    name: "a structure that is taken for its error alone",
    file: "src/cli/building/tune.ts",
    find: "const cost = work * Math.max(",
    replace: "const cost = Math.max(",
    suites: ["test/cli/tune.test.ts"],
  },
];
