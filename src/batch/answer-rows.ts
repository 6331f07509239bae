import type { OpenedIndex } from "../memory/opened-index.ts";

/** Answers `count` queries together, or one after the other in an index that was opened without the batch module. */
export function answerRows<T>(
  { batches }: OpenedIndex,
  count: number,
  place: (row: number) => void,
  answer: (row: number) => T,
): T[] {
  if (batches) return batches.answer(count, place, answer);
  return Array.from({ length: count }, (_, row) => {
    place(row);
    return answer(row);
  });
}
