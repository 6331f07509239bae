import type { ItemEncoder } from "../../../worker/sequences/encoders.ts";
import { isNoItemsError, isUnknownItem } from "../../encoder/item-ids.ts";
import type { IndexInfo } from "../../index.ts";
import { eachLine, namesOf, objectOf, refuseLine } from "./fields.ts";

/** The treatment of items that an index does not have. */
export type UnknownItems = "refuse" | "skip";

/** The queries of a file of sequences: f32 (sequences, dim). */
interface Encoded {
  readonly queries: Float32Array<ArrayBuffer>;
  /** The number of sequences that have no query, because all of their items are unknown. */
  readonly leftOut: number;
}

/**
 * Encodes {"items": […]} per line, ids or labels in chronological order. Each query is the one after the last item.
 *
 * @throws FormatError of text-lines.ts and fields.ts, also for an item that the index does not have; RangeError without a sequence
 */
export async function readEncoded(
  path: string,
  encoder: Pick<ItemEncoder, "encode">,
  { hasLabels, dim }: Pick<IndexInfo, "hasLabels" | "dim">,
  unknown: UnknownItems,
): Promise<Encoded> {
  const found: Float32Array[] = [];
  let leftOut = 0;
  await eachLine(path, (line) => {
    const names = namesOf(line, objectOf(line, '{"items": […]}'), "items");
    const items = hasLabels ? names : names.map((name) => (/^\d+$/.test(name) ? Number(name) : name));
    try {
      found.push(encoder.encode(items, { unknown }));
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      if (unknown === "skip" && isNoItemsError(error)) leftOut++;
      else refuseLine(line, refusal(error, hasLabels));
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
function refusal(error: RangeError, hasLabels: boolean): string {
  const remedy = isUnknownItem(error) ? ": '--unknown-items skip' leaves such items out" : "";
  const message = error.message.replace(/^"sequence"/, '"items"');
  return (hasLabels ? message.replace(/an integer in 0\.\.\d+ or (?=a label)/, "") : message) + remedy;
}
