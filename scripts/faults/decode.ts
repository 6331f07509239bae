import type { Fault } from "./fault.ts";

const THINNED = ["test/decode/thinned.test.ts"];

/** Faults in src/decode. */
export const DECODE_FAULTS: readonly Fault[] = [
  {
    name: "a class at the threshold of minP that is not kept",
    file: "src/decode/truncated-ranks.ts",
    find: "* inverse >= logShare)",
    replace: "* inverse > logShare)",
    suites: ["test/decode/decode.test.ts"],
  },
  {
    name: "a nucleus of all classes where others are truncated before it",
    file: "src/decode/truncated-ranks.ts",
    find: "i === 0 ? mass : masses.of(kept)",
    replace: "mass",
    suites: ["test/decode/decode.test.ts"],
  },
  {
    name: "ranks of equal scores by position",
    file: "src/decode/ranked.ts",
    find: "  orderTies(ranked);",
    replace: "",
    suites: ["test/decode/ranked.test.ts"],
  },
  {
    name: "changed logits that a scan of all rows forgets",
    file: "src/decode/all-rows.ts",
    find: "  collector.takeChanged();",
    replace: "",
    suites: ["test/decode/changed.test.ts"],
  },
  {
    name: "a certified set that stops where its room ends",
    file: "src/decode/certified-ranks.ts",
    find: "if (end < room || room === k)",
    replace: "if (end <= room)",
    suites: ["test/decode/heads.test.ts", "test/decode/changed.test.ts"],
  },
  {
    name: "a second scan that is not made for a nucleus beyond the guess",
    file: "src/decode/exact-ranks.ts",
    find: "if (holds) ",
    replace: "",
    suites: ["test/decode/ranked.test.ts"],
  },
  {
    name: "mass of the tail that an estimate does not doubt",
    file: "src/decode/nucleus.ts",
    find: "mass += kernels.exp64((logs[j] as number) + score * more - logUnit) * factor;",
    replace: "mass += 0;",
    suites: ["test/decode/heads.test.ts"],
  },
  {
    name: "an audit of a decode at temperature 1",
    file: "worker/telemetry/decode-audit.ts",
    find: "(score - exact.score) * Math.fround(1 / (own.temperature ?? 1))",
    replace: "score - exact.score",
    suites: ["test/service/decode-audits.test.ts"],
  },
  {
    name: "one random seed for all queries of a batch",
    file: "src/index/seeded.ts",
    find: "{ ...request, seed: checkSeed(seed) }",
    replace: "request",
    suites: ["test/batch/answers.test.ts"],
  },
  {
    name: "a certified class outside of the bitmap that thins out",
    file: "assembly/exact/survivors.ts",
    find: "if (filters) lanes",
    replace: "if (l.excluded) lanes",
    suites: THINNED,
  },
  {
    name: "an exact draw outside of the bitmap that thins out",
    file: "assembly/exact/envelope.ts",
    find: "if (isThinnedOut(l, proposed)) continue;",
    replace: "",
    suites: THINNED,
  },
  {
    name: "a scan by codes or by seven bits that knows no bitmap",
    file: "src/answers/certified-top.ts",
    find: "  conditions.filterRows(opened);",
    replace: "",
    suites: THINNED,
  },
  {
    name: "a flagged estimate where all that is left could be scored",
    file: "src/answers/estimate.ts",
    find: "if (!thinned.lowEss || !canScoreLeft(opened)) return thinned;",
    replace: "if (scored === 0) return thinned;",
    suites: ["test/answers/thinning-many.test.ts"],
  },
  {
    name: "a nucleus that is drawn from a hotter softmax and believed by its mass in the cooler one",
    file: "src/decode/cut.ts",
    find: "Math.max(doubtAt(firstTemperature), doubtAt(temperature))",
    replace: "Math.max(doubtAt(firstTemperature), 0 * temperature)",
    suites: ["test/decode/heads.test.ts"],
  },
  {
    name: "a drawn class that the best classes lack",
    file: "src/decode/top-with-drawn.ts",
    find: "if (!estimated.ids.includes(id)) {",
    replace: "if (known.length === 0) {",
    suites: ["test/decode/top-with-drawn.test.ts"],
  },
];
