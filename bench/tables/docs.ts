import { writeFileSync } from "node:fs";
import { replaceBetween, table } from "../page.ts";
import { trainingFigure } from "./figure.ts";
import { DRAWS } from "./plan.ts";
import type { SetFacts, TablesResult } from "./result.ts";
import { type Entry, entriesOf, type Gain, gainBySeed, goalOf } from "./summary.ts";

const PAGE = "docs/results.md";
export const FIGURE = "docs/results.svg";

/** What docs/results.md shows of bench/results/tables.json, by the name of its place. */
export const TABLES_BLOCKS: Readonly<Record<string, (result: TablesResult) => string>> = {
  verdicts: verdictTable,
  unseen: unseenTable,
  ...Object.fromEntries(
    (["ptb", "wikitext-2", "ml-1m", "gowalla", "diginetica", "citeulike-t"] as const).map((name) => [
      name,
      (result: TablesResult) => setTables(result, name),
    ]),
  ),
};

export function writeResultsPage(result: TablesResult): void {
  for (const [name, block] of Object.entries(TABLES_BLOCKS)) replaceBetween(PAGE, name, block(result));
  writeFileSync(new URL(`../../${FIGURE}`, import.meta.url), trainingFigure(result));
}

const percent = (share: number): string => `${share > 0 ? "+" : ""}${(100 * share).toFixed(1)}`;

/** A gain with its interval; in bold where the interval leaves out zero. */
function shownGain({ mean, halfWidth }: Gain): string {
  if (halfWidth === undefined) return `${percent(mean)} %`;
  const text = `${percent(mean)} ± ${(100 * halfWidth).toFixed(1)} %`;
  return Math.abs(mean) > halfWidth ? `**${text}**` : text;
}

const COMPARED = ["full softmax", "unigram", "uniform", "LSH", "quadratic", "RFF"] as const;

/** How MIDX-RQ stands to the softmax over all classes and to the other proposals. */
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
      const epochs = `${(full.epochSeconds / own.epochSeconds).toFixed(1)} ×`;
      return [[set.name, set.measure, String(draws), ...gains, epochs]];
    }),
  );
  return table(["set", "by", "M", ...COMPARED, "epochs in one of full"], 2, rows);
}

/** What of each set no training can learn. */
function unseenTable({ sets }: TablesResult): string {
  return table(
    ["set", "classes never learnt from", "test positives that are of these"],
    1,
    sets.map(({ name, unseenClasses, unseenPositives }) => [
      name,
      `${(100 * unseenClasses).toFixed(0)} %`,
      `${(100 * unseenPositives).toFixed(1)} %`,
    ]),
  );
}

function setTables(result: TablesResult, name: SetFacts["name"]): string {
  const set = result.sets.find((facts) => facts.name === name);
  if (set === undefined) return "Not measured: the data was absent.";
  const columns = columnsOf(set);
  const goal = goalOf(result, set);
  const tables = DRAWS.map((draws) => {
    const rows = entriesOf(result, set, draws).map((entry) => [
      entry.proposal,
      String(entry.rate),
      String(entry.runs),
      ...columns.map((column) => shownValue(entry, column)),
      entry.epochSeconds.toFixed(1),
      goal === undefined ? "" : (entry.secondsTo(goal)?.toFixed(1) ?? "not reached"),
    ]);
    const heading = ["proposal", "rate", "seeds", ...columns, "s an epoch", "s to the goal"];
    return `M = ${draws}:\n\n${table(heading, 1, rows)}`;
  });
  const facts = `${set.examples.toLocaleString("en")} examples, ${set.classCount.toLocaleString("en")} classes, ${set.epochs} epochs, chosen by ${set.measure} of the validation part${goal === undefined ? "" : `; the goal is ${goal.toPrecision(3)} there`}.`;
  return [facts, ...tables].join("\n\n");
}

const columnsOf = ({ measure, ks }: SetFacts): string[] => {
  if (measure === "perplexity") return ["perplexity"];
  if (measure === "P@1") return ks.map((k) => `P@${k}`);
  return [...ks.map((k) => `NDCG@${k}`), ...ks.map((k) => `Recall@${k}`)];
};

function shownValue({ mean, deviation, runs }: Entry, column: string): string {
  const digits = column === "perplexity" ? 1 : 4;
  const text = (mean[column] as number).toFixed(digits);
  return runs > 1 ? `${text} ± ${(deviation[column] as number).toFixed(digits)}` : text;
}
