import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { buildKernels } from "../../scripts/kernels/build.ts";
import { planKernels } from "../../scripts/kernels/plan.ts";
import { isCurrent, type Stamp } from "../../scripts/kernels/stamp.ts";

const folder = mkdtempSync(join(tmpdir(), "midx-kernels-"));
afterAll(() => rmSync(folder, { recursive: true }));

const SOURCES = {
  "asconfig.json": JSON.stringify({
    options: { runtime: "stub", enable: ["simd"], bindings: "raw" },
    targets: {
      "sum-release": { entries: ["assembly/index.ts"], outFile: "build/sum.wasm", optimizeLevel: 3 },
      "sum-debug": { entries: ["assembly/index.ts"], outFile: "build/sum.debug.wasm", debug: true, sourceMap: true },
      "other-release": { entries: ["assembly/other.ts"], outFile: "build/other.wasm" },
    },
  }),
  "assembly/index.ts": 'export { sum } from "./sum";\n',
  "assembly/sum/index.ts":
    'import { ONE } from "../../src/one";\nexport function sum(a: i32): i32 { return a + ONE; }\n',
  "src/one.ts": "export const ONE: i32 = 1;\n",
  "assembly/other.ts": "export function first(a: v128): i32 { return i32x4.extract_lane(a, 0); }\n",
};

/** A checkout whose kernels have been compiled, and a copy of it for each test. */
const built = join(folder, "built");
let root = built;
const write = (path: string, text: string): void => {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
};
const wasm = (name: string): Buffer => readFileSync(join(root, "build", name));
const sumOf = (a: number): number => {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(Uint8Array.from(wasm("sum.wasm"))), {});
  return (exports.sum as (a: number) => number)(a);
};
const outdated = (...names: string[]): string[] => planKernels(root, names).outdated.map(({ name }) => name);

beforeAll(async () => {
  for (const [path, text] of Object.entries(SOURCES)) write(path, text);
  const { compiled, warnings } = await buildKernels(root);
  expect(compiled).toEqual(["sum-release", "sum-debug", "other-release"]);
  expect(warnings).toEqual([expect.stringMatching(/WARNING AS112.*v128[\s\S]*assembly\/other\.ts/)]);
  expect(sumOf(2)).toBe(3);
  expect(readdirSync(join(root, "build")).filter((name) => name.endsWith(".tmp"))).toEqual([]);
}, 600_000);

beforeEach(() => {
  root = mkdtempSync(join(folder, "checkout-"));
  cpSync(built, root, { recursive: true });
});

describe("kernels", { timeout: 600_000 }, () => {
  test("are current in a copy, whatever the times of their files, and warnings are repeated", async () => {
    for (const path of Object.keys(SOURCES)) utimesSync(join(root, path), new Date(), new Date());
    const { compiled, warnings } = await buildKernels(root);
    expect(compiled).toEqual([]);
    expect(warnings).toHaveLength(1);
    expect((await buildKernels(root, ["sum-release"])).warnings).toEqual([]);
  });

  test("are the chosen ones", () => {
    rmSync(join(root, "build"), { recursive: true });
    expect(outdated("release")).toEqual(["sum-release", "other-release"]);
    expect(outdated("sum-release", "debug")).toEqual(["sum-release", "sum-debug"]);
    expect(() => outdated("quick")).toThrow(/no kernel target "quick".*release, debug, sum-release/);
  });

  test("are outdated if a file that they include changes, and only then", () => {
    write("src/one.ts", "export const ONE: i32 = 100;\n");
    expect(outdated()).toEqual(["sum-release", "sum-debug"]);
    write("src/one.ts", SOURCES["src/one.ts"]);
    expect(outdated()).toEqual([]);
    write("assembly/sum.ts", "export function sum(a: i32): i32 { return -a; }\n"); // takes precedence over sum/index.ts
    expect(outdated()).toEqual(["sum-release", "sum-debug"]);
    rmSync(join(root, "assembly/sum.ts"));
    write("asconfig.json", SOURCES["asconfig.json"].replace('"optimizeLevel":3', '"optimizeLevel":0'));
    expect(outdated()).toEqual(["sum-release", "sum-debug", "other-release"]);
  });

  test.each([
    ["an output is missing", () => rmSync(join(root, "build/sum.d.ts"))],
    ["an output is cut short", () => write("build/sum.wasm", "\0asm")],
    ["the stamp is cut short", () => write("build/sum.stamp.json", "{")],
    ["the stamp is missing", () => rmSync(join(root, "build/sum.stamp.json"))],
  ])("are outdated where %s", (_, spoil) => {
    spoil();
    expect(outdated()).toEqual(["sum-release"]);
  });

  test("that do not compile leave the old ones, and print the compiler's message", async () => {
    const before = wasm("sum.wasm");
    write("src/one.ts", 'export const ONE: i32 = "one";\n');
    await expect(buildKernels(root, ["sum-release"])).rejects.toThrow(
      /"sum-release" does not compile[\s\S]*ERROR TS2322[\s\S]*src\/one\.ts\(1,25\)/,
    );
    expect(wasm("sum.wasm")).toEqual(before);
    expect(outdated("release")).toEqual(["sum-release"]);
    write("src/one.ts", SOURCES["src/one.ts"]);
    expect(outdated("release")).toEqual([]);
  });

  test("are complete if two builds run at once", async () => {
    write("src/one.ts", "export const ONE: i32 = 100;\n");
    await Promise.all([buildKernels(root, ["sum-release"]), buildKernels(root, ["sum-release"])]);
    expect(sumOf(2)).toBe(102);
    expect(outdated()).toEqual(["sum-debug"]);
  });

  test("are complete after a killed compilation", async () => {
    write("src/one.ts", "export const ONE: i32 = 100;\n");
    const build = JSON.stringify(pathToFileURL(join(import.meta.dirname, "../../scripts/kernels/build.ts")));
    const program = `console.log("begun"); await (await import(${build})).buildKernels(${JSON.stringify(root)});`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", program], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const ended = once(child, "exit");
    await once(child.stdout, "data");
    await new Promise((resolve) => setTimeout(resolve, 1000));
    child.kill("SIGKILL");
    await ended;
    await buildKernels(root, ["sum-release"]);
    expect(outdated("sum-release")).toEqual([]);
    expect(sumOf(2)).toBe(102);
  });
});

test("a stamp holds for its compiler and for the hashes that it lists, missing files included", () => {
  const stamp: Stamp = {
    compiler: "one",
    inputs: { "a.ts": "hash of a", "b.ts": null },
    outputs: { "a.wasm": "hash of wasm" },
    warnings: "",
  };
  const now: Record<string, string | null> = { "a.ts": "hash of a", "a.wasm": "hash of wasm" };
  const holds = (files: Record<string, string | null>, compiler = "one"): boolean =>
    isCurrent(stamp, compiler, (path) => files[path] ?? null);
  expect(holds(now)).toBe(true);
  expect(holds(now, "two")).toBe(false);
  expect(holds({ ...now, "a.ts": "other" })).toBe(false);
  expect(holds({ ...now, "b.ts": "new" })).toBe(false);
  expect(holds({ ...now, "a.wasm": null })).toBe(false);
  expect(isCurrent(undefined, "one", () => null)).toBe(false);
});
