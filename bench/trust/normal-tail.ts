/** P(X > z) of a standard normal X, to a relative error of 1e-6 for z up to 35. */
export function normalTail(z: number): number {
  if (z < 0) return 1 - normalTail(-z);
  if (z < 3) {
    // the series of the distribution function
    let [term, sum] = [z, z];
    for (let n = 1; n < 100; n++) {
      term *= (z * z) / (2 * n + 1);
      sum += term;
    }
    return 0.5 - (sum * Math.exp(-0.5 * z * z)) / Math.sqrt(2 * Math.PI);
  }
  // the continued fraction of Mills' ratio
  let ratio = z;
  for (let n = 60; n > 0; n--) ratio = z + n / ratio;
  return Math.exp(-0.5 * z * z) / Math.sqrt(2 * Math.PI) / ratio;
}
