import type { ChangeFacts, FileIds } from "./changing-part.ts";
import { PartFailure } from "./part-failure.ts";

// The answers of hosts to questions about files. That of several parts behind a router is `{"parts": […]}`, in their order.

/** Writes what each of some parts answers. */
export const ofParts = <T>(answers: readonly T[]): T | { readonly parts: readonly T[] } =>
  answers.length === 1 ? (answers[0] as T) : { parts: answers };

/** Reads the facts by which the changes of a number of parts are checked. */
export function changeFactsIn(text: string, partCount: number): ChangeFacts[] {
  const all = eachIn(text, partCount);
  if (all?.every(areFacts)) return all as ChangeFacts[];
  throw new PartFailure("it describes its rows as no part does");
}

function areFacts(facts: unknown): boolean {
  const { rows, largest, maxDelta, room } = (facts ?? {}) as Partial<ChangeFacts>;
  const areCounts = [rows?.dim, maxDelta, room].every((count) => Number.isSafeInteger(count) && (count as number) > 0);
  const areSizes = largest === undefined || [largest?.norm, largest?.bias].every((size) => (size as number) >= 0);
  return areCounts && areSizes && ROW_TYPES.has(rows?.rows);
}

const ROW_TYPES: ReadonlySet<unknown> = new Set(["f32", "f16", "i8"]);

/** Reads the ids of `count` labels in the files of parts with these numbers of classes. */
export function fileIdsIn(text: string, count: number, classes: readonly number[]): FileIds[] {
  const all = eachIn(text, classes.length) as (Partial<FileIds> | null)[] | undefined;
  const areIds = (found: Partial<FileIds> | null, part: number): boolean => {
    const ids: unknown = found?.ids;
    const isId = (id: unknown): boolean =>
      id === null || (Number.isInteger(id) && (id as number) >= 0 && (id as number) < (classes[part] as number));
    return Array.isArray(ids) && ids.length === count && ids.every(isId);
  };
  if (all?.every(areIds)) return all as FileIds[];
  throw new PartFailure("it finds labels as no part does");
}

/** Returns what each of some parts answers; undefined for an answer of another number of parts. */
function eachIn(text: string, partCount: number): readonly unknown[] | undefined {
  const answer: unknown = JSON.parse(text);
  if (partCount === 1) return [answer];
  const parts = (answer as { readonly parts?: unknown } | null)?.parts;
  return Array.isArray(parts) && parts.length === partCount ? parts : undefined;
}
