import type { ChangeFacts } from "../../parts/changing-part.ts";
import { PartFailure } from "../../parts/part-failure.ts";

/** Reads the facts by which the changes of a part are checked. */
export function changeFactsIn(text: string): ChangeFacts {
  const facts = JSON.parse(text) as ChangeFacts;
  const { rows, largest, maxDelta, room } = facts ?? {};
  const areCounts = [rows?.dim, maxDelta, room].every((count) => Number.isSafeInteger(count) && (count as number) > 0);
  const areSizes = largest === undefined || [largest?.norm, largest?.bias].every((size) => (size as number) >= 0);
  if (areCounts && areSizes && ROW_TYPES.has(rows?.rows)) return facts;
  throw new PartFailure("it describes its rows as no part does");
}

const ROW_TYPES: ReadonlySet<unknown> = new Set(["f32", "f16", "i8"]);

/** Reads the ids of labels in a file. */
export function fileIdsIn(text: string, count: number, classes: number): readonly (number | null)[] {
  const ids = (JSON.parse(text) as { readonly ids?: unknown })?.ids;
  const isId = (id: unknown): boolean =>
    id === null || (Number.isInteger(id) && (id as number) >= 0 && (id as number) < classes);
  if (Array.isArray(ids) && ids.length === count && ids.every(isId)) return ids;
  throw new PartFailure("it finds labels as no part does");
}
