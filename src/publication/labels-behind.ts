import type { ChangeLog, LogPage } from "./change-log.ts";
import { readableSet } from "./readable-set.ts";

/**
 * Counts the labels that sets behind a number add or replace. Changes of these sets hold no more rows, and add no more labels. Sets
 * that are damaged count nothing: readers refuse them.
 */
export async function labelsBehind(log: Pick<ChangeLog, "read">, after: number): Promise<number> {
  const labels = new Set<string>();
  for (let at = after; ; ) {
    const page = await log.read(at);
    for (const label of labelsIn(page)) labels.add(label);
    at = page.sets.at(-1)?.sequence ?? page.head;
    if (at >= page.head) return labels.size;
  }
}

/** Tells whether the sets behind a number may add or replace more labels than `room`, by the page of them that a log gives. */
export const mayExceed = (page: LogPage, after: number, room: number): boolean =>
  new Set(labelsIn(page)).size > room || after + page.sets.length < page.head;

const labelsIn = ({ sets }: LogPage): readonly string[] =>
  sets.flatMap(({ bytes }) => readableSet(bytes)?.upserts?.labels ?? []);
