import { expect, test } from "vitest";
import { buildMeasured, load } from "../../bench/library.ts";
import { measureRecall } from "../../bench/trust/recall.ts";
import { type Random, startRandom } from "../../bench/trust/synthetic.ts";
import { logitsOf, storedClasses, truthOf } from "../../bench/trust/truth.ts";

// Stand-ins are easier than the queries of these tables: built plainly, topK gives less than was asked. Over ten seeds, for
// .90, .95 and .99 of the 10 best, it was .93, .97 and .99 in the mean and .86, .91 and .95 at least around a common mean, and
// .84, .87 and .97 in the mean in few dimensions (docs/trust.md, "What falls short"). With queries in the build it is kept.

const [ITEMS, DIM, QUERIES] = [4000, 32, 500];

interface Table {
  readonly data: Float32Array;
  readonly bias: Float32Array;
  readonly queries: Float32Array;
}

/** Rows with a common mean, which has 80 % of their squared norm. Queries are means of four rows. */
function aroundMean({ normal, below }: Random): Table {
  const data = Float32Array.from({ length: ITEMS * DIM }, () => 2 + normal());
  const queries = new Float32Array(QUERIES * DIM);
  for (let query = 0; query < QUERIES; query++) {
    const rows = Array.from({ length: 4 }, () => below(ITEMS) * DIM);
    for (let d = 0; d < DIM; d++) {
      queries[query * DIM + d] = rows.reduce((sum, row) => sum + (data[row + d] as number) / 4, 0);
    }
  }
  return { data, bias: Float32Array.from({ length: ITEMS }, () => 0.5 * normal()), queries };
}

/** Rows near a space of four dimensions. Queries have random directions. */
function inFewDimensions({ normal }: Random): Table {
  const axes = Array.from({ length: 4 }, () => Float32Array.from({ length: DIM }, normal));
  const data = new Float32Array(ITEMS * DIM);
  for (let id = 0; id < ITEMS; id++) {
    const parts = axes.map(normal);
    for (let d = 0; d < DIM; d++) {
      data[id * DIM + d] = axes.reduce(
        (sum, axis, a) => sum + (parts[a] as number) * (axis[d] as number),
        0.1 * normal(),
      );
    }
  }
  const bias = Float32Array.from({ length: ITEMS }, () => 2 * normal());
  return { data, bias, queries: Float32Array.from({ length: QUERIES * DIM }, normal) };
}

test.each([
  ["rows with a common mean", aroundMean],
  ["rows in few dimensions", inFewDimensions],
])("an index built with queries keeps its recall for %s", async (_, tableOf) => {
  const { data, bias, queries } = tableOf(startRandom(1));
  const asked = { data: queries.subarray(300 * DIM), count: QUERIES - 300 };
  const options = { fineCodes: true, bias, queries: queries.subarray(0, 300 * DIM) };
  const index = await load(await buildMeasured({ data, shape: [ITEMS, DIM] }, options));
  const classes = storedClasses(index, bias);
  const truths = Array.from({ length: asked.count }, (_, row) => {
    const query = asked.data.subarray(row * DIM, (row + 1) * DIM);
    return { query, truth: truthOf(logitsOf(classes, query), [1], 100) };
  });
  for (const { k, asked: recall, given } of measureRecall(index, truths, classes)) {
    // An exact answer may swap classes whose scores differ by what the query loses in 16 bits.
    const least = recall === "exact" ? 0.999 : recall - 0.01;
    expect(given, `k ${k}, recall ${recall}`).toBeGreaterThanOrEqual(least);
  }
});
