/** Adds terms to totals of the same length, element by element. */
export function addTo(totals: Float64Array, terms: Float64Array): void {
  for (let i = 0; i < totals.length; i++) totals[i] = (totals[i] as number) + (terms[i] as number);
}
