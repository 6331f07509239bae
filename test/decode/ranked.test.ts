import { expect, test } from "vitest";
import { exactRanks } from "../../src/decode/exact-ranks.ts";
import { rank } from "../../src/decode/ranked.ts";
import { buildIndex } from "../fixtures/build-index.ts";
import { open } from "../fixtures/open.ts";
import { rawVectors } from "../fixtures/raw-vectors.ts";
import { integerRows, randomRows } from "../train/rows.ts";

test("ranks are by descending score and then by ascending id, for scores of every size and sign", () => {
  for (const count of [0, 1, 2, 100, 5000]) {
    for (const scores of [
      integerRows(count, 1),
      randomRows(count, 2),
      randomRows(count, 3).map((value) => Math.sign(value) * 2 ** (120 * value)),
      integerRows(count, 4).map((value) => (value === 1 ? -0 : value - 1)),
    ]) {
      // 7 and 5003 have no common divisor, so every id comes once, in no order.
      const ids = Int32Array.from({ length: count }, (_, i) => (7 * i) % 5003);
      const order = Array.from(ids.keys()).sort(
        (a, b) => (scores[b] as number) - (scores[a] as number) || (ids[a] as number) - (ids[b] as number),
      );
      const ranked = rank(ids, scores);
      expect(Array.from(ranked.ids)).toEqual(order.map((i) => ids[i]));
      expect(Array.from(ranked.scores)).toEqual(order.map((i) => scores[i]));
    }
  }
});

test("the exact ranks of a nucleus hold it, however good the guess of its last score is", async () => {
  const { data, shape, bias, queries } = rawVectors(2000, 6, 4);
  const { index, opened } = await open(await buildIndex({ data, shape }, { bias, seed: 1 }));
  const ids = Int32Array.from({ length: 2000 }, (_, id) => id);
  for (const query of queries) {
    const scores = index.score(query, ids);
    const ranked = rank(ids, scores);
    const top = ranked.scores[0] as number;
    const masses = ranked.scores.map((score) => Math.exp(score - top));
    const whole = masses.reduce((sum, mass) => sum + mass, 0);
    for (const value of [0.3, 0.9, 0.9999, 1 - 1e-9]) {
      let [count, mass] = [0, 0];
      while (count < 2000 && mass < value * whole) mass += masses[count++] as number;
      for (const guess of [
        Number.NEGATIVE_INFINITY,
        top,
        ranked.scores[count >> 1],
        ranked.scores[count - 1],
        ranked.scores[1999],
        2 * top + 1,
      ]) {
        const found = exactRanks(
          opened,
          { by: "topP", value, temperature: 1 },
          guess as number,
          Number.POSITIVE_INFINITY,
        );
        const length = found.ranked.ids.length;
        expect(length).toBeGreaterThanOrEqual(Math.min(count, 1990));
        expect(found.ranked).toEqual({ ids: ranked.ids.slice(0, length), scores: ranked.scores.slice(0, length) });
        expect(Math.abs(found.mass / whole - 1)).toBeLessThan(1e-5);
      }
    }
  }
});
