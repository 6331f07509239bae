import type { BatchOption, ConditionOptions } from "../answers/options.ts";
import { type Chain, chainOf } from "../decode/chain.ts";
import { type DecodeRequest, decodeOne, needsBounds } from "../decode/decode.ts";
import type { DecodeOptions } from "../decode/decode-options.ts";
import type { Decoded } from "../decode/decoded.ts";
import type { OpenedIndex } from "../memory/opened-index.ts";
import type { CallLimits } from "./call-limits.ts";
import type { PlannedCall } from "./call-runner.ts";
import { copyEachConditions } from "./copied-conditions.ts";
import { seeded } from "./seeded.ts";
import { FIRST_SEARCH } from "./thins-for.ts";

/** Plans a call of decode. */
export const planDecode = (options: DecodeOptions & Partial<BatchOption>, limits: CallLimits): PlannedCall<Decoded> =>
  planByChain(options, limits, decodeOne);

/**
 * Plans a call of decode that `answerOf` answers. The temperature in place is that of each query's first truncation: 1 if
 * decoding is greedy or truncates before the temperature.
 */
export function planByChain<T>(
  options: DecodeOptions & Partial<BatchOption>,
  limits: CallLimits,
  answerOf: (opened: OpenedIndex, request: DecodeRequest) => T,
): PlannedCall<T> {
  const { chains, conditions } = chainsOf(options, (topK) => limits.keptK(topK));
  const requestAt = seeded(options, limits.decode(options));
  return {
    needsBounds: chains.some(needsBounds),
    conditions,
    effort: FIRST_SEARCH,
    answer: (opened, row) => answerOf(opened, { ...requestAt(row), chain: chains[row % chains.length] as Chain }),
  };
}

/** Reads the chain of the call, or with `conditions` that of each query, and the conditions that it needs in place. */
export function chainsOf(
  options: DecodeOptions & Partial<BatchOption>,
  checkK: (topK: number) => number,
): { readonly chains: readonly Chain[]; readonly conditions: ConditionOptions & Partial<BatchOption> } {
  const chainAt = (temperature: number | undefined, prefix = ""): Chain =>
    chainOf(options, temperature, { prefix, checkK });
  if (options.conditions === undefined) {
    const chain = chainAt(options.temperature);
    return { chains: [chain], conditions: { ...options, temperature: chain.firstTemperature } };
  }
  const each = copyEachConditions(options.conditions, options.batch, (own) => own);
  const chains = each.map(({ temperature }, row) => chainAt(temperature, `conditions[${row}].`));
  const conditions = each.map((own, row) => ({ ...own, temperature: (chains[row] as Chain).firstTemperature }));
  return { chains, conditions: { ...options, conditions } };
}
