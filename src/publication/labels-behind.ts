import { decodeLoggedSet } from "../changes/logged-set.ts";
import type { ChangeLog } from "./change-log.ts";

/**
 * Counts the labels that sets behind a number add or replace. Changes of these sets hold no more rows, and add no more labels. Sets
 * that are damaged count nothing: readers refuse them.
 */
export async function labelsBehind(log: Pick<ChangeLog, "read">, after: number): Promise<number> {
  const labels = new Set<string>();
  for (let at = after; ; ) {
    const { sets, head } = await log.read(at);
    for (const { sequence, bytes } of sets) {
      at = sequence;
      for (const label of upsertedIn(bytes)) labels.add(label);
    }
    if (sets.length === 0 || at >= head) return labels.size;
  }
}

function upsertedIn(set: Uint8Array): readonly string[] {
  try {
    return decodeLoggedSet(set).upserts?.labels ?? [];
  } catch {
    return [];
  }
}
