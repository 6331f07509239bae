import { SWAP_BYTES } from "../../publication/publishing/successor.ts";
import { digits, dollars, megabytes, percent } from "../evaluating/numbers.ts";
import type { Compared, Side } from "./compared.ts";

/** A question of the person who decides, with the measurements about it. */
export interface Finding {
  readonly question: string;
  readonly answer: string;
}

/**
 * States the conclusions that the measurements support. An answer names a better one only if its whole interval lies on one
 * side.
 */
export function findingsOf(compared: Compared): Finding[] {
  const all = [earnings(compared), recall(compared), speed(compared), memory(compared.sides), price(compared.sides)];
  return all.filter((finding) => finding !== undefined);
}

function earnings({ value }: Compared): Finding | undefined {
  if (!value) return undefined;
  const question = "Which of them earns more?";
  const range = between(value, digits);
  if (Number.isNaN(value.low))
    return { question, answer: "The logged rewards do not tell: a single request has no interval." };
  if (isNothing(value)) return { question, answer: "Neither: by the logged rewards both would have earned the same." };
  if (value.low > 0)
    return { question, answer: `B. By the logged rewards it would have earned ${range} more a request.` };
  if (value.high < 0) {
    const loss = between({ low: -value.high, high: -value.low }, digits);
    return { question, answer: `A. By the logged rewards it would have earned ${loss} more a request.` };
  }
  return {
    question,
    answer: `The logged rewards do not tell: what B would have earned more than A lies ${range} a request, which includes 0.`,
  };
}

function recall({ recall: difference, queryCount }: Compared): Finding {
  const question = "Which of them finds more of what it should find?";
  const points = (share: number): string => digits(100 * share);
  const what = `percentage points more of the ${difference.k} best classes`;
  const by = `on ${queryCount} queries`;
  if (Number.isNaN(difference.low))
    return { question, answer: "The queries do not tell: a single one has no interval." };
  if (isNothing(difference)) return { question, answer: `Neither: ${by} both find the same share.` };
  if (difference.low > 0) return { question, answer: `B. It finds ${between(difference, points)} ${what}, ${by}.` };
  if (difference.high < 0) {
    const lack = between({ low: -difference.high, high: -difference.low }, points);
    return { question, answer: `A. It finds ${lack} ${what}, ${by}.` };
  }
  return {
    question,
    answer: `The queries do not tell: what B finds more than A lies ${between(difference, points)} percentage points of the ${difference.k} best classes, ${by}, which includes 0.`,
  };
}

interface Range {
  readonly low: number;
  readonly high: number;
}

/** A 95 % interval in words. */
const between = ({ low, high }: Range, shown: (value: number) => string): string =>
  `between ${shown(low)} and ${shown(high)} (95 % interval)`;

const isNothing = ({ low, high }: Range): boolean => low === 0 && high === 0;

/** There are too few rounds for an interval, so a difference counts if every round shows it. */
function speed({ sides: [a, b] }: Compared): Finding {
  const ratios = a.rounds.map(({ predict }, round) => predict / (b.rounds[round]?.predict ?? Number.NaN));
  const [least, most] = [Math.min(...ratios), Math.max(...ratios)];
  const rounds = `in ${ratios.length} rounds, in which the two took turns`;
  const times = (low: number, high: number): string => `${digits(low)} to ${digits(high)} times`;
  return {
    question: "Which of them answers faster?",
    answer:
      least > 1
        ? `B: it answers ${times(least, most)} as many queries in the same time, ${rounds}.`
        : most < 1
          ? `A: it answers ${times(1 / most, 1 / least)} as many queries in the same time, ${rounds}.`
          : `Neither, as far as this run tells: B answers ${times(least, most)} as many queries as A in the same time, ${rounds}.`,
  };
}

function memory([a, b]: Compared["sides"]): Finding {
  const both = a.index.memoryBytes + b.index.memoryBytes;
  const fits = both <= SWAP_BYTES ? "fit" : "do not fit";
  return {
    question: "How much memory do they take?",
    answer: `A takes ${megabytes(a.index.memoryBytes)}, and B takes ${megabytes(b.index.memoryBytes)}. Together they ${fits} into a Worker, which a canary and a change without a new deployment need.`,
  };
}

function price([a, b]: Compared["sides"]): Finding {
  const of = ({ cost }: Side): string => dollars(cost.perMillionRequests);
  return {
    question: "What do they cost?",
    answer: `About ${of(a)} of CPU time for a million answers of A, and ${of(b)} for a million of B, by the times of this machine.`,
  };
}

/** The share of the trusted answers whose error bars held. */
export const coverageText = ({ evaluation }: Side): string => percent(evaluation.logPartition.coverage);
