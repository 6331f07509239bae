import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openInput } from "../../../src/cli/inputs/open.ts";
import { build } from "../../../src/train/index.ts";
import { bytesOf, floats, makeFolder, npyBytes, npyLiteral, safetensorsBytes, writeInput } from "../files.ts";
import { jsonLines, midx, noise } from "../run.ts";
import { readChunks, readLabelled, refusal } from "./read-input.ts";

const npy = (data: Float32Array, dim: number): string =>
  writeInput("w.npy", npyBytes(npyLiteral("<f4", `(${data.length / dim}, ${dim})`), bytesOf(data)));

const [ITEM_COUNT, DIM] = [700, 5];
const BAD: readonly [row: number, value: number][] = [
  [0, Number.NaN],
  [13, Number.POSITIVE_INFINITY],
  [14, 2 ** 33],
  [500, Number.NEGATIVE_INFINITY],
  [ITEM_COUNT - 1, -(2 ** 33)],
];
/** Nothing here is about error bars. */
const OFF = ["--calibrate", "off"];
const isBad = (row: number): boolean => BAD.some(([bad]) => bad === row);

/** Rows, some of them invalid, and the valid ones among them. */
function rows() {
  const data = noise(ITEM_COUNT * DIM);
  for (const [row, value] of BAD) data[row * DIM + (row % DIM)] = value;
  return { data, valid: data.filter((_, i) => !isBad(Math.floor(i / DIM))) };
}

describe("midx build --drop-invalid", () => {
  const output = (): string => join(makeFolder(), "out.midx");

  test.each([{ extra: [] }, { extra: ["--max-memory", "1000"] }])(
    "builds the file of the valid rows, with bias and counts of those, and says how many it left out: $extra",
    async ({ extra }) => {
      const { data, valid } = rows();
      const bias = noise(ITEM_COUNT, 7);
      const counts = noise(ITEM_COUNT, 8).map(Math.abs);
      const ofValid = (values: Float32Array) => values.filter((_, row) => !isBad(row));
      const expected = await build(
        { data: valid, shape: [ITEM_COUNT - BAD.length, DIM] },
        { bias: ofValid(bias), counts: ofValid(counts), seed: 3, calibrate: "off" },
      );
      bias[13] = Number.NaN; // the row is left out
      const path = output();
      const argv = ["build", npy(data, DIM), "-o", path, "--drop-invalid", "--seed", "3", ...OFF, ...extra];
      argv.push("--bias", writeInput("b.f32", bytesOf(bias)), "--counts", writeInput("c.f32", bytesOf(counts)));
      const text = await midx(argv);
      expect(text).toMatchObject({ code: 0, stderr: "" });
      expect(text.stdout).toMatch(/^left out +5 rows/m);
      expect(readFileSync(path).equals(expected)).toBe(true);
      const built = jsonLines((await midx([...argv, "--json"])).stdout).pop();
      expect(built).toMatchObject({ event: "built", dropped: 5, info: { itemCount: ITEM_COUNT - 5 } });
    },
  );

  test("leaves out no row of a file without invalid ones, says so, and is silent if it is not asked for", async () => {
    const path = output();
    const argv = ["build", npy(noise(20), 2), "-o", path, ...OFF];
    expect((await midx([...argv, "--drop-invalid"])).stdout).toMatch(/^left out +0 rows/m);
    expect(jsonLines((await midx([...argv, "--json"])).stdout).pop()).not.toHaveProperty("dropped");
    expect((await midx(argv)).stdout).not.toContain("left out");
  });

  test("leaves out what the type of the rows can't hold", async () => {
    const path = output();
    const argv = ["build", npy(Float32Array.of(1, 2, 70_000, 3), 2), "-o", path, "--drop-invalid", ...OFF];
    expect((await midx([...argv, "--row-type", "f16"])).stdout).toMatch(/^left out +1 rows/m);
    expect((await midx([...argv, "--row-type", "f32"])).stdout).toMatch(/^left out +0 rows/m);
  });

  test("keeps the older index where no row is valid", async () => {
    const path = output();
    await midx(["build", npy(Float32Array.of(1, 2, 3, 4), 2), "-o", path, ...OFF]);
    const older = readFileSync(path);
    for (const extra of [[], ["--max-memory", "1000"]]) {
      const argv = ["build", npy(new Float32Array(6).fill(Number.NaN), 2), "-o", path, "--drop-invalid", ...extra];
      const refused = { code: 2, stderr: expect.stringContaining("'--drop-invalid' leaves out all 3 rows") };
      expect(await midx(argv)).toMatchObject(refused);
    }
    expect(readFileSync(path)).toEqual(older);
  });

  test("still refuses what is no row at all", async () => {
    const argv = ["build", writeInput("w.csv", "a,b\n1,2\n3,x\n"), "-o", output(), "--drop-invalid"];
    expect(await midx(argv)).toMatchObject({ code: 3, stderr: expect.stringContaining('line 3, column "b"') });
    const ragged = ["build", writeInput("w.jsonl", "[1, 2]\n[3]\n"), "-o", output(), "--drop-invalid"];
    expect(await midx(ragged)).toMatchObject({ code: 3, stderr: expect.stringContaining("line 2 has 1 values") });
  });
});

describe("rows that are left out", () => {
  test("are left out of chunks of any size, from any row", async () => {
    const { data, valid } = rows();
    const path = npy(data, DIM);
    for (const chunkRows of [1, 7, 13, 14, 695, 10_000]) {
      for (const firstRow of [0, 1, 12, 13, 300, 694, 695, 800]) {
        const chunks = await readChunks(path, chunkRows, firstRow, { dropAbove: 2 ** 32 });
        expect(chunks.flat()).toEqual(Array.from(valid.subarray(firstRow * DIM)));
        for (const chunk of chunks.slice(0, -1)) expect(chunk).toHaveLength(chunkRows * DIM);
      }
    }
  });

  test.each([
    ["w.csv", "id,x,y\na,1,2\nb,nan,2\nc,,2\nd,3,-inf\ne,1e39,1\nf,5,6\n"],
    [
      "w.jsonl",
      '{"id":"a","values":[1,2]}\n{"id":"b","values":[NaN,2]}\n{"id":"b","values":null}\n{"id":"d","values":[3,1e999]}\n{"id":"f","values":[5,6]}\n',
    ],
  ])("take their labels with them: %s", async (name, text) => {
    expect(await readLabelled(writeInput(name, text), { dropAbove: 2 ** 32 })).toEqual({
      values: [1, 2, 5, 6],
      labels: ["a", "f"],
    });
  });

  test("take the lines of a file of labels with them", async () => {
    const path = npy(Float32Array.of(1, 2, Number.NaN, 3, 4, 5), 2);
    const labels = writeInput("labels.txt", "a\nb\nc\n");
    expect((await readLabelled(path, { dropAbove: 2 ** 32, labels })).labels).toEqual(["a", "c"]);
  });

  test("leave the length of bias and counts that of the file", async () => {
    const data = Float32Array.of(1, 2, Number.NaN, 3);
    const tensors = [
      { name: "w", dtype: "F32", shape: [2, 2], data },
      { name: "b", dtype: "F32", shape: [1], data: Float32Array.of(1) },
    ] as const;
    const path = writeInput("w.safetensors", safetensorsBytes(tensors));
    const input = await openInput(path, { dropAbove: 2, bias: "b", counts: writeInput("c.f32", floats(1)) });
    expect((await refusal(input.bias())).message).toContain("'--bias' expected 2 values, one for each row, got 1");
    expect((await refusal(input.counts())).message).toContain("'--counts' expected 2 values, one for each row, got 1");
    await input.close();
  });

  test("do not excuse a bias that is not finite where the row is kept", async () => {
    const bias = writeInput("b.f32", floats(1, Number.NaN, Number.NaN));
    const path = npy(Float32Array.of(1, Number.NaN, 3), 1);
    const input = await openInput(path, { dropAbove: 2 ** 32, bias });
    expect((await refusal(input.bias())).message).toContain(`${bias}: row 2, column 0: NaN`);
    await input.close();
  });
});
