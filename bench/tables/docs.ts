import { writeFileSync } from "node:fs";
import { grouped, replaceBetween, table } from "../page.ts";
import { trainingFigure } from "./figure.ts";
import { DRAWS } from "./plan.ts";
import { PROPOSALS } from "./proposals.ts";
import type { SetFacts, TablesResult } from "./result.ts";
import { type Entry, entriesOf, type Gain, gainBySeed, goalOf } from "./summary.ts";

const PAGE = "docs/results.md";
export const FIGURE = "docs/results.svg";

/** The generated parts of docs/results.md, by the name of the comments around each. */
export const TABLES_BLOCKS: Readonly<Record<string, (result: TablesResult) => string>> = {
  verdicts: verdictTable,
  sets: setsTable,
  measures: (result) => proposalTable(result, shownValue),
  seconds: (result) => proposalTable(result, (set, entry) => shownSeconds(entry, goalOf(result, set))),
};

export function writeResultsPage(result: TablesResult): void {
  for (const [name, block] of Object.entries(TABLES_BLOCKS)) replaceBetween(PAGE, name, block(result));
  writeFileSync(new URL(`../../${FIGURE}`, import.meta.url), trainingFigure(result));
}

const percent = (share: number): string => `${share > 0 ? "+" : ""}${(100 * share).toFixed(1)}`;

/** Returns a gain with its interval, in bold if the interval excludes zero. */
function shownGain({ mean, halfWidth }: Gain): string {
  if (halfWidth === undefined) return percent(mean);
  const text = `${percent(mean)} ± ${(100 * halfWidth).toFixed(1)}`;
  return Math.abs(mean) > halfWidth ? `**${text}**` : text;
}

const COMPARED = ["full softmax", "unigram", "uniform", "LSH", "quadratic", "RFF"] as const;

/** Gains of MIDX-RQ over the full softmax and over the other proposals. */
function verdictTable(result: TablesResult): string {
  const rows = result.sets.flatMap((set) =>
    DRAWS.flatMap((draws) => {
      const entries = entriesOf(result, set, draws);
      const of = (proposal: Entry["proposal"]): Entry | undefined =>
        entries.find((entry) => entry.proposal === proposal);
      const [own, full] = [of("MIDX-RQ"), of("full softmax")];
      if (!(own && full)) return [];
      const gains = COMPARED.map((name) => {
        const other = of(name);
        return other ? shownGain(gainBySeed(set, own, other)) : "not run";
      });
      const epochs = (full.epochSeconds / own.epochSeconds).toFixed(1);
      return [[`${set.name}, ${set.measure}`, String(draws), ...gains, epochs]];
    }),
  );
  return table(["gain, %", "M", ...COMPARED, "time, ×"], 1, grouped(rows));
}

/** Returns the size of each set. */
function setsTable(result: TablesResult): string {
  const rows = result.sets.map((set) => [
    set.name,
    ...[set.examples, set.classCount, set.epochs].map((count) => count.toLocaleString("en")),
    (100 * set.unseenClasses).toFixed(0),
    (100 * set.unseenPositives).toFixed(1),
  ]);
  return table(["set", "examples", "classes", "epochs", "unseen, %", "of the test, %"], 1, rows);
}

/** Returns a row per proposal and number of draws, a column per set. */
function proposalTable(result: TablesResult, shown: (set: SetFacts, entry: Entry) => string): string {
  const columns = result.sets.map((set) => ({
    set,
    entries: DRAWS.flatMap((draws) => entriesOf(result, set, draws)),
  }));
  const rows = PROPOSALS.flatMap((proposal) =>
    [0, ...DRAWS].flatMap((draws) => {
      const cells = columns.map(({ set, entries }) => {
        const entry = entries.find((one) => one.proposal === proposal && one.draws === draws);
        return entry ? shown(set, entry) : "";
      });
      // The full softmax has no draws.
      return cells.some(Boolean) ? [[proposal, draws > 0 ? String(draws) : "", ...cells]] : [];
    }),
  );
  return table(["proposal", "M", ...result.sets.map(({ name }) => name)], 1, grouped(rows));
}

/** Seconds per epoch and, in brackets, to the goal if every run reaches it. */
function shownSeconds({ epochSeconds, secondsTo }: Entry, goal: number | undefined): string {
  const toGoal = goal === undefined ? undefined : secondsTo(goal);
  return toGoal === undefined ? epochSeconds.toFixed(1) : `${epochSeconds.toFixed(1)} (${toGoal.toFixed(1)})`;
}

function shownValue({ measure }: SetFacts, { mean, deviation, runs }: Entry): string {
  const digits = measure === "perplexity" ? 1 : 4;
  const text = (mean[measure] as number).toFixed(digits);
  return runs > 1 ? `${text} ± ${(deviation[measure] as number).toFixed(digits)}` : text;
}
