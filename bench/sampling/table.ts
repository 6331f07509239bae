import type { Quality } from "../../src/train/evaluation/measure.ts";
import { placeOf } from "../origin.ts";
import { grouped, table } from "../page.ts";
import type { HeadResult, SamplingResult } from "./result.ts";

const FULL = "full softmax, int8";
const FULL_DRAWS = "int8 scan as proposal, 100 draws";
const PLAIN = "sample 100, plain";
/** The calls of the README's table, by the head they score exactly. */
const README_CALLS: Readonly<Record<number, string>> = { 0: PLAIN, 1024: "predict, scan 1,024" };

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
const count = (value: number): string => value.toLocaleString("en");

/** Returns the README's table of bench/results/sampling.json, as Markdown: the cost and the error of each call. */
export function readmeTable({ heads }: SamplingResult): string {
  return table(
    ["classes", "call", "µs", "full softmax, µs", "ratio", "recall@10", "log Z error, p90"],
    2,
    heads.flatMap((head) => Object.keys(README_CALLS).map((scan) => readmeRow(head, Number(scan)))),
  );
}

function readmeRow({ itemCount, times, quality }: HeadResult, scan: number): string[] {
  const call = README_CALLS[scan] as string;
  const [micros, full] = [times[call] as number, times[FULL] as number];
  const measured = quality.find((q) => q.scan === scan);
  if (measured === undefined) throw new Error(`the result has no measurement with scan ${scan}`);
  return [
    ...[count(itemCount), call, micros.toFixed(0), full.toFixed(0), `${(full / micros).toFixed(0)} ×`],
    ...[recallOf(measured), percent(measured.logPartitionErrorP90)],
  ];
}

/** Returns the recall of a call with a head. Without a head, topK finds only the best outliers, which says nothing of draws. */
const recallOf = ({ scan, recallAt10 }: Pick<Quality, "scan" | "recallAt10">): string =>
  scan === 0 ? "–" : recallAt10.toFixed(3);

/** Returns the table of docs/sampling.md, and the cost of the sizes. */
export function samplingTables({ builder, heads, ...origin }: SamplingResult): string {
  const rows = heads.flatMap(({ itemCount, times, quality }) =>
    quality.map((q) => {
      const call = q.scan === 0 ? PLAIN : `predict, scan ${count(q.scan)}`;
      const [micros, full] = [times[call] as number, times[FULL] as number];
      return [
        ...[count(itemCount), call, micros.toFixed(0), `${(full / micros).toFixed(1)} ×`],
        ...[recallOf(q), q.totalVariation.toFixed(3), q.klDivergence.toFixed(3)],
        ...[q.effectiveSampleShare.toFixed(2), percent(q.logPartitionErrorP90)],
      ];
    }),
  );
  const errors = ["recall@10", "total variation", "KL(P‖Q)", "ESS a draw", "log Z error, p90"];
  return [
    `Measured on ${placeOf(origin)}; ${builder}.`,
    table(["classes", "call", "median µs", "ratio", ...errors], 2, grouped(rows)),
    ...heads.map((head) => {
      const [full, drawn] = [FULL, FULL_DRAWS].map((name) => count(Math.round(head.times[name] as number)));
      const share = head.plainShare;
      const against = share
        ? ` The plain proposal has an effective sample size (ESS) of ${(head.quality[0]?.effectiveSampleShare ?? 0).toFixed(2)} for each draw. It would be ${share.asInThePaper.toFixed(2)} with the bias as one more coordinate and unweighted k-means, and ${share.unweighted.toFixed(2)} with unweighted k-means alone.`
        : "";
      const native = head.nativeSoftmax ? ` In C++ it takes ${count(Math.round(head.nativeSoftmax))} µs.` : "";
      return `${count(head.itemCount)} classes: the full softmax takes ${full} µs, with 100 draws ${drawn} µs.${native} The build takes ${head.buildSeconds.toFixed(0)} s, the file has ${(head.fileBytes / 1e6).toFixed(1)} MB and needs ${(head.memoryBytes / 1e6).toFixed(1)} MB of memory.${against}`;
    }),
  ].join("\n\n");
}

/** Returns the table of the steps of `predict`: in calls, each with another query, and again and again for the same one. */
export function stepsTable({ heads }: SamplingResult): string {
  const names = Object.keys(heads[0]?.steps ?? {});
  const sums = heads.flatMap(({ steps, warmSteps }) => [sumOf(steps), sumOf(warmSteps)]);
  const calls = heads.flatMap(({ times }) => [(times[README_CALLS[1024] as string] as number).toFixed(1), ""]);
  return table(["step", ...heads.flatMap(({ itemCount }) => [`${count(itemCount)} classes, µs`, "warm, µs"])], 1, [
    ...names.map((name) => [
      name,
      ...heads.flatMap(({ steps, warmSteps }) =>
        [steps[name], warmSteps[name]].map((micros) => micros?.toFixed(1) ?? ""),
      ),
    ]),
    ["sum", ...sums.map((sum) => sum.toFixed(1))],
    ["the whole call", ...calls],
  ]);
}

/** Returns the sum of the times of all steps. */
export const sumOf = (times: Readonly<Record<string, number>>): number =>
  Object.values(times).reduce((a, b) => a + b, 0);
