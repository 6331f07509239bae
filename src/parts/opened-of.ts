import * as structs from "../../build/structs.ts";
import type { DrawRequest } from "../answers/draws.ts";
import type { ConditionOptions, SampleOptions, SlateOptions } from "../answers/options.ts";
import type { MixtureShares } from "../answers/recommend-options.ts";
import type { SlateMasses } from "../answers/slate.ts";
import { certifyRanks, type FoundRanks } from "../decode/certified-ranks.ts";
import type { DecodeRequest } from "../decode/decode.ts";
import type { DecodeOptions } from "../decode/decode-options.ts";
import { planByChain } from "../index/decode-call.ts";
import type { MultiIndex } from "../index/multi-index.ts";
import type { Labels } from "../memory/labels.ts";
import { type OpenedIndex, read } from "../memory/opened-index.ts";
import type { Limits } from "../memory/plan.ts";
import type { QuestionOptions } from "./question.ts";

// Access to private members of an index, which only its parts may use. TypeScript reads private names only in brackets.

/**
 * Returns the memory of an index, in which a call leaves more than it returns. Throws an Error once the index is disposed of.
 */
// biome-ignore lint/complexity/useLiteralKeys: the name is private.
export const openedOf = (index: MultiIndex): OpenedIndex => index["calls"].inUse();

/** Returns log S′ of the proposal in place; −∞ if all classes are filtered out. */
export const logMassOf = (opened: OpenedIndex): number =>
  opened.conditions.allowedCount > 0 ? read(opened, structs.SEARCH_LOG_PROPOSAL) : Number.NEGATIVE_INFINITY;

/** Returns the limits that an index was loaded with. */
// biome-ignore lint/complexity/useLiteralKeys: the names are private.
export const limitsOf = (index: MultiIndex): Readonly<Limits> => index["limits"]["limits"];

/** Checks the proposal of a call with a mixture, and the mixture. */
export const proposedBy = (
  index: MultiIndex,
  options: QuestionOptions,
): DrawRequest & { readonly mixture: MixtureShares } =>
  // biome-ignore lint/complexity/useLiteralKeys: the name is private.
  index["limits"].draw(options as SampleOptions) as DrawRequest & { readonly mixture: MixtureShares };

/**
 * Returns the labels of an index. They find no class in cases in which `idsOf` throws. RangeError for an index without labels.
 */
// biome-ignore lint/complexity/useLiteralKeys: the name is private.
export const labelsOf = (index: MultiIndex): Labels => index["calls"].labels();

/** Computes the masses behind an answer of `slateLogProbability`, with the checks of that call. */
export function slateMassesOf(
  index: MultiIndex,
  query: Float32Array,
  ids: Int32Array,
  options: SlateOptions,
): SlateMasses {
  // biome-ignore lint/complexity/useLiteralKeys: the name is private.
  return index["slateBy"](query, ids, options, (_, masses) => masses) as SlateMasses;
}

/** Finds all classes that the truncations can keep, with the checks of `decode`. */
export function certifiedRanksOf(
  index: MultiIndex,
  query: Float32Array,
  options: Pick<DecodeOptions, "topK" | "minP" | "maxRanked"> & ConditionOptions,
): FoundRanks {
  const answerOf = (opened: OpenedIndex, { chain, ...limits }: DecodeRequest): FoundRanks =>
    certifyRanks(opened, chain.stages, limits);
  // biome-ignore lint/complexity/useLiteralKeys: the names are private.
  const [calls, limits] = [index["calls"], index["limits"]];
  return calls.run("decode", query, options, (checked) => planByChain(checked, limits, answerOf)) as FoundRanks;
}
