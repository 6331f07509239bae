import { checkArray, checkNumber, checkShare, shown } from "../checks/check.ts";
import { checkTemperature } from "../checks/temperature.ts";
import { DEFAULT_ORDER, type DecodeOptions, type DecodeStep, type Truncation } from "./decode-options.ts";

/** A truncation with its option, and the temperature of the softmax that it truncates. */
export interface Stage {
  readonly by: Truncation;
  readonly value: number;
  readonly temperature: number;
}

/** The steps of a call in their order. */
export interface Chain {
  readonly stages: readonly Stage[];
  /** The temperature of the law that is drawn from. */
  readonly temperature: number;
  /** The temperature of the first truncation, which is that of the call's log Z. */
  readonly firstTemperature: number;
}

/** Values with which a truncation keeps all classes. */
const KEEPS_ALL: Readonly<Record<Truncation, number>> = { minP: 0, topK: 0, topP: 1 };

/** The context in which a chain is checked. */
export interface ChainContext {
  /** Stands before the name of the temperature in messages. */
  readonly prefix: string;
  /** Checks topK against the index, and returns 0 for all classes. */
  readonly checkK: (topK: number) => number;
}

/**
 * Reads the truncations and their order at a temperature, that of the options or of one query. Temperature 0 is one class,
 * whatever the truncations are.
 */
export function chainOf(
  options: DecodeOptions,
  temperature: number | undefined,
  { prefix, checkK }: ChainContext,
): Chain {
  const { topK = 0, topP = 1, minP = 0 } = options;
  if (temperature !== undefined && temperature !== 0) checkTemperature(`${prefix}temperature`, temperature, "0, or ");
  const values: Readonly<Record<Truncation, number>> = {
    minP: checkNumber("minP", minP, 0, 1),
    topK: checkK(topK),
    topP: checkShare("topP", topP),
  };
  const steps = orderOf(options);
  const truncates = (by: DecodeStep): by is Truncation => by !== "temperature" && values[by] !== KEEPS_ALL[by];
  for (const by of Object.keys(values) as Truncation[]) {
    if (!truncates(by) || steps.includes(by)) continue;
    throw new RangeError(`"order" expected "${by}" in it, which is given, got [${steps.join(", ")}]`);
  }
  // Only a topP that comes first is decided by an estimate. One that keeps all classes contradicts nothing.
  const first = steps.find((by) => (by === "topP" && options.topP !== undefined) || truncates(by));
  if (options.targetError !== undefined && first !== "topP") {
    const got = first ? `"${first}"` : "none";
    throw new RangeError(`"targetError" expected "topP" as the first truncation, got ${got}; leave it out`);
  }
  if (temperature === 0) {
    return { stages: [{ by: "topK", value: 1, temperature: 1 }], temperature: 1, firstTemperature: 1 };
  }
  const last = temperature ?? 1;
  const from = steps.indexOf("temperature");
  const stages = steps.flatMap((by, i): Stage[] =>
    truncates(by) ? [{ by, value: values[by], temperature: i < from ? 1 : last }] : [],
  );
  return { stages, temperature: last, firstTemperature: stages[0]?.temperature ?? last };
}

/**
 * Returns the stages whose bounds tell which classes have to be ranked. A topP after others is a share of all that they keep,
 * so the stages after it must not leave out any of that.
 */
export function certifiedStages(stages: readonly Stage[]): readonly Stage[] {
  const at = stages.findIndex(({ by }) => by === "topP");
  return at > 0 ? stages.slice(0, at) : stages;
}

/** Reads the order, a list of different steps. */
function orderOf({ order = DEFAULT_ORDER }: DecodeOptions): readonly DecodeStep[] {
  checkArray("order", order, "steps");
  const steps: DecodeStep[] = [];
  for (let i = 0; i < order.length; i++) {
    const step = order[i] as DecodeStep;
    if (!DEFAULT_ORDER.includes(step) || steps.includes(step)) {
      throw new RangeError(`"order"[${i}] expected ${DEFAULT_ORDER.join(", ")}, each of them once, got ${shown(step)}`);
    }
    steps.push(step);
  }
  return steps;
}
