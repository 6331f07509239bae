import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { EVERY } from "../../run/size.ts";
import { makeFolder } from "../files.ts";
import { noise } from "../run.ts";
import { DIM, hashesOf, npy, readManifest, succeed } from "./words.ts";

const ROWS = EVERY ? 1200 : 600;
const rows = () => npy("many-rows.npy", noise(ROWS * DIM, 15), `(${ROWS}, ${DIM})`);
const SETTINGS = ["--bits", "3", "--fine-codes", "--parts", "3"];

/** Builds in parts and returns the manifest and what the build printed. */
async function built(folder: string, ...options: string[]) {
  const printed = await succeed("build", rows(), ...SETTINGS, ...options, "-o", folder);
  return { printed, manifest: await readManifest(folder) };
}

describe("the last task but one", () => {
  test.each(EVERY ? [true, false] : [true])(
    "measures the recall of merged answers, the same for all ways (queries: %s)",
    async (given) => {
      const queries = given ? ["--queries", npy("asked.npy", noise(30 * DIM, 16), `(30, ${DIM})`)] : [];
      const [words, others] = [join(makeFolder(), "words"), join(makeFolder(), "others")];
      queries.push("--calibrate", given ? "quick" : "off");
      const { printed, manifest } = await built(words, ...queries);
      expect(printed).toContain(
        `every part is complete, recall measured with ${given ? "30, error bars calibrated with 30" : "256 stand-ins for"} queries`,
      );
      const plan = join(others, "plan.json");
      await succeed("build-plan", rows(), ...SETTINGS, ...queries, "-o", plan);
      for (const task of ["0", "1", "4", "3", "2", "5", "6"]) {
        await succeed("build-task", plan, "--index", task);
      }
      const { "plan.json": _, ...one } = hashesOf(words);
      const { "plan.json": __, ...several } = hashesOf(others);
      expect(several).toEqual(one);
      if (given) {
        expect(manifest.calibration).toMatchObject({ source: "queries", queryCount: 30, factor: 1 });
        expect(manifest.calibration?.coverage).toBeGreaterThan(0.94);
        expect(manifest.statistics).toMatchObject({ source: "queries", queryCount: 30 });
      } else {
        expect(manifest.calibration).toBeNull();
        expect(manifest).not.toHaveProperty("statistics");
      }
      expect(manifest.recallCurves?.map(({ k }) => k)).toEqual([10, 100]);
      for (const { points } of manifest.recallCurves ?? []) expect(points.at(-1)?.recall).toBeGreaterThan(0.8);
      expect(await succeed("inspect", join(words, "manifest.json"))).toMatch(/recallCurves +10: \d+\/\d+ → 0\.\d/);
    },
  );

  test("says what it did not measure, and what that takes", async () => {
    const small = await built(join(makeFolder(), "words"), "--calibrate", "off", "--max-memory", "130");
    expect(small.manifest.recallCurves).toBeNull();
    const needed = /recall of merged answers not measured, which takes --max-memory (\d+)/.exec(small.printed)?.[1];
    expect(Number(needed)).toBeGreaterThan(130);
    const enough = await built(join(makeFolder(), "words"), "--calibrate", "off", "--max-memory", String(needed));
    expect(enough.manifest.recallCurves).toHaveLength(2);
  });
});
