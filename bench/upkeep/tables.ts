import { table } from "../page.ts";
import { paybackSteps, upkeepOf } from "./payback.ts";
import type { DriftedState, Start, UpkeepResult } from "./result.ts";

const count = (value: number): string => value.toLocaleString("en");

/** "built after 1,000 steps" */
export const titleOf = ({ steps }: Pick<Start, "steps">): string => `built after ${count(steps)} steps`;

export const provenance = ({ machine, node, itemCount, dim, batch, negatives, queryCount }: UpkeepResult): string =>
  `Measured on ${machine}, Node ${node}: ${count(itemCount)} words of WikiText-2, D = ${dim}, batches of ${batch}, M = ${negatives} draws; RQ, K = 128, f32 rows, ${queryCount} held-out queries. Seconds are of the thread's CPU.`;

const sections = ({ starts }: UpkeepResult, each: (start: Start) => string): string =>
  starts.map((start) => `Index ${titleOf(start)}:\n\n${each(start)}`).join("\n\n");

/** What the sampler's own rule did stands behind this and a colon. */
const RULE = "refresh";
const namesOf = ({ states }: Start): string[] =>
  (states[0] as DriftedState).upkeep.map(({ name }) => name).filter((name) => !name.startsWith(RULE));

/** Effective sample size a draw by what was done, as Markdown. */
export const sampleSizeTables = (result: UpkeepResult): string =>
  sections(result, (start) => {
    const names = namesOf(start);
    return table(
      ["steps since", "residual energy", "1 + χ²", ...names],
      0,
      start.states.map((state) => [
        count(state.steps),
        `${state.energyGrowth.toFixed(3)} ×`,
        `${state.chiSquareGrowth.toFixed(2)} ×`,
        ...names.map((name) => upkeepOf(state, name).effectiveSampleShare.toFixed(3)),
      ]),
    );
  });

/** KL(P‖Q) by what was done, as Markdown. */
export const divergenceTables = (result: UpkeepResult): string =>
  sections(result, (start) => {
    const names = namesOf(start);
    return table(
      ["steps since", ...names],
      0,
      start.states.map((state) => [count(state.steps), ...names.map((name) => upkeepOf(state, name).kl.toFixed(3))]),
    );
  });

/** CPU seconds and classes moved, means over the states, as Markdown. */
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
  return table(["", "CPU seconds", "% of the classes moved"], 1, rows);
}

const rangeOf = (values: readonly number[]): string => {
  const [least, most] = [Math.min(...values), Math.max(...values)].map((value) => value.toFixed(0)) as [string, string];
  return least === most ? least : `${least} to ${most}`;
};

/** What upkeep is set against what. */
export const PAYBACKS = [
  ["reassigned", "kept"],
  ["1 pass", "reassigned"],
  ["rebuilt", "1 pass"],
] as const;

/** Steps of training until upkeep has paid, as Markdown. */
export const paybackTables = (result: UpkeepResult): string =>
  sections(result, (start) =>
    table(
      [
        "steps since",
        ...PAYBACKS.map(([done, other]) => `${done} against ${other}`),
        "refresh did",
        "ESS then",
        "CPU seconds",
      ],
      0,
      start.states.map((state) => {
        const rule = state.upkeep.find(({ name }) => name.startsWith(RULE));
        return [
          count(state.steps),
          ...PAYBACKS.map(([done, other]) => {
            const steps = paybackSteps(state, upkeepOf(state, done), upkeepOf(state, other));
            return Number.isFinite(steps) ? count(Math.ceil(steps)) : "never";
          }),
          rule?.name.slice(RULE.length + 2) ?? "",
          rule?.effectiveSampleShare.toFixed(3) ?? "",
          rule?.seconds.toFixed(2) ?? "",
        ];
      }),
    ),
  );
