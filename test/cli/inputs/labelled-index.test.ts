import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { load } from "../../../src/index.ts";
import { writeInput } from "../files.ts";
import { jsonLines, midx, noise, writeTable } from "../run.ts";

const NAMES = Array.from({ length: 60 }, (_, i) => `é${i % 7}-${i}`);
const DIM = 4;

describe("labels of the input", () => {
  const values = noise(60 * DIM, 3);
  const rows = NAMES.map((id, i) => JSON.stringify({ id, values: [...values.slice(i * DIM, (i + 1) * DIM)] }));
  let lines: string;
  let output: string;

  beforeEach(() => {
    const folder = mkdtempSync(join(tmpdir(), "midx-test-"));
    lines = join(folder, "items.jsonl");
    output = join(folder, "out.midx");
    writeFileSync(lines, `${rows.join("\n")}\n`);
    return () => rmSync(folder, { recursive: true });
  });

  test("are in the index file, built in memory or on the disk to the same bytes", async () => {
    expect(await midx(["build", lines, "-o", output])).toMatchObject({ code: 0, stderr: "" });
    const inMemory = readFileSync(output);
    const index = await load(inMemory);
    expect(index.labels([...NAMES.keys()])).toEqual(NAMES);
    expect(await midx(["build", lines, "-o", output, "--max-memory", "1000"])).toMatchObject({ code: 0, stderr: "" });
    expect(readFileSync(output).equals(inMemory)).toBe(true);
  });

  test("name the classes of a query and of draws", async () => {
    await midx(["build", lines, "-o", output]);
    for (const argv of [
      ["predict", output, "-k", "3"],
      ["sample", output, "--draws", "3"],
    ]) {
      const { stdout } = await midx([...argv, "--vector", "[1,2,3,4]", "--seed", "1", "--json"]);
      const answer = jsonLines(stdout)[0] as unknown as { ids: number[]; labels: string[] };
      expect(answer.labels).toEqual(answer.ids.map((id) => NAMES[id]));
    }
    expect((await midx(["predict", output, "-k", "2", "--vector", "[1,2,3,4]"])).stdout).toContain("é");
  });

  test("can come from a file of lines, each once", async () => {
    const table = writeTable(3, DIM);
    const argv = ["build", table, "-o", output, "--labels"];
    expect((await midx([...argv, writeInput("names.txt", "x\ny\nz\n")])).code).toBe(0);
    expect((await load(readFileSync(output))).labels([0, 1, 2])).toEqual(["x", "y", "z"]);
    const twice = await midx([...argv, writeInput("names.txt", "x\ny\nx\n")]);
    expect(twice).toMatchObject({ code: 2 });
    expect(twice.stderr).toContain('labels must be unique, but rows 0 and 2 are both "x"');
  });
});
