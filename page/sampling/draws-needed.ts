import type { ColourName } from "../colours.ts";
import { MEASURED_DRAWS, MOST_DRAWS } from "../draws/runs.ts";
import { byId, make } from "../elements.ts";
import { count } from "../numbers.ts";

/** Total variation that an estimate is to reach. */
const TARGET = 0.1;

export interface MeasuredMethod {
  readonly title: string;
  readonly colour: ColourName;
  /** By number of draws, as in MEASURED_DRAWS. */
  readonly errors: Float64Array;
}

/** The fewest of the measured numbers of draws from which on all errors are below the target; undefined for none. */
export function drawsNeeded(errors: Float64Array, target: number): number | undefined {
  return MEASURED_DRAWS[errors.findLastIndex((error) => !(error <= target)) + 1];
}

/** The plot in words, and its legend. */
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
