import type { MeasuredIndex } from "../measured-index.ts";
import { digits, percent, relative } from "../numbers.ts";
import {
  bandTable,
  calibrationTable,
  errorTable,
  proposalTable,
  type ReportTable,
  recallTable,
  timeTable,
} from "../report-tables.ts";
import { type Bar, barFigure } from "./bars.ts";
import { calibrationFigure } from "./calibration-figure.ts";
import { errorHistogram } from "./histogram.ts";

/** A figure with its explanation and its numbers. */
export interface Section {
  readonly title: string;
  readonly figure: string;
  readonly words: string;
  readonly table: ReportTable;
}

export function sectionsOf(measured: MeasuredIndex): Section[] {
  const all = [recallSection, errorSection, calibrationSection, proposalSection, bandSection, timeSection];
  return all.map((section) => section(measured)).filter((section) => section !== undefined);
}

function recallSection({ evaluation }: MeasuredIndex): Section {
  return {
    title: "Does it find the best classes?",
    figure: barFigure(
      "Share of the best classes found, by topK and by predict",
      evaluation.recall.map(({ k, topK, predict }) => ({
        heading: k === 1 ? "the best class" : `the ${k} best classes`,
        bars: [
          { label: "topK", value: topK, written: percent(topK), tone: "midx" },
          { label: "predict", value: predict, written: percent(predict), tone: "midx" },
        ],
      })),
      1,
    ),
    words:
      "The best classes of each query were also found by scoring all classes. Recall is the average share of them that the index returns. topK ranks classes, and predict ranks them and estimates their probabilities.",
    table: recallTable(evaluation),
  };
}

function errorSection({ evaluation }: MeasuredIndex): Section {
  const { logPartition, queryCount } = evaluation;
  const { p90, coverage, errors } = logPartition;
  return {
    title: "How accurate are its probabilities?",
    figure: errorHistogram(`Errors of the log-partition over ${queryCount} queries`, errors),
    words: `A probability is e to the score, divided by the partition Z. Scores are exact and Z is estimated, so every error comes from Z. The bars count queries by the error of log Z. For nine queries in ten Z is off by less than ${percent(relative(p90))}. Of the trusted answers, those that are not flagged, the 95 % error bars of ${percent(coverage)} contain the true value.`,
    table: errorTable(evaluation),
  };
}

function calibrationSection({ evaluation }: MeasuredIndex): Section {
  return {
    title: "Are its probabilities calibrated?",
    figure: calibrationFigure("Exact against predicted probability, by band", evaluation.calibration),
    words:
      "The predicted probabilities of up to a hundred classes per query are grouped by size. Each point compares the mean of a group with the mean of the exact softmax, and the two agree on the dashed line. This measures the index and not the model: the exact softmax may be wrong as well.",
    table: calibrationTable(evaluation),
  };
}

const PROPOSAL_LABELS = { midx: "midx", unigram: "by popularity", uniform: "uniform" } as const;

function proposalSection({ evaluation }: MeasuredIndex): Section {
  const bars = evaluation.proposals.map(
    ({ name, effectiveSampleShare }): Bar => ({
      label: PROPOSAL_LABELS[name],
      value: effectiveSampleShare,
      written: digits(effectiveSampleShare),
      tone: name === "midx" ? "midx" : "other",
    }),
  );
  return {
    title: "How good are its draws?",
    figure: barFigure("Effective sample size per draw, of midx and of simpler proposals", [{ bars }], 1),
    words:
      "The effective sample size compares draws from a proposal with draws from the exact softmax. At 1 they are equally good. At 0.1 it takes ten draws from the proposal to replace one from the softmax. The simpler proposals ignore the query: they draw all classes uniformly, or by popularity.",
    table: proposalTable(evaluation),
  };
}

function bandSection({ evaluation }: MeasuredIndex): Section | undefined {
  const { bands, popularity, effort } = evaluation;
  if (bands.length === 0) return undefined;
  const most = Math.max(...bands.flatMap(({ exactDraws, expectedDraws }) => [exactDraws, expectedDraws]));
  const source = popularity === "counts" ? "--counts" : "the bias";
  return {
    title: "Are rare classes drawn often enough?",
    figure: barFigure(
      "Draws expected from popular and from rare classes, of midx and of the exact softmax",
      bands.map(({ name, classCount, exactDraws, expectedDraws }) => ({
        heading: `${name}: ${classCount.toLocaleString("en")} classes`,
        bars: [
          { label: "midx", value: expectedDraws, written: digits(expectedDraws), tone: "midx" },
          { label: "exact softmax", value: exactDraws, written: digits(exactDraws), tone: "exact" },
        ],
      })),
      most,
    ),
    words: `The bars show how many of ${effort.draws} draws fall on popular and on rare classes, and how many would under the exact softmax. The classes are ranked by ${source}: the first 1 %, the next 9 %, the rest. A band with too few draws is undersampled. Importance weights correct for that: estimates have only the small bias of the table, but they are noisier.`,
    table: bandTable(evaluation),
  };
}

function timeSection({ times, madeBy }: MeasuredIndex): Section {
  const bars: Bar[] = [
    { label: "predict", value: times.predict, written: `${digits(times.predict)} µs`, tone: "midx" },
    { label: "sample 100", value: times.sample, written: `${digits(times.sample)} µs`, tone: "midx" },
    { label: "topK", value: times.topK, written: `${digits(times.topK)} µs`, tone: "midx" },
    { label: "exact softmax", value: times.exactSoftmax, written: `${digits(times.exactSoftmax)} µs`, tone: "exact" },
  ];
  return {
    title: "How long does it take?",
    figure: barFigure("Median time of a call", [{ bars }], Math.max(...bars.map(({ value }) => value))),
    words: `The bars show the median time of a call in one thread of ${madeBy.processor}. The exact softmax runs over the same rows with the same kernels. Where it is fast enough, it is the better choice.`,
    table: timeTable(times),
  };
}
