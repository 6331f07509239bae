import type { ConditionOptions } from "../answers/options.ts";
import { scanOf } from "../answers/scan-of.ts";
import { shown } from "../checks/check.ts";
import { knownOptions } from "../checks/known-options.ts";
import { refuseForeignOptions } from "../decode/refused-options.ts";

/** The conditions of a call, or with `conditions` of each query. */
export const CONDITION_OPTIONS = [
  "temperature",
  "exclude",
  "allow",
  "filter",
  "namespace",
  "bias",
  "history",
  "repetitionPenalty",
  "presencePenalty",
  "frequencyPenalty",
] as const satisfies readonly (keyof ConditionOptions)[];

const CONDITIONS = [...CONDITION_OPTIONS, "batch", "conditions"];
const ESTIMATE = ["proposal", "scan", "targetError", "draws", "exact", "seed", ...CONDITIONS];

/** The known options of each call of an index. */
const CALL_OPTIONS = {
  topK: ["scan", "rescore", "recall", "exact", "diversity", ...CONDITIONS],
  predict: [...ESTIMATE, "diversity"],
  logPartition: [...ESTIMATE, "tolerance"],
  logProbability: ESTIMATE,
  sample: ["proposal", "scan", "exact", "seed", "mixture", ...CONDITIONS],
  sampleTopK: ["scan", "exact", "seed", ...CONDITIONS],
  score: ["batch"],
  logQ: ["proposal", "scan", "mixture", ...CONDITIONS],
  slateLogProbability: ["proposal", "scan", "exact", ...CONDITIONS],
  encode: ["weights"],
  decode: [
    ...["topK", "topP", "minP", "order", "certain", "targetError", "maxRanked", "topLogProbabilities", "seed"],
    ...CONDITIONS,
  ],
} as const satisfies Record<string, readonly string[]>;

export type CallName = keyof typeof CALL_OPTIONS;

/** Options that contradict each other: the first leaves nothing for the others to decide. */
export const EXCLUSIVE: readonly (readonly [option: string, others: readonly string[]])[] = [
  ["exact", ["scan", "proposal", "rescore", "recall", "draws", "targetError", "mixture"]],
  ["certain", ["targetError"]],
  ["recall", ["scan", "rescore"]],
  ["conditions", CONDITION_OPTIONS],
];

/** Reads the options of a call once. TypeError and RangeError name an option that is unknown or contradicts another. */
export function callOptions<T extends object>(call: CallName, raw: T): T {
  if (call === "decode") refuseForeignOptions(Object(raw));
  const options = knownOptions(call, raw, CALL_OPTIONS[call]) as T & Record<string, unknown>;
  for (const [option, others] of EXCLUSIVE) {
    const value = options[option];
    if (value === undefined || value === false) continue;
    for (const other of others) {
      if (options[other] === undefined) continue;
      throw new RangeError(
        `"${option}" expected no "${other}" beside it, got ${other}: ${shown(options[other])}; leave one of them out`,
      );
    }
  }
  const scan = call === "decode" ? undefined : scanOf(options);
  if (options.proposal !== undefined && scan === "auto") {
    const got = options.scan === undefined ? `targetError: ${shown(options.targetError)}` : `scan: "auto"`;
    throw new RangeError(
      `"proposal" expected a number as "scan" beside it, got ${got}, which chooses the proposal too; leave one of them out`,
    );
  }
  if (call !== "decode" && options.targetError !== undefined && scan !== "auto") {
    throw new RangeError(`"targetError" expected scan: "auto" beside it, or no scan, got scan: ${shown(scan)}`);
  }
  return scan === options.scan ? options : { ...options, scan };
}
