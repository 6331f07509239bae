import type { ColourName } from "../colours.ts";
import { MEASURED_DRAWS, MOST_DRAWS } from "../draws/runs.ts";
import { byId, make } from "../elements.ts";
import { count } from "../numbers.ts";

/** The target for the total variation of an estimate. */
const TARGET = 0.1;

export interface MeasuredMethod {
  readonly title: string;
  readonly colour: ColourName;
  /** The errors at MEASURED_DRAWS. */
  readonly errors: Float64Array;
}

/** Returns the smallest measured number of draws from which on all errors meet the target. Undefined if there is none. */
export function drawsNeeded(errors: Float64Array, target: number): number | undefined {
  return MEASURED_DRAWS[errors.findLastIndex((error) => !(error <= target)) + 1];
}

/** Shows the legend of the plot with the draws that each method needs. */
export function showDrawsNeeded(methods: readonly MeasuredMethod[]): void {
  byId("draws-needed", HTMLElement).replaceChildren(
    ...methods.map(({ title, colour, errors }) => {
      const needed = drawsNeeded(errors, TARGET);
      const line = make("i", { className: "line" });
      line.style.background = `var(--${colour})`;
      return make(
        "div",
        {},
        make("dt", {}, line, title),
        make(
          "dd",
          {},
          needed === undefined ? `more than ${count(MOST_DRAWS)}` : `about ${count(Number(needed.toPrecision(2)))}`,
        ),
      );
    }),
  );
}
