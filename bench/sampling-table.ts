import { table } from "./page.ts";
import type { SamplingResult } from "./sampling-result.ts";

/** The README's tables of bench/results/sampling.json, as Markdown. */
export function samplingTables({ machine, node, builder, heads }: SamplingResult): string {
  const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
  const times = heads.flatMap((head) =>
    Object.entries(head.times).map(([name, µs]) => {
      const full = head.times["full softmax, int8"] as number;
      return [head.itemCount.toLocaleString("en"), name, µs.toFixed(0), `${(full / µs).toFixed(1)} ×`];
    }),
  );
  const quality = heads.flatMap((head) =>
    head.quality.map((q) => [
      head.itemCount.toLocaleString("en"),
      q.scan === 0 ? "0 (plain MIDX)" : q.scan.toLocaleString("en"),
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
        ? ` ESS a draw of the plain proposal: ${(head.quality[0]?.effectiveSampleShare ?? 0).toFixed(2)}, against ${share.asInThePaper.toFixed(2)} with the bias as one more coordinate and plain k-means, and ${share.unweighted.toFixed(2)} with plain k-means.`
        : "";
      return `${head.itemCount.toLocaleString("en")} classes: built in ${head.buildSeconds.toFixed(0)} s, file ${(head.fileBytes / 1e6).toFixed(1)} MB, ${(head.memoryBytes / 1e6).toFixed(1)} MB in memory.${against}`;
    }),
  ].join("\n\n");
}
