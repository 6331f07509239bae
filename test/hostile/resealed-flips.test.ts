import { describe, expect, test } from "vitest";
import { WHOLE } from "../run/size.ts";
import { LARGER_FILE, SMALL_FILES, SMALL_NAMES } from "./files.ts";
import { flipBit } from "./flip.ts";
import { judge, leastTime } from "./judge.ts";
import { reseal } from "./reseal.ts";
import { Tally } from "./tally.ts";

// Deliberate damage: every checksum is corrected, so that only the other checks can find it.

/** The milliseconds that two loads and 20 queries by every method may take for a small file. */
const LIMIT = WHOLE ? 50 : 500;
/** A damaged file may take as many times the time of the good one, where that is more: on slow and on busy machines. */
const MOST_TIMES = 5;

/** What finds damage in every file, of which a sample of the flips shows it in one file or another. */
const CODES = ["ids", "bucket-codes", "bucket-offsets", "tensor-padding"];

/** Returns the most milliseconds that a damaged file may take, and those that the good one takes. */
async function limitFor(file: Uint8Array): Promise<{ readonly limit: number; readonly good: number }> {
  await judge(file);
  const { milliseconds: good } = await leastTime(0, () => judge(file));
  return { limit: Math.max(LIMIT, MOST_TIMES * good), good };
}

async function judgeFlips(file: Uint8Array, stride: number, limit: number): Promise<Tally> {
  const tally = new Tally();
  for (let bit = 0; bit < 8 * file.length; bit += stride) {
    const changed = reseal(flipBit(file, bit));
    // If only a checksum was hit, it has been corrected, and the file is good again.
    const { result, milliseconds } = await leastTime(limit, () => judge(changed)).catch((error) => {
      throw new Error(`bit ${bit}: ${error}`, { cause: error });
    });
    expect(milliseconds, `bit ${bit}`).toBeLessThan(limit);
    tally.add(result, milliseconds);
  }
  return tally;
}

test("resealing a good file changes nothing", () => {
  for (const name of SMALL_NAMES) expect(reseal(SMALL_FILES[name])).toEqual(SMALL_FILES[name]);
  expect(reseal(LARGER_FILE)).toEqual(LARGER_FILE);
});

/** Why files were refused. */
const codes = new Set<string>();

describe("a file with a bit flipped and its checksums made right is refused or harmless:", () => {
  test.each(SMALL_NAMES)("%s", async (name) => {
    const { limit } = await limitFor(SMALL_FILES[name]);
    const tally = await judgeFlips(SMALL_FILES[name], WHOLE ? 1 : 1511, limit);
    tally.print(`a bit flipped and resealed, ${name}`);
    expect(tally.refused).toBeGreaterThan(tally.tried / 5);
    expect(tally.of("harmless")).toBeGreaterThan(tally.tried / 5);
    for (const code of tally.codes) codes.add(code);
    if (WHOLE) expect(tally.codes).toEqual(expect.arrayContaining(CODES));
  });

  test("checks of all sorts find some", () => {
    expect([...codes]).toEqual(expect.arrayContaining(CODES));
  });

  test("one of 3,000 classes, in at most five times the time of the good file", async () => {
    const { limit, good } = await limitFor(LARGER_FILE);
    const tally = await judgeFlips(LARGER_FILE, WHOLE ? 211 : 140_009, limit);
    tally.print(`a bit flipped and resealed, 3,000 classes (the good file takes ${good.toFixed(1)} ms)`);
    expect(tally.of("harmless")).toBeGreaterThan(tally.tried / 5);
  });
});
