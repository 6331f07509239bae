import { table } from "./page.ts";
import type { HeadResult, SamplingResult } from "./sampling-result.ts";

const FULL = "full softmax, int8";
/** The calls of the README's table, by the head they score exactly. */
const README_CALLS: Readonly<Record<number, string>> = { 0: "sample 100, plain", 1024: "predict, scan 1,024" };

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
const count = (value: number): string => value.toLocaleString("en");

/** The README's table of bench/results/sampling.json, as Markdown: what a call costs and how far off it is. */
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
    ...[measured.recallAt10.toFixed(3), percent(measured.logPartitionErrorP90)],
  ];
}

/** The tables of docs/sampling.md. */
export function samplingTables({ machine, node, builder, heads }: SamplingResult): string {
  const times = heads.flatMap((head) =>
    Object.entries(head.times).map(([name, µs]) => {
      const full = head.times[FULL] as number;
      return [count(head.itemCount), name, µs.toFixed(0), `${(full / µs).toFixed(1)} ×`];
    }),
  );
  const quality = heads.flatMap((head) =>
    head.quality.map((q) => [
      count(head.itemCount),
      q.scan === 0 ? "0 (plain MIDX)" : count(q.scan),
      q.recallAt10.toFixed(3),
      q.totalVariation.toFixed(3),
      q.klDivergence.toFixed(3),
      q.effectiveSampleShare.toFixed(2),
      percent(q.logPartitionErrorP90),
    ]),
  );
  return [
    `Measured on ${machine}, Node ${node}; ${builder}.`,
    table(["classes", "call", "median µs", "against the full softmax"], 1, times),
    table(
      ["classes", "scan", "recall@10", "total variation", "KL(P‖Q)", "ESS a draw", "log Z error, p90, 100 draws"],
      1,
      quality,
    ),
    ...heads.map((head) => {
      const share = head.plainShare;
      const against = share
        ? ` The plain proposal has an effective sample size of ${(head.quality[0]?.effectiveSampleShare ?? 0).toFixed(2)} for each draw. It would be ${share.asInThePaper.toFixed(2)} with the bias as one more coordinate and unweighted k-means, and ${share.unweighted.toFixed(2)} with unweighted k-means alone.`
        : "";
      return `${count(head.itemCount)} classes: the build takes ${head.buildSeconds.toFixed(0)} s, the file has ${(head.fileBytes / 1e6).toFixed(1)} MB and needs ${(head.memoryBytes / 1e6).toFixed(1)} MB of memory.${against}`;
    }),
  ].join("\n\n");
}
