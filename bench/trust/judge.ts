// The promises of error bars, recall and targets, each with its limit, against the measurements.
import type { Cell } from "./grid.ts";
import { normalTail } from "./normal-tail.ts";
import type { BuildKind, BuildResult, HeadResult } from "./result.ts";

/** A promise, and whether all that was measured keeps it. */
export interface Verdict {
  readonly promise: string;
  readonly holds: boolean;
  /** The number of cases, and of those that break the promise. */
  readonly cases: number;
  readonly broken: number;
  /** The worst case: its value, and where it is. */
  readonly worst: string;
}

/** A head is peaked if its 1,024 likeliest classes have at least this share of Z, in the median over the queries. */
const PEAKED = 0.8;
/** Cells with fewer sampled answers say nothing about coverage or width. */
const LEAST = 50;
/** The level of all cells together. */
const LEVEL = 1e-3;

export const isPeaked = ({ likeliestShare }: Pick<HeadResult, "likeliestShare">): boolean => likeliestShare >= PEAKED;

export const titleOf = ({ isInformed, hasFineCodes }: BuildKind): string =>
  `${isInformed ? "counts and queries" : "plain"}${hasFineCodes ? ", fine codes" : ""}`;

/** Returns the call of a cell in words. */
export function callOf({ temperature, scan, draws, targetError, proposal }: Cell): string {
  const target = targetError === undefined ? "" : `, target ${targetError}`;
  return `T ${temperature}, scan ${scan}${target}, ${draws} draws${proposal ? ", by codes" : ""}`;
}

export const isDefault = ({ scan, draws, proposal }: Cell): boolean => scan === "default" && draws === 100 && !proposal;

interface Case {
  readonly where: string;
  readonly value: number;
  readonly isBroken: boolean;
}

interface Measured {
  readonly head: HeadResult;
  readonly build: BuildResult;
  readonly cell: Cell;
  readonly where: string;
}

/** Judges the results of all heads together. */
export function judge(heads: readonly HeadResult[]): Verdict[] {
  const cells = heads.flatMap((head) =>
    head.builds.flatMap((build) =>
      build.cells.map((cell): Measured => {
        return { head, build, cell, where: `${head.name}, ${titleOf(build)}, ${callOf(cell)}` };
      }),
    ),
  );
  const sampled = cells.filter(({ cell }) => cell.sampled >= LEAST);
  return [
    verdict(
      "in every cell, ± 1.96 bars cover in 94 % or more (α = .001, all cells together)",
      coverageCases(sampled),
      least,
    ),
    verdict("over all cells of a layer, they cover in 94.5 to 98.5 %", pooledCases(heads), farthestFrom(0.965)),
    verdict("the median bar is at most 1.8 times the root mean square error of its cell", widthCases(sampled), most),
    verdict(
      "no trusted error is above .26",
      above(cells, 0.26, ({ cell }) => cell.worstError),
      most,
    ),
    verdict(
      "no trusted answer at T ≥ 1 is off by more than 4 bars",
      above(
        cells.filter(({ cell }) => cell.temperature >= 1),
        4,
        ({ cell }) => cell.worstMiss,
      ),
      most,
    ),
    verdict(
      "answers with a bar of at most .0005 are off by less than .001",
      above(cells, 0, ({ cell }) => cell.flooredWrong),
      most,
    ),
    verdict("built plainly, peaked layers: at most 7 % flagged by default, T .3 to 2", flaggedCases(cells, true), most),
    verdict("built plainly, diffuse layers: at most 30 % flagged by default, T = 1", flaggedCases(cells, false), most),
    verdict("recall given is at least recall asked less .01, k = 10 and 100", recallCases(heads), least),
    ...targetVerdicts(cells),
    verdict("lower and upper contain log Z", boundsCases(heads), most),
  ];
}

function targetVerdicts(cells: readonly Measured[]): Verdict[] {
  const targeted = cells.filter(({ cell }) => cell.targetError !== undefined);
  const rows = (target: number, limit: number): Case[] =>
    targeted
      .filter(({ head, build, cell }) => {
        return cell.targetError === target && cell.temperature === 1 && isPeaked(head) && !build.isInformed;
      })
      .map(({ build, cell, where }) => caseAbove(where, cell.scored / (defaultCell(build, 1)?.scored ?? 0), limit));
  const times = (target: number, limit: number): Verdict =>
    verdict(
      `built plainly, peaked layers: target ${target} reads at most ${limit} times the rows of the default call, T = 1`,
      rows(target, limit),
      most,
    );
  return [
    verdict(
      "the bar of every answer is at most targetError",
      above(targeted, 0, ({ cell }) => cell.overTarget),
      most,
    ),
    verdict(
      "the root mean square error under targetError is at most the target",
      above(targeted, 1, ({ cell }) => cell.rootMeanSquareOfAll / (cell.targetError as number)),
      most,
    ),
    times(0.05, 1.1),
    times(0.02, 3),
  ];
}

export const defaultCell = ({ cells }: BuildResult, temperature: number): Cell | undefined =>
  cells.find((cell) => cell.temperature === temperature && isDefault(cell));

/** Holm's procedure over one-sided tests of coverage < .94. */
function coverageCases(cells: readonly Measured[]): Case[] {
  const tested = cells
    .map(({ cell, where }) => {
      const { coverage, coverageError } = cell;
      return {
        where: `${where} (± ${coverageError.toFixed(3)})`,
        value: coverage,
        p: normalTail((0.94 - coverage) / coverageError),
      };
    })
    .toSorted((a, b) => a.p - b.p);
  const firstKept = tested.findIndex(({ p }, i) => p > LEVEL / (tested.length - i));
  const broken = firstKept < 0 ? tested.length : firstKept;
  return tested.map(({ where, value }, i) => ({ where, value, isBroken: i < broken }));
}

function pooledCases(heads: readonly HeadResult[]): Case[] {
  return heads.map((head) => {
    const value = pooledCoverage(head.builds.flatMap(({ cells }) => cells));
    return { where: head.name, value, isBroken: value < 0.945 || value > 0.985 };
  });
}

/** Returns the share of all sampled answers within 1.96 bars. */
export function pooledCoverage(cells: readonly Cell[]): number {
  const total = cells.reduce((sum, { sampled }) => sum + sampled, 0);
  return cells.reduce((sum, { sampled, coverage }) => sum + sampled * coverage, 0) / total;
}

const widthCases = (cells: readonly Measured[]): Case[] =>
  above(cells, 1.8, ({ cell }) => cell.medianBar / cell.rootMeanSquare);

const flaggedCases = (cells: readonly Measured[], peaked: boolean): Case[] =>
  above(
    cells.filter(({ head, build, cell }) => {
      return isPeaked(head) === peaked && !build.isInformed && isDefault(cell) && (peaked || cell.temperature === 1);
    }),
    peaked ? 0.07 : 0.3,
    ({ cell }) => cell.flagged / cell.answers,
  );

const recallCases = (heads: readonly HeadResult[]): Case[] =>
  heads.flatMap((head) =>
    head.builds.flatMap((build) =>
      build.recall
        .filter(({ asked }) => asked !== "exact")
        .map(({ k, asked, given, givenError }) => ({
          where: `${head.name}, ${titleOf(build)}, k ${k}, asked ${asked} (± ${givenError.toFixed(3)})`,
          value: given - (asked as number),
          isBroken: given < (asked as number) - 0.01,
        })),
    ),
  );

const boundsCases = (heads: readonly HeadResult[]): Case[] =>
  heads.flatMap((head) =>
    head.builds.map((build) => {
      const { checked, wrong, worst } = build.bounds;
      const where = `${head.name}, ${titleOf(build)}: ${wrong} of ${checked}, by up to ${worst.toExponential(1)}`;
      return caseAbove(where, wrong / checked, 0);
    }),
  );

const caseAbove = (where: string, value: number, limit: number): Case => ({
  where,
  value,
  isBroken: !(value <= limit),
});

const above = (cells: readonly Measured[], limit: number, value: (measured: Measured) => number): Case[] =>
  cells.map((measured) => caseAbove(measured.where, value(measured), limit));

const most = (value: number): number => value;
const least = (value: number): number => -value;
const farthestFrom =
  (middle: number) =>
  (value: number): number =>
    Math.abs(value - middle);

/** `badness` orders cases: the worst has the largest. */
function verdict(promise: string, cases: readonly Case[], badness: (value: number) => number): Verdict {
  const broken = cases.filter(({ isBroken }) => isBroken).length;
  const order = (a: Case, b: Case): number =>
    Number(b.isBroken) - Number(a.isBroken) || badness(b.value) - badness(a.value);
  const [worst] = cases.toSorted(order);
  return {
    promise,
    holds: broken === 0,
    cases: cases.length,
    broken,
    worst: worst ? `${Number(worst.value.toPrecision(3))}: ${worst.where}` : "",
  };
}
