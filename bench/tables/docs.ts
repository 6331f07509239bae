import { writeFileSync } from "node:fs";
import { replaceBetween, table } from "../page.ts";
import { trainingFigure } from "./figure.ts";
import { DRAWS } from "./plan.ts";
import type { SetFacts, TablesResult } from "./result.ts";
import { type Entry, entriesOf, gainOver, goalOf } from "./summary.ts";

const PAGE = "docs/results.md";
export const FIGURE = "docs/results.svg";

/** What docs/results.md shows of bench/results/tables.json, by the name of its place. */
export const TABLES_BLOCKS: Readonly<Record<string, (result: TablesResult) => string>> = {
  verdicts: verdictTable,
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

const percent = (share: number): string => `${share > 0 ? "+" : ""}${(100 * share).toFixed(1)} %`;

/** How MIDX stands to the softmax over all classes and to draws that don't look at the query. */
function verdictTable(result: TablesResult): string {
  const rows = result.sets.flatMap((set) =>
    DRAWS.flatMap((draws) => {
      const entries = entriesOf(result, set, draws);
      const of = (proposal: Entry["proposal"]): Entry | undefined =>
        entries.find((entry) => entry.proposal === proposal);
      const [full, uniform, unigram] = [of("full softmax"), of("uniform"), of("unigram")];
      const best = entries
        .filter(({ proposal }) => proposal.startsWith("MIDX"))
        .reduce<Entry | undefined>((a, b) => (a && gainOver(set, a, b) >= 0 ? a : b), undefined);
      const rq = of("MIDX-RQ");
      if (!(full && uniform && unigram && best && rq)) return [];
      const against = (entry: Entry): string[] =>
        [full, unigram, uniform].map((other) => percent(gainOver(set, entry, other)));
      return [
        [
          set.name,
          set.measure,
          String(draws),
          ...against(rq),
          best.proposal,
          ...against(best),
          `${(full.epochSeconds / rq.epochSeconds).toFixed(1)} ×`,
        ],
      ];
    }),
  );
  const others = ["full softmax", "unigram", "uniform"];
  return table(
    [
      "set",
      "by",
      "M",
      ...others.map((name) => `MIDX-RQ against ${name}`),
      "best MIDX",
      ...others.map((name) => `it against ${name}`),
      "epochs of MIDX-RQ in one of full",
    ],
    2,
    rows,
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
