import { describe, expect, test } from "vitest";
import { makeFolder, writeInput } from "../files.ts";
import { midx } from "../run.ts";

// Files beside a table go by the places of its rows, and queries and other tables by the places of its columns.

const OFF = ["--calibrate", "off", "--row-type", "f32", "--bits", "1"];
const table = (): string => writeInput("rows.csv", "id,x,y\na,1,2\nb,3,4\nc,5,6\n");
const output = (): string => `${makeFolder()}/new.midx`;
const build = (...argv: string[]) => midx(["build", ...argv, "-o", output(), ...OFF]);

describe("labels beside a table", () => {
  const reversed = {
    "--bias": ["bias.csv", "id,bias\nc,30\nb,20\na,10\n"],
    "--counts": ["counts.csv", "id,n\nc,30\nb,20\na,10\n"],
    "--metadata": ["meta.jsonl", '{"id":"c","price":3}\n{"id":"b","price":2}\n{"id":"a","price":1}\n'],
  } as const;
  test.each(Object.entries(reversed))("refuse %s in another order", async (option, [name, text]) => {
    const path = writeInput(name, text);
    const argv = option === "--metadata" ? ["--columns", "price:number"] : [];
    const { code, stderr } = await build(table(), option, path, ...argv);
    expect([code, stderr]).toEqual([2, expect.stringContaining('row 0 expected "a", got "c"')]);
    expect(stderr).toContain(`${path}: '${option}' expected the rows in the order of `);
  });

  test.each([
    ["in the same order", "id,bias\na,10\nb,20\nc,30\n"],
    ["of another kind", "id,bias\n17,10\n4,20\n6,30\n"],
  ])("are accepted %s", async (_, text) => {
    expect(await build(table(), "--bias", writeInput("bias.csv", text))).toMatchObject({ code: 0 });
  });

  test("are those of --id-field, or of a file of labels", async () => {
    const rows = writeInput("rows.csv", "sku,x\na,1\nb,3\n");
    const bias = writeInput("bias.csv", "sku,bias\nb,30\na,20\n");
    const stderr = expect.stringContaining('row 0 expected "a", got "b"');
    expect(await build(rows, "--id-field", "sku", "--bias", bias)).toMatchObject({ code: 2, stderr });
    const plain = writeInput("rows.csv", "x\n1\n3\n");
    const ids = writeInput("bias.csv", "id,bias\nb,30\na,20\n");
    const labels = writeInput("labels.txt", "a\nb\n");
    expect(await build(plain, "--labels", labels, "--bias", ids)).toMatchObject({ code: 2, stderr });
    const unlabelled = writeInput("bias.csv", "bias\n30\n20\n");
    expect(await build(rows, "--id-field", "sku", "--bias", unlabelled)).toMatchObject({ code: 0 });
  });

  test("of counts are those of the index that eval measures", async () => {
    const index = output();
    await midx(["build", table(), "-o", index, ...OFF]);
    const queries = writeInput("queries.jsonl", "[1, 0]\n[0, 1]\n");
    const counts = writeInput("counts.csv", "id,n\nc,3\nb,2\na,1\n");
    const { code, stderr } = await midx(["eval", index, "--queries", queries, "--counts", counts]);
    expect([code, stderr]).toEqual([2, expect.stringContaining("'--counts' expected the rows in the order of")]);
  });
});

describe("columns in another order", () => {
  const swapped = (): string => writeInput("swapped.csv", "id,y,x\na,2,1\nb,4,3\nc,6,5\n");
  const message = expect.stringContaining('value 0 expected "x", got "y"');

  test("are refused in queries of a build", async () => {
    for (const extra of [[], ["--max-memory", "1000"]]) {
      expect(await build(table(), "--queries", swapped(), ...extra)).toMatchObject({ code: 2, stderr: message });
    }
    const named = writeInput("named.csv", "q0,q1\n2,1\n4,3\n");
    expect(await build(table(), "--queries", named)).toMatchObject({ code: 0 });
  });

  test("are refused in the newer table of a difference, and changes say which ones they have", async () => {
    const index = output();
    await midx(["build", table(), "-o", index, ...OFF]);
    const changes = `${makeFolder()}/new.midxd`;
    const diff = await midx(["diff", "--index", index, table(), swapped(), "-o", changes]);
    expect(diff).toMatchObject({ code: 2, stderr: message });
    const { code, stderr } = await midx(["changes", index, swapped(), "-o", changes]);
    expect([code, stderr]).toEqual([0, expect.stringContaining('note: values from 2 columns "y", "x"')]);
  });
});

test("a column of the index is in the metadata or in the table", async () => {
  const rows = writeInput("rows.csv", "id,x,price\na,1,5\nb,3,6\n");
  const metadata = writeInput("meta.jsonl", '{"price":3}\n{"price":2}\n');
  const { code, stderr } = await build(rows, "--metadata", metadata, "--columns", "price:number");
  expect([code, stderr]).toEqual([2, expect.stringContaining("'--columns' expected \"price\" in '--metadata' alone")]);
});
