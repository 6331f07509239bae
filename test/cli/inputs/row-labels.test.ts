import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { load } from "../../../src/index.ts";
import { bytesOf, floats, makeFolder, npyBytes, npyLiteral, writeInput } from "../files.ts";
import { midx, noise } from "../run.ts";

const MODES = [[], ["--max-memory", "1000"]];
const output = (): string => join(makeFolder(), "out.midx");

/** Returns the labels of the index that is built, in memory and on disk. */
async function labelsOf(...argv: string[]): Promise<string[] | undefined> {
  const made: (string[] | undefined)[] = [];
  for (const mode of MODES) {
    const path = output();
    expect(await midx(["build", ...argv, "--calibrate", "off", "-o", path, ...mode])).toMatchObject({
      code: 0,
      stderr: "",
    });
    const index = await load(readFileSync(path));
    const { hasLabels, itemCount } = index.info;
    made.push(hasLabels ? index.labels(Array.from({ length: itemCount }, (_, id) => id)) : undefined);
    index.dispose();
  }
  expect(made[1]).toEqual(made[0]);
  return made[0];
}

describe("labels of the rows reach the index", () => {
  const csv = (): string => writeInput("w.csv", "id,sku,x\n7,a,1\n8,b,2\n");

  test("from the column or key id, without being asked for", async () => {
    expect(await labelsOf(csv())).toEqual(["7", "8"]);
    expect(await labelsOf(writeInput("w.jsonl", '{"id":"x","values":[1]}\n{"id":2,"values":[1]}\n'))).toEqual([
      "x",
      "2",
    ]);
  });

  test("from the one that is named, and not where none is wanted", async () => {
    expect(await labelsOf(csv(), "--id-field", "sku")).toEqual(["a", "b"]);
    expect(await labelsOf(csv(), "--no-id-field")).toBeUndefined();
  });

  test("from a file of lines, in place of those in the file", async () => {
    const labels = writeInput("labels.txt", Buffer.from("\ufeffé\r\n\r\n"));
    expect(await labelsOf(csv(), "--labels", labels)).toEqual(["é", ""]);
    const npy = writeInput("w.npy", npyBytes(npyLiteral("<f4", "(2, 1)"), floats(1, 2)));
    expect(await labelsOf(npy, "--labels", labels)).toEqual(["é", ""]);
  });

  test("without the rows that are left out", async () => {
    const path = writeInput("w.csv", "id,x\na,1\na,nan\nb,2\n");
    expect(await labelsOf(path, "--drop-invalid")).toEqual(["a", "b"]);
  });

  test("in the order of many rows", async () => {
    const data = noise(3000);
    const lines = Array.from(data, (value, row) => `row ${row},${value}\n`);
    expect(await labelsOf(writeInput("w.csv", "id,x\n", ...lines))).toEqual(Array.from(data, (_, row) => `row ${row}`));
  });
});

describe("labels are refused", () => {
  const refused = async (...argv: string[]): Promise<string> => {
    const messages: string[] = [];
    for (const mode of MODES) {
      const { code, stderr } = await midx(["build", ...argv, "-o", output(), ...mode]);
      expect([2, 3]).toContain(code);
      messages.push(stderr);
    }
    expect(messages[1]).toBe(messages[0]);
    return messages[0] as string;
  };

  test("where two rows have the same, which are named", async () => {
    const csv = writeInput("w.csv", "id,x\na,1\nb,2\na,3\n");
    expect(await refused(csv)).toContain(`${csv}: labels must be unique, but rows 0 and 2 are both "a"`);
    const dropped = writeInput("w.csv", "id,x\na,nan\nb,2\nb,3\n");
    expect(await refused(dropped, "--drop-invalid")).toContain('rows 1 and 2 are both "b"');
    const npy = writeInput("w.npy", npyBytes(npyLiteral("<f4", "(2, 1)"), floats(1, 2)));
    const labels = writeInput("labels.txt", "x\nx\n");
    expect(await refused(npy, "--labels", labels)).toContain(`${labels}: labels must be unique, but rows 0 and 1`);
    // They are two ids in JSON, but the same label.
    const jsonl = writeInput("w.jsonl", '{"id":1,"values":[1]}\n{"id":"1","values":[2]}\n');
    expect(await refused(jsonl)).toContain('rows 0 and 1 are both "1"');
  });

  test("where there are not as many, or they are not UTF-8", async () => {
    const npy = writeInput("w.npy", npyBytes(npyLiteral("<f4", "(2, 1)"), floats(1, 2)));
    const short = writeInput("labels.txt", "x\n");
    expect(await refused(npy, "--labels", short)).toContain(`${short}: '--labels' expected 2 lines`);
    expect(await refused(npy, "--labels", writeInput("labels.txt", "caf\xe9\nb\n"))).toContain("text-utf8");
  });

  test("where the format has none, and where both kinds are named", async () => {
    const raw = writeInput("w.f32", bytesOf(noise(4)));
    expect(await refused(raw, "--dim", "2", "--id-field", "sku")).toContain(
      "'--id-field' needs .parquet, .csv or .jsonl",
    );
    expect(await refused(raw, "--labels", "x", "--id-field", "sku")).toContain("cannot be used with option");
  });
});
