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

/** A figure, what it means in plain words, and its numbers. */
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
      "Each query's best classes were also found by scoring all of them. The bars say what share of these the index returns, on average. topK ranks; predict ranks and gives probabilities.",
    table: recallTable(evaluation),
  };
}

function errorSection({ evaluation }: MeasuredIndex): Section {
  const { logPartition, queryCount } = evaluation;
  const { p90, coverage, errors } = logPartition;
  return {
    title: "Are its probabilities right?",
    figure: errorHistogram(`Errors of the log-partition over ${queryCount} queries`, errors),
    words: `Scores are exact; a probability is a score over an estimated total, so all error is the total's. The bars count queries by the error of its logarithm. For nine queries in ten it is off by less than ${percent(relative(p90))}, and for ${percent(coverage)} the true value lies within the error bars that come with the answer (95 % is what they promise).`,
    table: errorTable(evaluation),
  };
}

function calibrationSection({ evaluation }: MeasuredIndex): Section {
  return {
    title: "Does 10 % mean 10 %?",
    figure: calibrationFigure("Exact against predicted probability, by band", evaluation.calibration),
    words:
      "Predicted probabilities of up to a hundred classes a query, gathered by size; each point compares their mean with the mean of the exact softmax. On the dashed line they agree. This is about the softmax of the model: whether the model is right is another question.",
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
    title: "What is a draw worth?",
    figure: barFigure("Effective sample size a draw, of midx and of simpler proposals", [{ bars }], 1),
    words:
      "Sampled classes stand in for all of them. A draw worth 1 is as good as one from the exact softmax, a draw worth 0.1 takes ten to say as much. The simpler proposals draw every class alike, or by popularity, whatever the query is.",
    table: proposalTable(evaluation),
  };
}

function bandSection({ evaluation }: MeasuredIndex): Section | undefined {
  const { bands, popularity, effort } = evaluation;
  if (bands.length === 0) return undefined;
  const most = Math.max(...bands.flatMap(({ exactDraws, expectedDraws }) => [exactDraws, expectedDraws]));
  const source = popularity === "counts" ? "the counts given" : "the bias";
  return {
    title: "Is the long tail served?",
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
    words: `Of ${effort.draws} draws, how many fall on popular and on rare classes (by ${source}: the first 1 %, the next 9 %, the rest), and how many should. A band with fewer than it should have is under-served. Weights correct for it, so estimates stay unbiased but for the small bias in the table; they get noisier where a draw is worth less.`,
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
    words: `Median time of one call in one thread of ${madeBy.processor}, against the exact softmax over the same rows with the same kernels. Where the exact one is quick enough, it is the better choice.`,
    table: timeTable(times),
  };
}
