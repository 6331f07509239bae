import { expect, test } from "vitest";
import { open } from "../fixtures/open.ts";
import { indexFile, tinyIndex } from "../fixtures/tiny-index.ts";
import { randomRows } from "../train/rows.ts";

// Rows of a file for cosine need not have unit length (FORMAT.md). Answers are about the rows as they are stored.

const [N, DIM] = [90, 5];

test.each(["f32", "f16", "i8"] as const)(
  "cosine over %s rows of any length is the unit query times the row",
  async (rows) => {
    const tiny = tinyIndex({ itemCount: N, dim: DIM, bits: 3, metric: "cosine", rows, scale: 4 });
    const { index } = await open(indexFile(tiny));
    const ids = Int32Array.from({ length: N }, (_, id) => id);
    const stored = index.rows(ids);
    for (const size of [1e-6, 1, 1e6]) {
      const query = randomRows(DIM, 7).map((value) => value * size);
      const norm = Math.hypot(...query);
      const expected = Array.from(ids, (id) =>
        query.reduce((sum, value, d) => sum + (value / norm) * (stored[id * DIM + d] as number), 0),
      );
      const scores = index.score(query, ids);
      const largest = Math.max(...expected.map(Math.abs));
      for (const [id, score] of expected.entries()) {
        expect(Math.abs((scores[id] as number) - score)).toBeLessThan(2e-4 * largest);
      }
      const best = Array.from(ids).sort((a, b) => (scores[b] as number) - (scores[a] as number) || a - b);
      expect(Array.from(index.topK(query, 10, { exact: true }).ids)).toEqual(best.slice(0, 10));
      const logZ = Math.log(expected.reduce((sum, score) => sum + Math.exp(score), 0));
      const { lower, upper, logPartition } = index.logPartition(query, { scan: 5, seed: 1 });
      expect(lower).toBeLessThan(logZ + 1e-3);
      expect(upper).toBeGreaterThan(logZ - 1e-3);
      expect(logPartition).toBeGreaterThanOrEqual(lower);
    }
  },
);
