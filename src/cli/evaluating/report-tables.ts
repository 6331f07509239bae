import type { Evaluation } from "../../train/index.ts";
import { digits, dollars, percent } from "./numbers.ts";
import type { CpuCost } from "./price.ts";
import type { CallTimes } from "./times.ts";

/** A heading and rows of cells, for the text and the HTML page. */
export interface ReportTable {
  readonly heading: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
}

export const recallTable = ({ recall }: Evaluation): ReportTable => ({
  heading: ["k", "recall of topK", "recall of predict"],
  rows: recall.map(({ k, topK, predict }) => [k, percent(topK), percent(predict)]),
});

export const proposalTable = ({ proposals, effort }: Evaluation): ReportTable => ({
  heading: ["proposal", "ESS per draw", "total variation", "KL(P‖Q), nats", `error of Ẑ, ${effort.draws} draws`],
  rows: proposals.map((proposal) => [
    proposal.name,
    digits(proposal.effectiveSampleShare),
    digits(proposal.totalVariation),
    digits(proposal.klDivergence),
    percent(proposal.partitionDeviation),
  ]),
});

export const errorTable = ({ logPartition, probabilityErrorP90 }: Evaluation): ReportTable => ({
  heading: ["log Ẑ − log Z", "value"],
  rows: [
    ["bias", digits(logPartition.bias)],
    ["root mean square", digits(logPartition.rootMeanSquare)],
    ["90th percentile of the absolute error", digits(logPartition.p90)],
    ["trusted answers within ± 1.96 standard errors", percent(logPartition.coverage)],
    ["flagged as unreliable (lowEss)", percent(logPartition.lowEssShare)],
    ["probabilities of the ten best: 90th percentile of the relative error", percent(probabilityErrorP90)],
  ],
});

export const calibrationTable = ({ calibration }: Evaluation): ReportTable => ({
  heading: ["predicted from", "classes", "mean predicted", "mean exact"],
  rows: calibration.map(({ from, count, meanPredicted, meanExact }) => [
    percent(from),
    count,
    percent(meanPredicted),
    percent(meanExact),
  ]),
});

export const bandTable = ({ bands, effort }: Evaluation): ReportTable => ({
  heading: ["classes", "number", "exact mass", "draws", "exact draws", "ESS per draw", `bias, ${effort.draws} draws`],
  rows: bands.map((band) => [
    band.name,
    band.classCount,
    percent(band.exactMass),
    digits(band.expectedDraws),
    digits(band.exactDraws),
    digits(band.effectiveSampleShare),
    percent(band.massBias),
  ]),
});

export const timeTable = ({ predict, sample, topK, exactSoftmax }: CallTimes): ReportTable => ({
  heading: ["call", "median µs", "speed-up"],
  rows: [
    ["predict", digits(predict), `${digits(exactSoftmax / predict)} ×`],
    ["sample 100", digits(sample), `${digits(exactSoftmax / sample)} ×`],
    ["topK", digits(topK), `${digits(exactSoftmax / topK)} ×`],
    ["exact softmax", digits(exactSoftmax), "1 ×"],
  ],
});

export const costText = ({ perMillionRequests, perMillionExact }: CpuCost): string =>
  `about ${dollars(perMillionRequests)} of Workers CPU time per million predictions (exact softmax: ${dollars(perMillionExact)})`;

export const costBasis = ({ price, leavesOut }: CpuCost): string =>
  `This estimate is the median time of predict on this machine at ${dollars(price.dollarsPerMillionMilliseconds)} per million CPU milliseconds ` +
  `(${price.source}, ${price.asOf}). It leaves out ${listed(leavesOut)}.`;

const listed = (items: readonly string[]): string => `${items.slice(0, -1).join("; ")}; and ${items.at(-1)}`;
