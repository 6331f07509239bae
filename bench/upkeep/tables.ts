import { placeOf } from "../origin.ts";
import { grouped, table } from "../page.ts";
import { upkeepOf } from "./payback.ts";
import type { DriftedState, Start, UpkeepResult } from "./result.ts";

const count = (value: number): string => value.toLocaleString("en");

/** "built after 1,000 steps" */
export const titleOf = ({ steps }: Pick<Start, "steps">): string => `built after ${count(steps)} steps`;

export const provenance = ({ itemCount, dim, batch, negatives, queryCount, ...origin }: UpkeepResult): string =>
  `Measured on ${placeOf(origin)}: ${count(itemCount)} words of WikiText-2, D = ${dim}, batches of ${batch}, M = ${negatives} draws; residual codebooks, K = 128, f32 rows, ${queryCount} held-out queries. Seconds are CPU time of the thread.`;

/** The prefix of the upkeep that the sampler's own rule chose, before a colon. */
const RULE = "refresh";
/** The sampler calls this "rebuilt", as a rebuild from scratch is called here. */
const RELEARNED = "relearned";
/** Not shown, as they lie between their neighbours. */
const BETWEEN = ["2 passes", "4 passes"];
const namesOf = ({ states }: Start): string[] =>
  (states[0] as DriftedState).upkeep
    .map(({ name }) => name)
    .filter((name) => !name.startsWith(RULE) && !BETWEEN.includes(name));

/** Effective sample size per draw by kind of upkeep, and the choices of the sampler's own rule, as Markdown. */
export function sampleSizeTable({ starts }: UpkeepResult): string {
  const names = namesOf(starts[0] as Start);
  const rows = starts.flatMap(({ steps, states }) =>
    states.map((state) => [
      count(steps),
      count(state.steps),
      state.energyGrowth.toFixed(3),
      state.chiSquareGrowth.toFixed(2),
      ...names.map((name) => upkeepOf(state, name).effectiveSampleShare.toFixed(3)),
      ruleOf(state),
    ]),
  );
  return table(["built after", "steps since", "energy, ×", "1 + χ², ×", ...names, "rule"], 0, grouped(rows));
}

const ruleOf = ({ upkeep }: DriftedState): string =>
  upkeep
    .find(({ name }) => name.startsWith(RULE))
    ?.name.slice(RULE.length + 2)
    .replace("rebuilt", RELEARNED) ?? "";

/** Mean CPU seconds over the states, as a sentence. */
export function costs({ starts }: UpkeepResult): string {
  const states = starts.flatMap((start) => start.states);
  const secondsOf = (name: string): string =>
    (states.reduce((sum, state) => sum + upkeepOf(state, name).seconds, 0) / states.length).toFixed(2);
  const passes = `${secondsOf("1 pass")} with one pass, ${secondsOf("2 passes")} with two and ${secondsOf("8 passes")} with eight`;
  return `Reassigning takes ${secondsOf("reassigned")} CPU seconds, relearning ${passes}, and a rebuild ${secondsOf("rebuilt")}.`;
}

/** Pairs of upkeep compared: done, and the alternative. */
export const PAYBACKS = [
  ["reassigned", "kept"],
  ["1 pass", "reassigned"],
  ["rebuilt", "1 pass"],
] as const;
