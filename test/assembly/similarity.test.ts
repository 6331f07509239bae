import { expect, test } from "vitest";
import { anyQuery, INDEX_CASES } from "../fixtures/index-cases.ts";
import { describeBuilds, openTiny } from "../fixtures/opened.ts";
import { tinyIndex } from "../fixtures/tiny-index.ts";
import { reference } from "../reference/index.ts";

const LARGEST = (["f32", "f16", "i8"] as const).map(
  (rows) => [`${rows}, 4,096 values`, tinyIndex({ itemCount: 9, dim: 4096, bits: 1, rows, seed: 3 })] as const,
);

describeBuilds("rowProducts", (modules) => {
  test.each([...INDEX_CASES, ...LARGEST].filter(([, { facts }]) => facts.itemCount > 0))(
    "equals the reference bit for bit, and leaves a query that is prepared again as it was: %s",
    async (_, index) => {
      const { itemCount } = index.facts;
      const opened = await openTiny(modules, index);
      const { kernels, layout } = opened;
      const [positions, out] = [opened.address("drawPositions"), opened.address("drawScores")];
      const query = anyQuery(index, 1);
      for (const count of [1, 3, 4, 6]) {
        const places = Int32Array.from({ length: count }, (__, i) => (7 * i + 3) % itemCount);
        const pivot = (5 * count) % itemCount;
        opened.write("drawPositions", places);
        kernels.rowProducts(layout, pivot, positions, count, out);
        expect(opened.read(Float32Array, "drawScores", count)).toEqual(reference.rowProducts(index, pivot, places));
        expect(opened.strayWrites()).toEqual([]);

        opened.ask(query);
        opened.write("drawPositions", places);
        kernels.scorePositions(layout, positions, count, out);
        const prepared = reference.prepareQuery(index, query);
        expect(opened.read(Float32Array, "drawScores", count)).toEqual(
          reference.scorePositions(index, prepared, places),
        );
      }
    },
  );
});
