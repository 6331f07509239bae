/** Returns a function from r to the r-th of the integers 0, 1, … that are not excluded, in O(log) of their number. */
export function skipping(excludedIds: readonly number[]): (r: number) => number {
  const ascending = Int32Array.from(excludedIds).sort();
  return (r) => {
    // ascending[i] − i of the integers below ascending[i] are left. Count the excluded integers before the result.
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
