/**
 * Throws a RangeError if a checkpoint is asked for when the training has begun another epoch: it would have the tables of that
 * one, and the report of its own.
 */
export function checkInTime(epoch: number, begun: number): void {
  if (epoch === begun) return;
  throw new RangeError(
    `checkpoint() of epoch ${epoch} expected a call before epoch ${epoch + 1} begins, got one after it`,
  );
}
