import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { readRaw } from "../fixtures/index-file.ts";
import { WHOLE } from "../run/size.ts";
import { inTurn } from "../run/turns.ts";
import { SMALL_FILES, SMALL_NAMES } from "./files.ts";
import { Tally } from "./tally.ts";
import { fuzzHeader, fuzzLoad } from "./targets.ts";

const LARGEST = 200_000;

/** The inputs that reached new code when the target was fuzzed (fuzz/README.md). */
function corpus(target: string): Uint8Array[] {
  const folder = new URL(`../../fuzz/corpus/${target}/`, import.meta.url);
  return readdirSync(folder).map((name) => readFileSync(new URL(name, folder)));
}

test.each([
  ["header", fuzzHeader, 2],
  ["load", fuzzLoad, 4],
] as const)("the corpus of %s is refused or harmless, input for input", async (target, fuzz, share) => {
  const tally = new Tally();
  const inputs = corpus(target);
  for (const input of inTurn(inputs, WHOLE ? 1 : share)) {
    const start = process.threadCpuUsage();
    const verdict = await fuzz(input);
    const { user, system } = process.threadCpuUsage(start);
    tally.add(verdict, (user + system) / 1000);
  }
  tally.print(`fuzz/corpus/${target}`);
  expect(tally.tried).toBeGreaterThan(50);
  expect(tally.of("harmless")).toBeGreaterThan(0);
  expect(tally.codes.length).toBeGreaterThan(10);
  expect(inputs.reduce((bytes, { length }) => bytes + length, 0)).toBeLessThan(LARGEST);
});

test("the headers of good files are accepted, and programs without edits give good files", async () => {
  for (const [i, name] of SMALL_NAMES.entries()) {
    const { headerBytes } = readRaw(SMALL_FILES[name]);
    expect(fuzzHeader(SMALL_FILES[name].subarray(8, headerBytes))).toBe("harmless");
    expect(await fuzzLoad(Uint8Array.of(i))).toBe("harmless");
  }
});
