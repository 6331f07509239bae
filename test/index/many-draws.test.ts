import { expect, test } from "vitest";
import { build } from "../../src/train/index.ts";
import { open } from "../fixtures/open.ts";
import { rawVectors } from "../fixtures/raw-vectors.ts";

// More draws than a call can have arguments: no array of this length may be spread into one.

const DRAWS = 200_000;

test("200,000 draws through every call", async () => {
  const vectors = rawVectors(400, 4, 2);
  const { index } = await open(await build(vectors, { fineCodes: true, calibrate: "off" }), { maxDraws: DRAWS });
  const [, query] = vectors.queries as [Float32Array, Float32Array];
  const exact = index.logPartition(query, { exact: true }).logPartition;
  for (const effort of [{ proposal: "codes", scan: 5 }, { scan: 5 }, { scan: "auto", targetError: 1e-9 }] as const) {
    const { logPartition } = index.predict(query, 3, { ...effort, draws: DRAWS, seed: 1 });
    expect(Math.abs(logPartition - exact), JSON.stringify(effort)).toBeLessThan(0.02);
    const within = index.logPartition(query, { ...effort, draws: DRAWS, seed: 1 });
    expect(within.upper).toBeGreaterThanOrEqual(within.lower);
  }
  for (const effort of [{ proposal: "codes", scan: 5 }, { scan: 5 }, { exact: true }] as const) {
    expect(index.sample(query, DRAWS, { ...effort, seed: 1 }).ids).toHaveLength(DRAWS);
  }
});
