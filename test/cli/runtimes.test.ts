import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { EVERY } from "../run/size.ts";
import { bundleCli } from "./bundle.ts";
import { bytesOf, makeFolder, npyBytes, npyLiteral } from "./files.ts";
import { noise } from "./run.ts";
import { zipBytes } from "./zip.ts";

let bundle: Awaited<ReturnType<typeof bundleCli>>;
beforeAll(async () => {
  bundle = await bundleCli();
});
afterAll(() => bundle.remove());

const bin = (name: string): string => join(import.meta.dirname, "../../node_modules/.bin", name);

const RUNTIMES: Readonly<Record<string, readonly [command: string, ...argv: string[]]>> = {
  "Node 24": [bin("node")],
  Bun: [bin("bun")],
  Deno: [bin("deno"), "run", "--allow-all", "--no-config"],
};

const [ITEM_COUNT, DIM] = [EVERY ? 5000 : 2000, 12];
const data = noise(ITEM_COUNT * DIM);
/** Rows that every format can store. */
const values = Array.from({ length: ITEM_COUNT }, (_, row) => Array.from(data.subarray(row * DIM, (row + 1) * DIM)));

/** The rows in files of formats with different readers. */
function writeInputs(folder: string): string[] {
  const npy = npyBytes(npyLiteral("<f4", `(${ITEM_COUNT}, ${DIM})`), bytesOf(data));
  const files = {
    "w.npy": npy,
    "w.npz": zipBytes([{ name: "w.npy", data: npy }]),
    "w.csv": values.map((row) => `${row.join(",")}\n`).join(""),
    "w.jsonl": values.map((row) => `${JSON.stringify(row)}\n`).join(""),
  };
  return Object.entries(files).map(([name, bytes]) => {
    writeFileSync(join(folder, name), bytes);
    return join(folder, name);
  });
}

/** The options of builds. All builds of a list write the same file. */
const IN_MEMORY_OR_NOT = [[], ["--max-memory", "200"], ["--max-memory", "1000"], ["--threads", "2"]];
const WITH_FINE_CODES = [["--fine-codes"], ["--fine-codes", "--max-memory", "1000"]];

/** Node runs the first build. Other runtimes run that and every second one, or all of them in `npm run test:cases`. */
const isBuilt = (runtime: number, build: number): boolean => EVERY || build === 0 || build % 2 === runtime - 1;

describe("the same rows, options and seed give the same file", () => {
  test("in Node, Bun and Deno, in memory and on the disk in chunks of any size, from any format", () => {
    const folder = makeFolder();
    const output = join(folder, "out.midx");
    const [npy = "", ...others] = writeInputs(folder);
    const hashesOf = (builds: readonly (readonly string[])[]): Record<string, string> =>
      Object.fromEntries(
        Object.entries(RUNTIMES).flatMap(([runtime, [command, ...argv]], r) =>
          builds
            .filter((_, b) => isBuilt(r, b))
            .map((build) => {
              const whole = [...argv, bundle.cli, "build", ...build, "-o", output, "--seed", "5"];
              execFileSync(command, whole, { stdio: ["ignore", "pipe", "inherit"] });
              const hash = createHash("sha256").update(readFileSync(output)).digest("hex");
              return [[runtime, ...build].join(" "), hash];
            }),
        ),
      );
    const plain = hashesOf([...IN_MEMORY_OR_NOT.map((extra) => [npy, ...extra]), ...others.map((input) => [input])]);
    expect(Object.keys(plain)).toHaveLength(EVERY ? 3 * 7 : 1 + 4 + 4);
    expect(new Set(Object.values(plain)).size, JSON.stringify(plain, null, 1)).toBe(1);
    const fine = hashesOf(WITH_FINE_CODES.map((extra) => [npy, ...extra]));
    expect(new Set(Object.values(fine)).size, JSON.stringify(fine, null, 1)).toBe(1);
  });
});
