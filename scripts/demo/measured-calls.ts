import type { MultiIndex } from "../../src/index/multi-index.ts";
import type { EstimateOptions } from "../../src/public.ts";
import { quantile } from "../../src/train/arithmetic/averages.ts";
import { count, percent, time, timed } from "./figures.ts";
import { EXACT, SAMPLED, SHOWN_PHRASES, Z95 } from "./next-phrase.ts";

/** Queries of a block. */
const BLOCK = 50;

/** Medians of one way to predict, and the relative errors of its probabilities: the median and the 90th percentile. */
export interface MeasuredCall {
  readonly name: string;
  /** Microseconds. */
  readonly time: number;
  readonly scored: number;
  readonly error: number;
  readonly errorP90: number;
}

export interface Measured {
  readonly queries: number;
  readonly classes: number;
  /** The plain call first, the exact one last. */
  readonly calls: readonly MeasuredCall[];
  /** The share of the plain call's answers whose error bar holds the exact log-partition. */
  readonly covered: number;
}

const WAYS = { predict: SAMPLED, "predict, draws: 400": { ...SAMPLED, draws: 400 }, "predict, exact: true": EXACT };

/**
 * Measures the ways to predict, in blocks by turns, so that other work on the machine slows all of them. Within a block the
 * processor's caches hold the data that one way reads, as they do in a service.
 */
export function measure(index: MultiIndex, queries: readonly Float32Array[]): Measured {
  const ask = (options: EstimateOptions, block: readonly Float32Array[]) =>
    block.map((query) => {
      const { time, result } = timed(() => index.predict(query, SHOWN_PHRASES, options));
      const { scored, logPartition, standardError } = result;
      return { time, scored, logPartition, standardError };
    });
  const askAll = (block: readonly Float32Array[]) => Object.values(WAYS).map((options) => ask(options, block));
  askAll(queries); // the runtime compiles the code meanwhile
  const blocks = blocksOf(queries, BLOCK).map(askAll);
  const answers = Object.keys(WAYS).map((_, way) => blocks.flatMap((block) => block[way] ?? []));
  const exact = answers.at(-1) ?? [];
  const errorOf = ({ logPartition }: { logPartition: number }, i: number): number =>
    (exact[i]?.logPartition ?? Number.NaN) - logPartition;
  const calls = Object.keys(WAYS).map((name, way) => {
    const found = answers[way] ?? [];
    // Scores are exact, so all probabilities of an answer are off by the same factor.
    const errors = Float64Array.from(found, (answer, i) => Math.abs(Math.expm1(errorOf(answer, i))));
    return {
      name,
      time: medianOf(found, "time"),
      scored: medianOf(found, "scored"),
      error: quantile(errors, 0.5),
      errorP90: quantile(errors, 0.9),
    };
  });
  const plain = answers[0] ?? [];
  const isCovered = plain.map((answer, i) => Math.abs(errorOf(answer, i)) <= Z95 * (answer.standardError ?? 0));
  const covered = isCovered.filter(Boolean).length / plain.length;
  return { queries: queries.length, classes: index.info.itemCount, calls, covered };
}

export function measuredLines({ queries, classes, calls, covered }: Measured): string[] {
  const ratio = (calls.at(-1)?.time ?? Number.NaN) / (calls[0]?.time ?? Number.NaN);
  return [
    `\nMeasured just now on ${queries} contexts of held-out text (medians; Node ${process.version}, one core):`,
    `  ${"".padEnd(20)} ${"time".padStart(9)}   ${"scored".padStart(8)}    error of the probabilities (90th percentile)`,
    ...calls.map(
      ({ name, time: microseconds, scored, error, errorP90 }) =>
        `  ${name.padEnd(20)} ${time(microseconds).padStart(9)}   ${count(scored).padStart(8)}   ` +
        (scored === classes ? "   none" : `${percent(error)} (${percent(errorP90).trim()})`),
    ),
    `The exact softmax over ${count(classes)} phrases takes ${ratio.toFixed(1)} times as long as predict. ` +
      `The 95 % error bars of predict hold the exact value in ${(100 * covered).toFixed(0)} % of the answers.`,
  ];
}

const medianOf = <Name extends string>(answers: readonly Readonly<Record<Name, number>>[], name: Name): number =>
  quantile(
    Float64Array.from(answers, (answer) => answer[name]),
    0.5,
  );

const blocksOf = <Item>(items: readonly Item[], size: number): Item[][] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size));
