import { join } from "node:path";
import { expect, test } from "vitest";
import { makeFolder, writeInput } from "../files.ts";
import { jsonLines, midx, noise, writeTable } from "../run.ts";

test("midx build says which columns it takes for values and which it leaves out, in one file, on the disk and in parts", async () => {
  const names = Array.from({ length: 8 }, (_, d) => `d${d}`);
  const rows = Array.from({ length: 60 }, (_, row) =>
    [row, ...noise(8, row), row % 2 ? "new" : "old", "n/a"].join(","),
  );
  const input = writeInput("items.csv", `${["id", ...names, "state", "price"].join(",")}\n${rows.join("\n")}\n`);
  const columns = '8 columns "d0", "d1", "d2", "d3" … "d7"; left out: "state", "price"';
  const argv = ["build", input, "--calibrate", "off", "-o"];
  for (const extra of [[], ["--max-memory", "1000"]]) {
    const { stdout, stderr } = await midx([...argv, join(makeFolder(), "out"), ...extra]);
    expect({ stdout, stderr }).toEqual({
      stdout: expect.stringContaining(`\nvalues          ${columns}\n`),
      stderr: "",
    });
  }
  const parts = await midx([...argv, join(makeFolder(), "out"), "--parts", "2"]);
  expect(parts.stderr).toContain(`note: values from ${columns}\n`);
  const json = jsonLines((await midx([...argv, join(makeFolder(), "out"), "--json"])).stdout);
  expect(json.at(-1)).toMatchObject({ inputColumns: { values: names, leftOut: ["state", "price"] } });
  const matrix = await midx(["build", writeTable(20, 4), "-o", join(makeFolder(), "out")]);
  expect(matrix.stdout).not.toContain("left out");
});

test("a column of whole numbers that differ beside fractions may be ids, and a build says how to take it for labels", async () => {
  const rows = (id: (row: number) => number) =>
    Array.from({ length: 30 }, (_, row) => [id(row), ...noise(3, row)].join(",")).join("\n");
  const build = async (names: string, id: (row: number) => number, ...argv: string[]) => {
    const table = writeInput("items.csv", `${names}\n${rows(id)}\n`);
    return midx(["build", table, "--calibrate", "off", "-o", join(makeFolder(), "out"), ...argv]);
  };
  const note = '"item_id" are whole numbers, another one in each row, and other values are fractions';
  const shuffled = (row: number): number => (7 * row) % 31;
  expect((await build("item_id,x,y,z", shuffled)).stderr).toContain(note);
  expect((await build("item_id,x,y,z", shuffled, "--parts", "2")).stderr).toContain(note);
  expect((await build("item_id,x,y,z", shuffled, "--id-field", "item_id")).stderr).toBe("");
  expect((await build("is_new,x,y,z", (row) => row % 2)).stderr).not.toContain("whole numbers");
});

test("a build of JSON lines says which keys it leaves out, and nothing if it leaves out none", async () => {
  const rows = Array.from({ length: 40 }, (_, row) =>
    JSON.stringify({ sku: `s${row}`, embedding: Array.from(noise(4, row)), price: row, at: { shop: "a" } }),
  );
  const input = writeInput("items.jsonl", rows.join("\n"));
  const build = (...argv: string[]) =>
    midx(["build", input, "--calibrate", "off", "-o", join(makeFolder(), "out"), ...argv]);
  const values = (leftOut: string) => `values          column "embedding"; left out: ${leftOut}\n`;
  expect((await build()).stdout).toContain(values('"sku", "price", "at"'));
  expect((await build("--id-field", "sku")).stdout).toContain(values('"price", "at"'));
  const columns = ["--columns", "price:number,at.shop:string"];
  expect((await build(...columns)).stdout).toContain(values('"sku"'));
  expect((await build("--id-field", "sku", ...columns)).stdout).not.toContain("left out");
  expect((await build("--parts", "2")).stderr).toContain('left out: "sku", "price", "at"\n');
});
