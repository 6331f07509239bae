import type { Fault } from "./fault.ts";

/** Faults of the shares of classes in their buckets. */
export const SHARE_FAULTS: readonly Fault[] = [
  {
    name: "a unit of its bucket for an excluded class",
    file: "assembly/shares.ts",
    find: "before += u32(weight > 0);",
    replace: "before += 1;",
    suites: ["test/assembly/exact/weights.test.ts"],
  },
  {
    name: "guides that nobody has placed",
    file: "assembly/shares.ts",
    find: "load<u32>(l.shareStamps + o) > l.shareStamp &&",
    replace: "load<u32>(l.shareStamps + o) >= l.shareStamp &&",
    suites: ["test/assembly/tail.test.ts"],
  },
  {
    name: "guides of one knot alone",
    file: "assembly/shares.ts",
    find: "first = min(first, load<i32>(l.highShareGuides + o));",
    replace: "",
    suites: ["test/assembly/shares.test.ts"],
  },
  {
    name: "shares of one table that are those of the knot below",
    file: "assembly/shares.ts",
    find: "if (l.mixedSharePart) mixShares(l, bucket);",
    replace: "",
    suites: ["test/memory/weight-tables.test.ts"],
  },
  {
    name: "a share of the next bucket's classes",
    file: "assembly/shares.ts",
    find: "v128.and(unitsOfWeights(v128.load(p), scales), isOwn)",
    replace: "unitsOfWeights(v128.load(p), scales)",
    suites: ["test/assembly/exact/weights.test.ts"],
  },
  {
    name: "shares between 0 and a knot",
    file: "src/memory/knots.ts",
    find: "place.low > 0 && place.high",
    replace: "place.high",
    suites: ["test/answers/overconfidence.test.ts"],
  },
  {
    name: "shares of the knot below",
    file: "src/memory/weight-tables.ts",
    find: "this.#shares.use(opened, placeOfShares(among, inverse));",
    replace: "this.#shares.use(opened, ownKnot(among.low));",
    suites: ["test/answers/conditions.test.ts"],
  },
];
