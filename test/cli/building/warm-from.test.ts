import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { build } from "../../../src/train/index.ts";
import { makeFolder } from "../files.ts";
import { jsonLines, midx, noise, writeTable } from "../run.ts";

const [ITEMS, DIM] = [400, 8];
/** Makes an index, and a table like that of the index but with some other rows. */
async function drifted(): Promise<{ readonly old: string; readonly table: string }> {
  const old = join(makeFolder(), "old.midx");
  expect(await midx(["build", writeTable(ITEMS, DIM, 1), "-o", old, "--calibrate", "off"])).toMatchObject({
    code: 0,
    stderr: "",
  });
  return { old, table: writeTable(ITEMS, DIM, 2) };
}

const output = (): string => join(makeFolder(), "new.midx");

describe("midx build --warm-from", () => {
  test("takes over the codebooks, to the library's bytes, and says what moved", async () => {
    const { old, table } = await drifted();
    const matrix = { data: noise(ITEMS * DIM, 2), shape: [ITEMS, DIM] } as const;
    const expected = await build(matrix, { warmFrom: readFileSync(old) });
    const path = output();
    const { code, stdout } = await midx(["build", table, "-o", path, "--warm-from", old, "--json"]);
    expect(code).toBe(0);
    expect(new Uint8Array(readFileSync(path))).toEqual(expected);
    expect(stdout).toContain('"moves":{"comparedBy":"ids","compared":400,');
  });

  test("measures a build from scratch beside it with --compare", async () => {
    const { old, table } = await drifted();
    const { code, stdout } = await midx(["build", table, "-o", output(), "--warm-from", old, "--compare", "--json"]);
    expect(code).toBe(0);
    expect(jsonLines(stdout).at(-1)).toHaveProperty("fromScratch");
  });

  test.each([
    [["--warm-passes", "2"], 2, "'--warm-passes' needs '--warm-from'"],
    [["--compare"], 2, "'--compare' needs '--warm-from'"],
    [["--warm-from", "OLD", "--max-memory", "500"], 2, "cannot be used with"],
    [["--warm-from", "OLD", "--bits", "2"], 2, "bits"],
    [["--warm-from", "TABLE"], 3, "table.npy"],
  ])("refuses %j with exit code %i", async (options, code, message) => {
    const { old, table } = await drifted();
    const given = options.map((option) => ({ OLD: old, TABLE: table })[option] ?? option);
    const outcome = await midx(["build", table, "-o", output(), ...given]);
    expect(outcome).toMatchObject({ code, stderr: expect.stringContaining(message) });
  });
});
