import type { Fault } from "./fault.ts";

const FOLLOWING = ["test/live/following.test.ts"];
const SERVICE = ["test/live/service.test.ts"];
const TWO = ["test/live/two-versions.test.ts"];

/** Faults in worker/live, and in what it relies on. */
export const LIVE_FAULTS: readonly Fault[] = [
  {
    name: "an isolate that was idle and answers with what it had",
    file: "worker/live/follower.ts",
    find: "else if (age > 2 * deltaMs && !isSlow) await this.#share(keepAlive);",
    replace: "else if (age > 2 * deltaMs && !isSlow) keepAlive(this.#tail());",
    suites: FOLLOWING,
  },
  {
    name: "a change that is looked for by each request alone",
    file: "worker/live/follower.ts",
    find: "const others = this.#isTailing ? this.#tailing : undefined;",
    replace: "const others = undefined as { readonly since: number } | undefined;",
    suites: FOLLOWING,
  },
  {
    name: "changes that a trimmed log has no more, left out",
    file: "worker/live/follower.ts",
    find: "    if (first > from + 1) {",
    replace: "    if (first > from + 1 && from < 0) {",
    suites: FOLLOWING,
  },
  {
    name: "a version that answers before it has read the log",
    file: "worker/live/followers.ts",
    find: "      await follower.catchUp();\n",
    replace: "",
    suites: FOLLOWING,
  },
  {
    name: "changes that a version has already, applied once more",
    file: "worker/live/followers.ts",
    find: "publication?.sequence ?? index.info.compaction?.sequence ?? 0",
    replace: "0",
    suites: FOLLOWING,
  },
  {
    name: "a removal left out behind an upsert of the same label",
    file: "worker/live/joined-sets.ts",
    find: "    if (removals.some((label) => this.#upserts.has(label))) return false;\n",
    replace: "    if (removals.some((label) => this.#upserts.has(label))) return true;\n",
    suites: FOLLOWING,
  },
  {
    name: "a delta that is filled to what memory was planned for",
    file: "worker/live/checked-set.ts",
    find: "after.rowCount > maxDelta && after.rowCount > before",
    replace: "after.rowCount > 2 * maxDelta && after.rowCount > before",
    suites: FOLLOWING,
  },
  {
    name: "tokens that may read and therefore write",
    file: "worker/live/live-host.ts",
    find: "return isWrite(c) ? { ...settings, tokens: live().writeTokens } : settings;",
    replace: "return settings;",
    suites: SERVICE,
  },
  {
    name: "writing that is open where nobody was named",
    file: "worker/live/writers.ts",
    find: "  if (writeTokens.length > 0) return;\n",
    replace: "  if (writeTokens.length >= 0) return;\n",
    suites: SERVICE,
  },
  {
    name: "one key for all writers",
    file: "worker/live/writers.ts",
    find: 'encode(c.req.header("authorization") ?? "")',
    replace: 'encode("")',
    suites: SERVICE,
  },
  {
    name: "an insert that replaces what there is",
    file: "worker/live/vectorize-writes.ts",
    find: 'operation === "insert" ? newOnes : undefined',
    replace: "undefined",
    suites: ["test/live/vectorize.test.ts"],
  },
  {
    name: "pieces of a set in the place of sets",
    file: "worker/live/log-storage.ts",
    find: "      if (last?.sequence === sequence) {",
    replace: "      if (last?.sequence === sequence && sequence < 0) {",
    suites: ["test/live/workerd.test.ts"],
  },
  {
    name: "a header of a set that is not checked",
    file: "src/changes/logged-set.ts",
    find: "  const different = canonical.findIndex((byte, i) => byte !== bytes[i]);",
    replace: "  const different = -1;",
    suites: ["test/changes/logged-set.test.ts"],
  },
  {
    name: "a clock that was set back and keeps an isolate from looking",
    file: "worker/live/follower.ts",
    find: "Date.now() < time ? Number.POSITIVE_INFINITY : Date.now() - time",
    replace: "Date.now() - time",
    suites: FOLLOWING,
  },
  {
    name: "a log that hangs and holds up every request",
    file: "worker/live/follower.ts",
    find: "if (this.#isTailing) this.#slowAt = Date.now();",
    replace: "",
    suites: FOLLOWING,
  },
  {
    name: "an insert that is told from itself by what was there",
    file: "worker/live/append.ts",
    find: "...(digest !== undefined && { digest })",
    replace: "",
    suites: ["test/live/vectorize.test.ts"],
  },
  {
    name: "a write that the other of two versions does not take",
    file: "worker/live/append.ts",
    find: "  checkOthers(host.health().served, served, followers, set, nameOf);\n",
    replace: "",
    suites: TWO,
  },
  {
    name: "a canary that stands still and nobody says so",
    file: "worker/live/live-host.ts",
    find: "const ofCanary = faultOf(served?.canary);",
    replace: "const ofCanary = faultOf(undefined);",
    suites: TWO,
  },
  {
    name: "sets held back by one behind them that is refused",
    file: "worker/live/apply-sets.ts",
    find: "      if (all.count === 1) throw error;",
    replace: "      if (all.count > 0) throw error;",
    suites: TWO,
  },
  {
    name: "metadata deeper than a stack",
    file: "src/changes/logged-header.ts",
    find: "(levels === 0 || Object",
    replace: "(Object",
    suites: SERVICE,
  },
];
