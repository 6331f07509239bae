/** Scales that are tried, in units that make the scores' standard deviation 1. */
const FIRST = 64;
const LARGEST = 2 ** 12;
const SMALLEST = 2 ** -8;
/** Halvings of the last interval, whose ends differ by a factor of 2: a scale is found to 1 %. */
const BISECTIONS = 5;

/**
 * Finds the largest scale at which the entropy is `target`. If no scale reaches it, because the classes that lead without a
 * query hold nearly all mass, it returns the scale with the largest entropy. `unit` makes the standard deviation of the
 * scores 1.
 */
export function scaleFor(entropyAt: (scale: number) => number, target: number, unit: number): number {
  let high = FIRST * unit;
  let entropy = entropyAt(high);
  let low = high;
  if (entropy >= target) {
    while (entropy >= target && high < LARGEST * unit) {
      low = high;
      high *= 2;
      entropy = entropyAt(high);
    }
    if (entropy >= target) return high;
  } else {
    let best = { scale: high, entropy };
    while (entropy < target && low > SMALLEST * unit) {
      high = low;
      low /= 2;
      entropy = entropyAt(low);
      if (entropy > best.entropy) best = { scale: low, entropy };
    }
    if (entropy < target) return best.scale;
  }
  for (let i = 0; i < BISECTIONS; i++) {
    const middle = Math.sqrt(low * high);
    if (entropyAt(middle) >= target) low = middle;
    else high = middle;
  }
  return Math.sqrt(low * high);
}
