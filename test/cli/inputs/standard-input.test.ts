import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { EVERY } from "../../run/size.ts";
import {
  bytesOf,
  makeFolder,
  makeTemporaryFolder,
  npyBytes,
  npyLiteral,
  safetensorsBytes,
  writeInput,
} from "../files.ts";
import { midx, noise } from "../run.ts";
import { zipBytes } from "../zip.ts";

/** Yields the bytes in pieces of odd sizes. */
async function* stream(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.byteLength; at += 777) yield bytes.subarray(at, at + 777);
}

const data = noise(100 * 4);
const npy = npyBytes(npyLiteral("<f4", "(100, 4)"), bytesOf(data));
const lines = Array.from({ length: 100 }, (_, row) => Array.from(data.subarray(row * 4, row * 4 + 4), String));

describe("midx build -", () => {
  test.each([
    ["npy", npy],
    ["npz", zipBytes([{ name: "w.npy", data: npy }])],
    ["safetensors", safetensorsBytes([{ name: "w", dtype: "F32", shape: [100, 4], data }])],
    ["csv", Buffer.from(lines.map((line) => `${line.join(",")}\n`).join(""))],
    ["jsonl", Buffer.from(lines.map((line) => `[${line.join(",")}]\n`).join(""))],
    ["f32", bytesOf(data)],
  ])("builds from standard input what it builds from a file: %s", async (format, bytes) => {
    const output = join(makeFolder(), "out.midx");
    // A calibration reads the rows again. It takes much longer than the build.
    const calibrate = ["--calibrate", EVERY || format === "npz" ? "quick" : "off"];
    await midx(["build", writeInput("w.npy", npy), "-o", output, ...calibrate]);
    const expected = readFileSync(output);
    const temporaries = makeTemporaryFolder();
    for (const extra of [[], ["--max-memory", "1000"]]) {
      const argv = ["build", "-", "--format", format, "-o", output, "--dim", "4", ...calibrate, ...extra];
      expect(await midx(argv, { stdin: stream(bytes) })).toMatchObject({ code: 0, stderr: "" });
      expect(readFileSync(output).equals(expected)).toBe(true);
    }
    expect(readdirSync(temporaries)).toEqual([]);
  });

  test("needs the format, and names standard input where it is damaged", async () => {
    const output = join(makeFolder(), "out.midx");
    const unnamed = await midx(["build", "-", "-o", output], { stdin: stream(npy) });
    expect(unnamed).toMatchObject({ code: 2, stderr: expect.stringContaining("'--format' is missing") });
    const argv = ["build", "-", "--format", "npy", "-o", output];
    const cut = await midx(argv, { stdin: stream(npy.subarray(0, 500)) });
    expect(cut).toMatchObject({ code: 3, stderr: expect.stringContaining("standard input: ") });
    const list = await midx(["build", "-", "--format", "jsonl", "-o", output], { stdin: stream(Buffer.from("[[1]]")) });
    expect(list).toMatchObject({
      code: 3,
      stderr: expect.stringContaining("line of its own: jq -c '.[]' > rows.jsonl"),
    });
    const unknown = await midx(["build", "-", "--format", "xlsx", "-o", output]);
    expect(unknown).toMatchObject({ code: 2, stderr: expect.stringContaining("'xlsx' is invalid") });
    const shards = await midx(["build", "-", "--format", "safetensors.index.json", "--tensor", "w", "-o", output], {
      stdin: stream(Buffer.from('{"weight_map":{"w":"package.json"}}')),
    });
    expect(shards).toMatchObject({ code: 2, stderr: expect.stringContaining("needs the files of a folder") });
  });

  test("ends with the error of the stream", async () => {
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield npy.subarray(0, 100);
      throw new Error("the pipe broke");
    }
    const argv = ["build", "-", "--format", "npy", "-o", join(makeFolder(), "out.midx")];
    expect(await midx(argv, { stdin: broken() })).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("the pipe broke"),
    });
  });

  test("reads a file of another extension by --format", async () => {
    const output = join(makeFolder(), "out.midx");
    expect(
      await midx(["build", writeInput("vectors.txt", "1,5\n2,4\n"), "--format", "csv", "-o", output]),
    ).toMatchObject({ code: 0 });
  });
});
