import { describe, expect, test } from "vitest";
import { buildMeasured, load } from "../../bench/library.ts";
import { BIASES, DIM, QUERIES, ROWS } from "../../bench/recall/tables.ts";
import { type Asked, askedOf } from "../../bench/trust/asked.ts";
import { measureRecall } from "../../bench/trust/recall.ts";
import { startRandom } from "../../bench/trust/synthetic.ts";
import { storedClasses } from "../../bench/trust/truth.ts";
import { LARGE } from "../run/size.ts";

// The smallest form of bench/recall.ts: tables whose queries are harder than means of their rows.

const [ITEMS, GIVEN, ASKED] = [2500, 300, 200];

const TABLES = [
  { rows: "a common mean", bias: "normal biases", queries: "means of four rows" },
  { rows: "four dimensions", bias: "normal biases", queries: "random directions" },
  { rows: "falling variances", bias: "biases of frequencies", queries: "long random directions" },
] as const;

describe.each(TABLES)("$rows, $bias, asked with $queries", (names) => {
  const random = startRandom(1);
  const data = ROWS[names.rows](random, ITEMS);
  const bias = BIASES[names.bias](random, ITEMS);
  const queries = QUERIES[names.queries](random, data, GIVEN + ASKED);
  const given = queries.subarray(0, GIVEN * DIM);
  const asked = queries.subarray(GIVEN * DIM);
  const built = async (options: object) =>
    load(await buildMeasured({ data, shape: [ITEMS, DIM] }, { ...options, fineCodes: true, calibrate: "off", bias }));

  let truths: readonly Asked[] | undefined;

  test.each([
    ["without queries", {}],
    ...(LARGE || names === TABLES[0] ? [["with queries", { queries: given }] as const] : []),
  ] as const)("an index built %s keeps its recall", async (_, options) => {
    const index = await built(options);
    const classes = storedClasses(index, bias);
    // Both indexes store the same rows.
    truths ??= askedOf(classes, asked, [1], 100);
    for (const { k, asked: recall, given: found } of measureRecall(index, truths, classes)) {
      // An exact answer may swap classes whose scores differ by what the query loses in 16 bits.
      const least = recall === "exact" ? 0.999 : recall - 0.01;
      expect(found, `k ${k}, recall ${recall}`).toBeGreaterThanOrEqual(least);
    }
  });
});
