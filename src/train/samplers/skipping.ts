/** Number r of the integers 0, 1, … that are not among `out`, which are distinct: O(log |out|). */
export function skipping(excludedIds: readonly number[]): (r: number) => number {
  const ascending = Int32Array.from(excludedIds).sort();
  return (r) => {
    // ascending[i] − i integers below ascending[i] are left: find how many of them lie before the one wanted.
    let low = 0;
    let high = ascending.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((ascending[middle] as number) - middle <= r) low = middle + 1;
      else high = middle;
    }
    return r + low;
  };
}
