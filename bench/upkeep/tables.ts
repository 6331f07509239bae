import { grouped, table } from "../page.ts";
import { paybackSteps, upkeepOf } from "./payback.ts";
import type { DriftedState, Start, UpkeepResult } from "./result.ts";

const count = (value: number): string => value.toLocaleString("en");

/** "built after 1,000 steps" */
export const titleOf = ({ steps }: Pick<Start, "steps">): string => `built after ${count(steps)} steps`;

export const provenance = ({ machine, node, itemCount, dim, batch, negatives, queryCount }: UpkeepResult): string =>
  `Measured on ${machine}, Node ${node}: ${count(itemCount)} words of WikiText-2, D = ${dim}, batches of ${batch}, M = ${negatives} draws; residual codebooks, K = 128, f32 rows, ${queryCount} held-out queries. Seconds are CPU time of the thread.`;

/** Rows of all states, each after the steps before the build and since. */
const rowsOf = ({ starts }: UpkeepResult, cells: (state: DriftedState) => string[]): string[][] =>
  grouped(
    starts.flatMap(({ steps, states }) => states.map((state) => [count(steps), count(state.steps), ...cells(state)])),
  );
const STEPS = ["built after", "steps since"];

/** The prefix of what the sampler's own rule did, before a colon. */
const RULE = "refresh";
/** The sampler calls this "rebuilt", as a rebuild from scratch is called here. */
const RELEARNED = "relearned";
/** Not shown, as it lies between its neighbours. */
const BETWEEN = "4 passes";
const namesOf = ({ states }: Start): string[] =>
  (states[0] as DriftedState).upkeep
    .map(({ name }) => name)
    .filter((name) => !name.startsWith(RULE) && name !== BETWEEN);

/** Effective sample size per draw by kind of upkeep, as Markdown. */
export function sampleSizeTable(result: UpkeepResult): string {
  const names = namesOf(result.starts[0] as Start);
  return table(
    [...STEPS, "energy, ×", "1 + χ², ×", ...names],
    0,
    rowsOf(result, (state) => [
      state.energyGrowth.toFixed(3),
      state.chiSquareGrowth.toFixed(2),
      ...names.map((name) => upkeepOf(state, name).effectiveSampleShare.toFixed(3)),
    ]),
  );
}

/** Mean CPU seconds and the range of classes moved over the states, as Markdown. */
export function costTable({ starts }: UpkeepResult): string {
  const states = starts.flatMap((start) => start.states);
  const rows = namesOf(starts[0] as Start).map((name) => {
    const own = states.map((state) => upkeepOf(state, name));
    const moved = own.map(({ movedShare }) => movedShare);
    return [
      name,
      (own.reduce((sum, { seconds }) => sum + seconds, 0) / own.length).toFixed(2),
      moved.includes(undefined) ? "all" : rangeOf(moved.map((share) => 100 * (share as number))),
    ];
  });
  return table(["", "CPU seconds", "% of classes moved"], 1, rows);
}

const rangeOf = (values: readonly number[]): string => {
  const [least, most] = [Math.min(...values), Math.max(...values)].map((value) => value.toFixed(0)) as [string, string];
  return least === most ? least : `${least} to ${most}`;
};

/** Pairs of upkeep compared: done, and the alternative. */
export const PAYBACKS = [
  ["reassigned", "kept"],
  ["1 pass", "reassigned"],
  ["rebuilt", "1 pass"],
] as const;

/** Training steps until upkeep has paid, and what the sampler's own rule did, as Markdown. */
export const paybackTable = (result: UpkeepResult): string =>
  table(
    [...STEPS, ...PAYBACKS.map(([done, other]) => `${done} against ${other}`), "rule", "its ESS", "its CPU s"],
    0,
    rowsOf(result, (state) => {
      const rule = state.upkeep.find(({ name }) => name.startsWith(RULE));
      return [
        ...PAYBACKS.map(([done, other]) => {
          const steps = paybackSteps(state, upkeepOf(state, done), upkeepOf(state, other));
          return Number.isFinite(steps) ? count(Math.ceil(steps)) : "never";
        }),
        rule?.name.slice(RULE.length + 2).replace("rebuilt", RELEARNED) ?? "",
        rule?.effectiveSampleShare.toFixed(3) ?? "",
        rule?.seconds.toFixed(2) ?? "",
      ];
    }),
  );
