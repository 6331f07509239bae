// When to keep, reassign or rebuild an index of classes in training (npm run bench:upkeep). A model trains on
// WikiText-2 with draws by MIDX. Indexes that are built of its classes on the way are compared later on, with and
// without upkeep. --write writes bench/results/upkeep.json, docs/upkeep.md and its figures.

import { occurrences } from "../src/train/model/examples.ts";
import { originOf } from "./origin.ts";
import { writeResult } from "./results-file.ts";
import { haveText, WORDS, wordsOf } from "./text.ts";
import { drawUpkeep, UPKEEP_BLOCKS } from "./upkeep/docs.ts";
import { startFrom } from "./upkeep/drifted.ts";
import type { DriftedState, UpkeepResult } from "./upkeep/result.ts";
import { SETTINGS, trainedStates } from "./upkeep/training.ts";

const QUERIES = 128;
/** The training steps before an index is built: early, and well into training. */
const STARTS = [1_000, 8_000];
/** The steps for which it is then used. */
const AFTER = [125, 250, 500, 1_000, 2_000, 4_000, 7_000];

if (haveText()) {
  const result = await measureUpkeep();
  for (const block of Object.values(UPKEEP_BLOCKS)) console.log(block(result), "\n");
  if (process.argv.includes("--write")) drawUpkeep(writeResult("upkeep", result));
}

async function measureUpkeep(): Promise<UpkeepResult> {
  const counts = occurrences(wordsOf("train"), WORDS);
  const wanted = [...new Set(STARTS.flatMap((start) => [start, ...AFTER.map((steps) => start + steps)]))];
  wanted.sort((a, b) => a - b);
  const begun: { index: Awaited<ReturnType<typeof startFrom>>; states: DriftedState[] }[] = [];
  for await (const state of trainedStates(wanted, QUERIES)) {
    for (const { index, states } of begun) {
      if (AFTER.includes(state.steps - index.start.steps)) states.push(await index.after(state));
    }
    if (STARTS.includes(state.steps)) begun.push({ index: await startFrom(state, counts), states: [] });
  }
  for (const { index } of begun) index.dispose();
  return {
    ...originOf("one core"),
    itemCount: WORDS,
    ...SETTINGS,
    queryCount: QUERIES,
    starts: begun.map(({ index, states }) => ({ ...index.start, states })),
  };
}
