// Further questions to parts (npm run bench:part-tries): how many default answers are flagged with them and without, how often the
// intervals of the others contain log Z, and how long the answers take. Seeds are fixed. Output layers whose data is absent are
// left out. --write writes bench/results/part-tries.json and the table of docs/parts.md.
import { NORMAL_95 } from "../src/arithmetic/normal-95.ts";
import { PartedIndex } from "../src/parts/index.ts";
import { originOf } from "./origin.ts";
import { replaceBetween } from "./page.ts";
import { splitHead } from "./part-bars/split-head.ts";
import { type PartTriesResult, partTriesTable, type SplitTries } from "./part-tries/table.ts";
import { writeResult } from "./results-file.ts";
import { canLoad, type HeadName, sourceOf } from "./trust/heads.ts";
import type { TrustHead } from "./trust/trust-head.ts";

const HEADS: readonly HeadName[] = [
  "next words",
  "gaussian",
  "clustered",
  "near rows",
  "places",
  "word vectors",
  "100k tokens",
];
const PARTS = [2, 4, 8];
const TEMPERATURES = [0.5, 1];
const QUERIES = 200;
/** The effort of the first question. A call that names it asks no other. */
const FIRST = { scan: 1024, draws: 100 };

async function measured(name: string, head: TrustHead, parts: number): Promise<SplitTries> {
  const { itemCount, dim, queries } = head;
  const parted = new PartedIndex(await splitHead(head, parts));
  let [answers, flaggedAtFirst, flagged, covered, largestError, timeOfFirst, time] = [0, 0, 0, 0, 0, 0, 0];
  for (const temperature of TEMPERATURES) {
    for (let seed = 0; seed < QUERIES; seed++) {
      const query = queries.slice(seed * dim, (seed + 1) * dim);
      answers++;
      const begin = performance.now();
      const first = await parted.predict(query, 10, { ...FIRST, temperature, seed });
      const middle = performance.now();
      const { logPartition, standardError, lowEss } = await parted.predict(query, 10, { temperature, seed });
      if (first.lowEss) {
        flaggedAtFirst++;
        timeOfFirst += middle - begin;
        time += performance.now() - middle;
      }
      if (lowEss) {
        flagged++;
        continue;
      }
      const exact = await parted.logPartition(query, { temperature, exact: true });
      const error = Math.abs(logPartition - exact.logPartition);
      if (error <= NORMAL_95 * Math.max(standardError, exact.standardError)) covered++;
      largestError = Math.max(largestError, error);
    }
  }
  return {
    ...{ head: name, itemCount, parts, largestError },
    flaggedAtFirst: flaggedAtFirst / answers,
    flagged: flagged / answers,
    covered: covered / (answers - flagged),
    ...(timeOfFirst > 0 && { times: time / timeOfFirst }),
  };
}

const splits: SplitTries[] = [];
for (const name of HEADS) {
  if (!canLoad(name)) continue;
  const head = await sourceOf(name).load();
  for (const parts of PARTS) {
    const split = await measured(name, head, parts);
    console.log(JSON.stringify(split));
    splits.push(split);
  }
}
const result: PartTriesResult = { ...originOf("one core"), queries: QUERIES, temperatures: TEMPERATURES, splits };
console.log(partTriesTable(result));
if (process.argv.includes("--write")) {
  replaceBetween("docs/parts.md", "part-tries", partTriesTable(writeResult("part-tries", result)));
}
