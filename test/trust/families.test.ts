import { describe, expect, test } from "vitest";
import { buildMeasured, load } from "../../bench/library.ts";
import { FAMILIES, fallingPointed, type Table } from "../../bench/trust/families.ts";
import { NORMAL_95 } from "../../src/arithmetic/normal-95.ts";
import type { BuildOptions } from "../../src/train/build/build-options.ts";
import { LARGE } from "../run/size.ts";

/** An error that is too large whatever its bar. */
const FAR = 0.26;
/** Discriminants of this table miss as seldom as those of layers whose queries do not miss (docs/trust.md). */
const NOT_SHOWN_BY_ROWS = "falling values, pointed at";
const SHOWN_BY_ROWS = Object.entries(FAMILIES).filter(([name]) => name !== NOT_SHOWN_BY_ROWS);

/** Builds with the last `given` queries of a table, and asks the others. */
async function expectBarsOrAllRows(table: Table, given = 0): Promise<void> {
  const { itemCount, dim, data, bias, queries, metric = "dot", temperatures } = table;
  const count = queries.length / dim - given;
  const options: BuildOptions = {
    ...{ metric, ...(bias && { bias }) },
    ...(given > 0 && { queries: queries.slice(count * dim) }),
  };
  const index = await load(await buildMeasured({ data, shape: [itemCount, dim] }, options));
  for (const temperature of temperatures) {
    let [sampled, missed, far] = [0, 0, 0];
    for (let row = 0; row < count; row++) {
      const query = queries.subarray(row * dim, (row + 1) * dim);
      const { logPartition, standardError, lowEss } = index.predict(query, 1, { temperature, seed: row });
      expect(lowEss).toBe(false);
      if (standardError === 0) continue;
      const exact = index.logPartition(query, { temperature, exact: true });
      const error = Math.abs(logPartition - exact.logPartition);
      sampled++;
      missed += Number(error > NORMAL_95 * standardError);
      far += Number(error > FAR);
    }
    // 6 % of the answers, and three standard errors of that share.
    expect(missed, `T ${temperature}: ${missed} of ${sampled} miss`).toBeLessThanOrEqual(
      0.06 * sampled + 3 * Math.sqrt(0.06 * sampled),
    );
    expect(far, `T ${temperature}: ${far} of ${sampled} are far off`).toBeLessThanOrEqual(0.02 * count);
  }
  index.dispose();
}

describe.runIf(LARGE)("default answers of plain builds of tables that no constant was chosen by", () => {
  test.each(SHOWN_BY_ROWS)("%s: bars hold, or all rows are read", (_, tableOf) => expectBarsOrAllRows(tableOf()));
});

describe.runIf(LARGE)(NOT_SHOWN_BY_ROWS, () => {
  const tableOf = (queryCount: number) => fallingPointed({ itemCount: 12_000, dim: 256, queryCount }, 1);

  test.fails("a plain build does not know its queries, and bars do not hold", () => expectBarsOrAllRows(tableOf(150)));

  test("a build with 40 queries knows them", () => expectBarsOrAllRows(tableOf(190), 40));
});
