import { writeFileSync } from "node:fs";
import { grouped, replaceBetween, table } from "../page.ts";
import { trainingFigure } from "./figure.ts";
import { DRAWS } from "./plan.ts";
import type { SetFacts, TablesResult } from "./result.ts";
import { type Entry, entriesOf, type Gain, gainBySeed, goalOf } from "./summary.ts";

const PAGE = "docs/results.md";
export const FIGURE = "docs/results.svg";

/** The generated parts of docs/results.md, by the name of the comments around each. */
export const TABLES_BLOCKS: Readonly<Record<string, (result: TablesResult) => string>> = {
  verdicts: verdictTable,
  ...Object.fromEntries(
    (["ptb", "wikitext-2", "ml-1m", "gowalla", "diginetica", "citeulike-t"] as const).map((name) => [
      name,
      (result: TablesResult) => setTable(result, name),
    ]),
  ),
};

export function writeResultsPage(result: TablesResult): void {
  for (const [name, block] of Object.entries(TABLES_BLOCKS)) replaceBetween(PAGE, name, block(result));
  writeFileSync(new URL(`../../${FIGURE}`, import.meta.url), trainingFigure(result));
}

const percent = (share: number): string => `${share > 0 ? "+" : ""}${(100 * share).toFixed(1)}`;

/** A gain with its interval, in bold if the interval excludes zero. */
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
  return table(["gain, %", "M", ...COMPARED, "full / MIDX, s per epoch"], 1, grouped(rows));
}

/** One table per set, with both numbers of draws side by side. */
function setTable(result: TablesResult, name: SetFacts["name"]): string {
  const set = result.sets.find((facts) => facts.name === name);
  if (set === undefined) return "Not measured: the data was absent.";
  const columns = columnsOf(set);
  const goal = goalOf(result, set);
  const cellsOf = (entry: Entry | undefined): string[] =>
    entry
      ? [
          ...columns.map((column) => shownValue(entry, column)),
          entry.epochSeconds.toFixed(1),
          goal === undefined ? "" : (entry.secondsTo(goal)?.toFixed(1) ?? "–"),
        ]
      : Array.from({ length: columns.length + 2 }, () => "");
  const [most, ...fewer] = DRAWS.map((draws) => entriesOf(result, set, draws)) as [Entry[], ...Entry[][]];
  const rows = most.map((entry) => {
    // The full softmax has no draws, and so no second number of them.
    const others = fewer.map((entries) =>
      entries.find(({ proposal, draws }) => proposal === entry.proposal && draws > 0),
    );
    return [entry.proposal, String(entry.rate), ...[entry, ...others].flatMap(cellsOf)];
  });
  const heading = DRAWS.flatMap((draws) => [
    `M = ${draws}: ${columns[0]}`,
    ...columns.slice(1),
    "s per epoch",
    "s to goal",
  ]);
  return [factsOf(set, goal), table(["proposal", "learning rate", ...heading], 1, rows)].join("\n\n");
}

function factsOf(set: SetFacts, goal: number | undefined): string {
  const [examples, classes] = [set.examples, set.classCount].map((count) => count.toLocaleString("en"));
  const [unseen, positives] = [(100 * set.unseenClasses).toFixed(0), (100 * set.unseenPositives).toFixed(1)];
  return [
    `${examples} examples, ${classes} classes, ${set.epochs} epochs.`,
    set.unseenClasses >= 0.005 &&
      `${unseen} % of the classes are never a training positive, and ${positives} % of the test's positives are of these.`,
    goal !== undefined && `The goal is a ${set.measure} of ${goal.toPrecision(3)} on the validation part.`,
  ]
    .filter(Boolean)
    .join(" ");
}

/** The columns shown. The other cut-offs are in the JSON. */
const columnsOf = ({ measure }: SetFacts): string[] => {
  return measure === "NDCG@20" ? [measure, "Recall@20"] : [measure];
};

function shownValue({ mean, deviation, runs }: Entry, column: string): string {
  const digits = column === "perplexity" ? 1 : 4;
  const text = (mean[column] as number).toFixed(digits);
  return runs > 1 ? `${text} ± ${(deviation[column] as number).toFixed(digits)}` : text;
}
