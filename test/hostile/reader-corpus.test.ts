import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { fuzzReader, READER_TARGETS, type ReaderTarget } from "./reader-targets.ts";
import { Tally } from "./tally.ts";

const LARGEST = 60_000;

test.each(Object.entries(READER_TARGETS))(
  "the corpus of %s is refused or harmless, input for input",
  async (name, target) => {
    const tally = await replay(name, target);
    tally.print(`fuzz/corpus/${name}`);
    expect(tally.of("harmless")).toBeGreaterThan(0);
  },
);

async function replay(name: string, target: ReaderTarget): Promise<Tally> {
  const folder = new URL(`../../fuzz/corpus/${name}/`, import.meta.url);
  const tally = new Tally();
  let bytes = 0;
  for (const file of readdirSync(folder)) {
    const input = readFileSync(new URL(file, folder));
    bytes += input.byteLength;
    tally.add(await fuzzReader(target, input));
  }
  expect(bytes).toBeLessThan(LARGEST);
  return tally;
}
