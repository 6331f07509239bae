import type { Fault } from "./fault.ts";

const LOG = "src/publication/segments/segment-log.ts";
const CLAIMS = "src/publication/segments/key-claims.ts";
const KEPT = "src/publication/segments/kept-numbers.ts";
const UPKEEP = "src/publication/segments/upkeep.ts";
const SUITE = "test/live/log/segment-log.test.ts";
const LOST = "test/live/log/lost-sets.test.ts";
const MODEL = "test/live/log/segment-log-model.test.ts";

/** Faults of the log of changes in segments. */
export const SEGMENTS_FAULTS: readonly Fault[] = [
  {
    name: "a call with a key that passes over numbers unread",
    file: LOG,
    find: "if (!claim) number = (await this.#end.find()) + 1;",
    replace: "if (!found || claim) number = (await this.#end.find()) + 1;",
    suites: [SUITE],
  },
  {
    name: "a second set for a write whose answer was lost",
    file: LOG,
    find: "if (found?.facts.id === set.facts.id) return { sequence: number, isReplay: false };",
    replace: "",
    suites: ["test/live/log/log-stores.test.ts"],
  },
  {
    name: "a repeated call that does not look for the set of the first",
    file: LOG,
    find: "const there = isOld ? await this.#setAt(number) : undefined;",
    replace: "const there = isOld ? await this.#setAt(number + 1) : undefined;",
    suites: [SUITE, MODEL],
  },
  {
    name: "a number that a killed trim has removed given to a writer that slept",
    file: LOG,
    find: "first - 1) + 1;",
    replace: "first - first) + 1;",
    suites: [SUITE],
  },
  {
    name: "a number that was trimmed and removed given to a call that was killed behind its claim",
    file: LOG,
    find: "if (!there && number < next) {",
    replace: "if (!there && number < next && number >= first) {",
    suites: [SUITE],
  },
  {
    name: "a reader that takes a missing set for the end of the log",
    file: LOG,
    find: "head: isEnd && last === this.#end.known ? last",
    replace: "head: isEnd ? last",
    suites: [SUITE],
  },
  {
    name: "a log without its oldest sets taken for an empty one",
    file: "src/publication/segments/log-end.ts",
    find: "if (next !== undefined || !(Number(numbers.at(-1)) <= sequence)) return next;",
    replace: "return undefined;",
    suites: [LOST],
  },
  {
    name: "sets taken behind those that were deleted",
    file: "src/publication/segments/log-end.ts",
    find: "if (found < known) throw this.lost(found + 1, known);",
    replace: "",
    suites: ["test/live/log/lost-sets.test.ts"],
  },
  {
    name: "a set of a repeated call in the place of one that is gone",
    file: LOG,
    find: "if (number >= first) throw this.#end.lost(number, next - 1);",
    replace: "",
    suites: [LOST],
  },
  {
    name: "a log that has lost sets without a word to isolates that have them",
    file: "worker/live/follower.ts",
    find: "await this.#log().read(this.#begin, 1);",
    replace: "",
    suites: ["test/live/lost-sets-service.test.ts"],
  },
  {
    name: "a rolled-up segment read from its first set on",
    file: LOG,
    find: ".slice(sequence - first)",
    replace: ".slice(sequence - sequence)",
    suites: [SUITE],
  },
  {
    name: "the same key with other changes taken for a repetition",
    file: CLAIMS,
    find: "if (claim.digest !== digest) throw new KeyConflictError(key);",
    replace: "",
    suites: [SUITE],
  },
  {
    name: "the keys of yesterday forgotten at midnight",
    file: CLAIMS,
    find: "if (claim && now - claim.at < KEY_LIFE_MS) return earlier(claim, other);",
    replace: "if (claim && now < claim.at) return earlier(claim, other);",
    suites: [SUITE],
  },
  {
    name: "two sets for a call that comes twice at once on both sides of midnight",
    file: CLAIMS,
    find: "if (name === undefined || keyIn(name) !== keyIn(own)) return false;",
    replace: "if (name !== own) return false;",
    suites: ["test/live/log/key-claims.test.ts"],
  },
  {
    name: "the keys of tomorrow unknown to a clock that is behind",
    file: CLAIMS,
    find: "new Set([day - 1, Math.floor((now + SKEW_MS) / KEY_LIFE_MS)])",
    replace: "new Set([day - 1])",
    suites: [SUITE],
  },
  {
    name: "claims removed by a clock that is days ahead",
    file: CLAIMS,
    find: "names.claimsOf(yesterday))).length === 0) return;",
    replace: "names.claimsOf(yesterday))).length < 0) return;",
    suites: ["test/live/log/wrong-clocks.test.ts"],
  },
  {
    name: "sets removed as soon as they are trimmed",
    file: KEPT,
    find: "now - at >= STAY_MS",
    replace: "now >= at",
    suites: [SUITE],
  },
  {
    name: "a trim by a clock that is behind taken for an old one",
    file: KEPT,
    find: "if (at > now || at < latest) return false;",
    replace: "if (at > now) return false;",
    suites: ["test/live/log/wrong-clocks.test.ts"],
  },
  {
    name: "a segment rolled up of fewer sets than it says",
    file: UPKEEP,
    find: "if (!stored) return;",
    replace: "if (!stored) break;",
    suites: [SUITE],
  },
  {
    name: "claims that stay when their sets are removed",
    file: UPKEEP,
    find: "if (claim !== undefined) await store.remove(names.claim(claim));",
    replace: "",
    suites: [SUITE],
  },
  {
    name: "a process whose own writes race for a number",
    file: "src/cli/segments/in-turn.ts",
    find: "const appended = last.then(() => log.append(set, options));",
    replace: "const appended = log.append(set, options);",
    suites: ["test/live/log/log-stores.test.ts"],
  },
  {
    name: "a read beside a write of the same process that gives nothing",
    file: LOG,
    find: "if (sets.length === 0) return this.read(after, maxBytes);",
    replace: "",
    suites: ["test/live/log/writes-between.test.ts"],
  },
  {
    name: "large sets that are read six at once",
    file: "src/publication/segments/in-groups.ts",
    find: "Math.max(1, Math.min(AT_ONCE, Math.floor((room * count) / bytes)))",
    replace: "AT_ONCE",
    suites: ["test/live/log/large-sets.test.ts"],
  },
  {
    name: "a run of a Worker that files the metadata of all classes",
    file: "src/publication/segments/segment-metadata.ts",
    find: "hasMetadata ? naming(wanted, left) : wanted",
    replace: "hasMetadata ? wanted : wanted",
    suites: ["test/live/log/segment-metadata.test.ts"],
  },
  {
    name: "classes without room for their last set, taken for classes without metadata",
    file: "src/publication/segments/last-sets.ts",
    find: "      this.#dropped = Math.abs(last);\n",
    replace: "",
    suites: ["test/live/log/last-sets.test.ts"],
  },
  {
    name: "metadata of an older set, though another one gave the class some",
    file: "src/publication/segments/read-metadata.ts",
    find: "if (read?.sequence !== sequence) return undefined;",
    replace: "if (read === undefined) return undefined;",
    suites: ["test/live/log/last-sets.test.ts"],
  },
  {
    name: "whole sets read for metadata six at once",
    file: "src/publication/segments/segment-metadata.ts",
    find: "fitting(SETS_BYTES, 1, this.#largest)",
    replace: "6",
    suites: ["test/live/log/last-sets.test.ts"],
  },
  {
    name: "changes without room that are read to their end",
    file: "src/train/compaction/resolved-changes.ts",
    find: "    onCounts(counts);",
    replace: "",
    suites: ["test/train/compaction/compact.test.ts"],
  },
];
