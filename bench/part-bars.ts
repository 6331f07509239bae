// The error bars of merged answers (npm run bench:part-bars): how often the interval of all parts contains log Z, beside how
// often those of the parts contain theirs. Seeds are fixed, so every machine gives the same figures. --write writes
// bench/results/part-bars.json and the table of docs/parts.md.
import { NORMAL_95 } from "../src/arithmetic/normal-95.ts";
import type { Part } from "../src/parts/index.ts";
import { PartedIndex } from "../src/parts/index.ts";
import type { PartialEstimate } from "../src/parts/partial-answer.ts";
import { type BiasedHead, nextWordHead } from "./heads.ts";
import { replaceBetween } from "./page.ts";
import { splitHead } from "./part-bars/split-head.ts";
import { type PartBarsResult, partBarsTable, type SplitBars } from "./part-bars/table.ts";
import { writeResult } from "./results-file.ts";

const TEMPERATURES = [1, 0.5];
const EFFORT = { scan: 1024, draws: 100 };

type Estimated = Pick<PartialEstimate, "logPartition" | "standardError" | "lowEss">;

/** Counts answers, those that are trusted, and those of them whose intervals hold. */
class Tally {
  private answers = 0;
  private trusted = 0;
  private held = 0;

  add({ logPartition, standardError, lowEss }: Estimated, exact: number): void {
    this.answers++;
    if (lowEss) return;
    this.trusted++;
    if (Math.abs(logPartition - exact) <= NORMAL_95 * standardError) this.held++;
  }

  get trustedShare(): number {
    return this.trusted / this.answers;
  }

  get heldShare(): number {
    return this.held / this.trusted;
  }
}

async function measured(head: BiasedHead, count: number): Promise<SplitBars> {
  const [merged, own] = [new Tally(), new Tally()];
  let exacts: number[] = [];
  const watched = (await splitHead(head, count)).map((part, i) => ({
    info: part.info,
    answer: async (question: Parameters<Part["answer"]>[0]) => {
      const answer = await part.answer(question);
      const { estimate } = answer as { estimate: PartialEstimate };
      if (question.options.exact) exacts[i] = estimate.logPartition;
      else own.add(estimate, exacts[i] as number);
      return answer;
    },
  }));
  const parted = new PartedIndex(watched);
  for (let seed = 0; seed < head.queries.length / head.dim; seed++) {
    const query = head.queries.slice(seed * head.dim, (seed + 1) * head.dim);
    for (const temperature of TEMPERATURES) {
      exacts = [];
      const { logPartition } = await parted.predict(query, 1, { exact: true, temperature });
      merged.add(await parted.predict(query, 1, { ...EFFORT, temperature, seed }), logPartition);
    }
  }
  return { parts: count, merged: merged.heldShare, eachPart: own.heldShare, trusted: merged.trustedShare };
}

const head = nextWordHead();
const splits: SplitBars[] = [];
for (const parts of [1, 2, 8, 32]) splits.push(await measured(head, parts));
const result: PartBarsResult = {
  head: "an output layer of 10,000 words (examples/next-word)",
  contexts: head.queries.length / head.dim,
  temperatures: TEMPERATURES,
  ...EFFORT,
  splits,
};
console.log(partBarsTable(result));
if (process.argv.includes("--write")) {
  replaceBetween("docs/parts.md", "part-bars", partBarsTable(writeResult("part-bars", result)));
}
