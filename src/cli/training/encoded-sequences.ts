import type { ItemEncoder } from "../../../worker/sequences/encoders.ts";
import { isItemError, isNoItemsError } from "../../encoder/item-ids.ts";
import type { IndexInfo } from "../../index.ts";
import { idOfText } from "../inputs/id-of-text.ts";
import { shownJson } from "../inputs/shown-json.ts";
import { eachLine, ITEMS, ITEMS_REMEDY, namesOf, objectOf, refuseColumns, refuseLine } from "./fields.ts";

/** The treatment of items that an index does not have. */
export type UnknownItems = "refuse" | "skip";

/** The queries of sequences: f32 (sequences, dim). */
export interface Encoded {
  readonly queries: Float32Array<ArrayBuffer>;
  /** The number of sequences that have no query, because all of their items are unknown. */
  readonly leftOut: number;
}

/**
 * Encodes {"items": […]} per line, ids or labels in chronological order. Each query is the one after the last item.
 *
 * @throws FormatError of text-lines.ts and fields.ts, also for an item that the index does not have; RangeError for a table or
 *   without a sequence
 */
export async function readEncoded(
  path: string,
  encoder: Pick<ItemEncoder, "encode">,
  info: Pick<IndexInfo, "hasLabels" | "itemCount" | "dim">,
  unknown: UnknownItems,
): Promise<Encoded> {
  const { hasLabels, dim } = info;
  const found: Float32Array[] = [];
  let leftOut = 0;
  refuseColumns(path, `.jsonl of ${ITEMS}`, ITEMS_REMEDY);
  await eachLine(path, (line) => {
    const names = namesOf(line, objectOf(line, ITEMS), "items");
    const items = hasLabels ? names : names.map((name) => idOfText(name) ?? name);
    try {
      found.push(encoder.encode(items, { unknown }));
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      if (unknown === "skip" && isNoItemsError(error)) leftOut++;
      else refuseLine(line, refusal(error, items, info));
    }
  });
  if (found.length === 0) {
    const which = leftOut > 0 ? " with an item of the index" : "";
    throw new RangeError(`${path}: expected at least one sequence${which}, got none`);
  }
  const queries = new Float32Array(found.length * dim);
  for (const [row, query] of found.entries()) queries.set(query, row * dim);
  return { queries, leftOut };
}

/** Says what is wrong with a line. Where items have labels, an integer is one: training data may have integers for names. */
function refusal(
  error: RangeError,
  items: readonly (number | string)[],
  { hasLabels, itemCount }: Pick<IndexInfo, "hasLabels" | "itemCount">,
): string {
  if (isNoItemsError(error)) {
    return `"items" expected at least one item, got none: '--unknown-items skip' leaves such sequences out`;
  }
  if (!isItemError(error)) return error.message;
  const { at, code } = error;
  const item = hasLabels ? "the label of an item" : `an integer in 0..${itemCount - 1}, an item`;
  const expected = itemCount > 0 ? `${item} with a vector` : "no item, as the index is empty";
  const remedy = code === "unknown_item" ? ": '--unknown-items skip' leaves such items out" : idRemedy(items[at]);
  return `"items"[${at}] expected ${expected}, got ${shownJson(items[at])}${remedy}`;
}

const idRemedy = (item: number | string | undefined): string =>
  /^0\d+$/.test(String(item)) ? ": an id in digits has no leading zeros" : "";
