import type { BatchOption, ConditionOptions } from "../answers/options.ts";
import { checkCount, type Vector } from "../checks/check.ts";
import type { Chain } from "../decode/chain.ts";
import { decodeEffort } from "../decode/decode-effort.ts";
import type { DecodeOptions } from "../decode/decode-options.ts";
import type { Decoded } from "../decode/decoded.ts";
import { callOptions } from "../index/call-options.ts";
import { copyQueries } from "../index/copied-arguments.ts";
import { chainsOf } from "../index/decode-call.ts";
import { seeded } from "../index/seeded.ts";
import { decodeRow } from "./decode-row.ts";
import { askEach, type ChangingParts } from "./one-state.ts";
import { copyRows } from "./parted-calls.ts";

/** Checks and copies the arguments of a call of decode, and draws one class for each query. */
export async function decodeParts(
  parted: ChangingParts,
  query: Vector,
  rawOptions: DecodeOptions & Partial<BatchOption>,
): Promise<Decoded | Decoded[]> {
  const { itemCount, dim } = parted.info;
  const checked = callOptions("decode", rawOptions);
  const most = (name: string) => (count: number) =>
    Math.min(checkCount(name, count, Number.MAX_SAFE_INTEGER, "2^53 − 1"), itemCount);
  const keptK = (topK: number): number => (most("topK")(topK) === itemCount ? 0 : topK);
  const effortAt = seeded(checked, decodeEffort(checked, most("topLogProbabilities")));
  const { chains, conditions } = chainsOf(checked, keptK);
  const rows = copyRows(conditions, parted.info);
  const { batch } = checked;
  const queries = copyQueries(query, dim, batch, Number.MAX_SAFE_INTEGER, new Float32Array(dim));
  return askEach(parted, batch, (part, row) =>
    decodeRow(part, {
      ...effortAt(row),
      query: queries.slice(row * dim, (row + 1) * dim),
      chain: chains[row % chains.length] as Chain,
      conditions: rows[row % rows.length] as ConditionOptions,
    }),
  );
}
