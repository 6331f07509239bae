import type { ItemEncoder } from "../../../worker/sequences/encoders.ts";
import { isItemError, isNoItemsError } from "../../encoder/item-ids.ts";
import { isCount, listIn, type Place, wrong } from "./json-lines.ts";
import type { Renaming } from "./renamed-classes.ts";

/** The items of a request in the order in which they occurred, by id or label. */
export interface ItemSequence {
  readonly items: readonly (number | string)[];
  /** The treatment of items that the index of the candidate does not have. */
  readonly unknown: "refuse" | "skip";
}

/** The id of no item. */
const NOWHERE = 2 ** 53 - 1;

const isItem = (value: unknown): value is number | string => isCount(value) || typeof value === "string";

/** Reads the sequence in a line as the service takes it in a request. Undefined if the line has none. */
export function sequenceIn(place: Place): ItemSequence | undefined {
  const { sequence, unknownItems = "refuse" } = place.value;
  if (sequence === undefined) return undefined;
  const items = listIn(place, "sequence", "an id or a label", isItem);
  if (unknownItems === "refuse" || unknownItems === "skip") return { items, unknown: unknownItems };
  throw wrong(place, "unknownItems", '"refuse" or "skip"');
}

/**
 * Returns the query of a sequence. With `idOf`, its ids are those of another index.
 *
 * @throws RangeError that names the item which the index of the candidate does not have
 */
export function queryOf(
  encoder: Pick<ItemEncoder, "encode">,
  { items, unknown }: ItemSequence,
  idOf: Renaming | undefined,
): Float32Array {
  const own = idOf ? items.map((item) => (typeof item === "number" ? (idOf(item) ?? NOWHERE) : item)) : items;
  try {
    return encoder.encode(own, { unknown });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    if (isNoItemsError(error)) throw new RangeError('"sequence" expected at least one item of the candidate, got none');
    if (!isItemError(error)) throw error;
    const { at } = error;
    throw new RangeError(
      `"sequence"[${at}] expected an item of the candidate, got ${JSON.stringify(items[at])}: "unknownItems": "skip" beside it leaves such items out`,
    );
  }
}
