import { describe, expect, it } from "vitest";
import { load } from "../../../src/index.ts";
import { build } from "../../../src/train/index.ts";
import { randomRows } from "../rows.ts";

const [ITEMS, DIM] = [2000, 6];

describe("a build with few queries", () => {
  it.each([
    [1, 64 + 16],
    [39, 64 + 16],
    [40, 0],
  ])("of %s asks %s rows and discriminants as well", async (queries, beside) => {
    const totals = new Set<number>();
    const file = await build(
      { data: randomRows(ITEMS * DIM, 3), shape: [ITEMS, DIM] },
      {
        seed: 1,
        queries: randomRows(queries * DIM, 7),
        onProgress: ({ phase, total }) => void (phase === "calibrate" && totals.add(total)),
      },
    );
    expect([...totals]).toEqual([queries + beside]);
    expect((await load(file)).info.calibration).toMatchObject({ source: "queries", queryCount: queries });
  });
});
