import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, test, vi } from "vitest";
import type { BuildOptions } from "../../src/train/index.ts";
import { bytesOf, floats, makeFolder, npyBytes, npyLiteral, writeInput } from "./files.ts";
import { midx, noise } from "./run.ts";

// Suites share a process, so mocked modules are imported again for this suite and for the following ones.
vi.hoisted(() => vi.resetModules());
afterAll(() => {
  vi.resetModules();
});

/** The options of all builds, in memory and on disk. */
const given: BuildOptions[] = [];
vi.mock("../../src/train/build/build-inlined.ts", async (original) => {
  const real = await original<typeof import("../../src/train/build/build-inlined.ts")>();
  const buildOnPool: typeof real.buildOnPool = (pool, table, options = {}) => {
    given.push(options);
    return real.buildOnPool(pool, table, options);
  };
  return { ...real, buildOnPool };
});
vi.mock("../../src/cli/streaming/build-to-file.ts", async (original) => {
  const real = await original<typeof import("../../src/cli/streaming/build-to-file.ts")>();
  const buildToFile: typeof real.buildToFile = (input, output, options, ...rest) => {
    given.push(options);
    return real.buildToFile(input, output, options, ...rest);
  };
  return { buildToFile };
});
beforeEach(() => {
  given.length = 0;
});

const MODES = [[], ["--max-memory", "1000"]];
const output = (): string => join(makeFolder(), "out.midx");

/** Returns the labels that the library receives, in memory and on disk. */
async function labelsOf(...argv: string[]) {
  for (const mode of MODES) {
    expect(await midx(["build", ...argv, "--calibrate", "off", "-o", output(), ...mode])).toMatchObject({
      code: 0,
      stderr: "",
    });
  }
  expect(given).toHaveLength(MODES.length);
  const [one, other] = given.map(({ labels }) => labels);
  expect(other).toEqual(one);
  return one;
}

describe("labels of the rows reach the library", () => {
  const csv = (): string => writeInput("w.csv", "id,sku,x\n7,a,1\n8,b,2\n");

  test("from the column or key id, without being asked for", async () => {
    expect(await labelsOf(csv())).toEqual(["7", "8"]);
    given.length = 0;
    expect(await labelsOf(writeInput("w.jsonl", '{"id":"x","values":[1]}\n{"id":2,"values":[1]}\n'))).toEqual([
      "x",
      "2",
    ]);
  });

  test("from the one that is named, and not where none is wanted", async () => {
    expect(await labelsOf(csv(), "--id-field", "sku")).toEqual(["a", "b"]);
    given.length = 0;
    expect(await labelsOf(csv(), "--no-id-field")).toBeUndefined();
  });

  test("from a file of lines, in place of those in the file", async () => {
    const labels = writeInput("labels.txt", Buffer.from("\ufeffé\r\n\r\n"));
    expect(await labelsOf(csv(), "--labels", labels)).toEqual(["é", ""]);
    given.length = 0;
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
