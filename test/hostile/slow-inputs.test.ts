import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { readLabelLines } from "../../src/cli/inputs/labels.ts";
import { openInput } from "../../src/cli/inputs/open.ts";
import { readCorpus, type Task } from "../../src/cli/training/corpus.ts";
import { parsePointer } from "../../src/publication/pointer.ts";
import { writeInput } from "../cli/files.ts";
import { EVERY } from "../run/size.ts";
import { refused } from "./allowed-errors.ts";
import { leastTime } from "./judge.ts";
import { SLOW_EXAMPLES, SLOW_INPUTS, type SlowInput } from "./slow-inputs.ts";

// No input takes more than a second of CPU for each megabyte. Machines may be slower than the one where this was
// measured, so the limit is three times as long, and the time of four times the bytes shows whether it grows with their
// square.

const SMALL = EVERY ? 2 ** 16 : 2 ** 15;
const LARGE = 4 * SMALL;
const SECONDS_PER_MEGABYTE = 3;
const MOST_GROWTH = 8;
/** Below this number of milliseconds, growth is noise. */
const NOISE = 60;
/** So many that one of them has a quiet moment on a machine that runs other tests. Only slow inputs take them all. */
const TRIES = 12;

async function expectLinear(make: (size: number) => () => Promise<unknown>): Promise<void> {
  const mostOf = (size: number): number => NOISE + (SECONDS_PER_MEGABYTE * size) / 1000;
  const read = make(SMALL);
  const first = await leastTime(mostOf(SMALL), read, TRIES);
  expect(first.milliseconds).toBeLessThan(mostOf(SMALL));
  const small = await leastTime(NOISE / MOST_GROWTH, read, 1);
  const limit = Math.min(Math.max(MOST_GROWTH * small.milliseconds, NOISE), mostOf(LARGE));
  const large = await leastTime(limit, make(LARGE), TRIES);
  expect(large.milliseconds).toBeLessThan(limit);
}

async function readInput(path: string, dim: number | undefined): Promise<void> {
  const input = await openInput(path, dim === undefined ? {} : { dim });
  try {
    for await (const rows of input.rows(1024)) rows.fill(0);
  } finally {
    await input.close();
  }
}

const written = ({ name, make }: SlowInput, size: number): string => {
  const path = writeInput(name, make(size));
  writeFileSync(join(dirname(path), "a.st"), "");
  return path;
};

describe("takes time in proportion to its input", () => {
  test.each(SLOW_INPUTS.map((input) => [input.reader, input.what, input] as const))("%s: %s", async (_, __, input) => {
    await expectLinear((size) => {
      const path = written(input, size);
      return () => refused(() => readInput(path, input.reader === "f32" ? 1 : undefined));
    });
  });

  test.each(SLOW_EXAMPLES.map((input) => [input.reader, input.what, input] as const))(
    "%s: %s",
    async (task, __, input) => {
      await expectLinear((size) => {
        const path = written(input, size);
        const options = { minCount: 1, maxNames: 2 ** 20, history: 4 };
        return () => refused(() => readCorpus(task as Task, path, options));
      });
    },
  );

  test.each([
    ["lines", "\n"],
    ["lines of one letter", "a\n"],
  ])("labels: %s", async (_, line) => {
    await expectLinear((size) => {
      const path = writeInput("labels.txt", line.repeat(size / line.length));
      return () => readLabelLines(path, size / line.length);
    });
  });

  test.each([
    ["brackets", (size: number) => "[".repeat(size)],
    ["parts", (size: number) => `{"parts":[${"{},".repeat(size / 3)}{}]}`],
    ["a name", (size: number) => JSON.stringify({ version: "a".repeat(size) })],
  ])("a pointer: %s", async (_, make) => {
    await expectLinear((size) => {
      const text = make(size / 4);
      return () => refused(async () => parsePointer(text));
    });
  });
});
