// A batch touches few rows of a table, and some of them often. Each touched row gets a slot: its place among the
// gradients of the batch.

/**
 * Sets slots[i] to the slot of row ids[i]. A row gets a new slot at its first occurrence. Returns how many rows have a
 * slot. O(count).
 *
 * ids, slots: i32 (count). slotOf: i32, one for each row of the table, −1 for a row without a slot. touched: i32, the row of
 * each slot, with `touchedCount` of them in use.
 */
export function assignSlots(
  ids: usize,
  count: i32,
  slotOf: usize,
  touched: usize,
  touchedCount: i32,
  slots: usize,
): i32 {
  for (let end = ids + (<usize>count << 2); ids < end; ids += 4, slots += 4) {
    const id = load<i32>(ids);
    const place = slotOf + (<usize>id << 2);
    if (load<i32>(place) < 0) {
      store<i32>(place, touchedCount);
      store<i32>(touched + (<usize>touchedCount << 2), id);
      touchedCount++;
    }
    store<i32>(slots, load<i32>(place));
  }
  return touchedCount;
}

/** Releases all slots: sets slotOf to −1 for each of the `touchedCount` rows at `touched`. */
export function releaseSlots(slotOf: usize, touched: usize, touchedCount: i32): void {
  for (let end = touched + (<usize>touchedCount << 2); touched < end; touched += 4) {
    store<i32>(slotOf + (<usize>load<i32>(touched) << 2), -1);
  }
}
