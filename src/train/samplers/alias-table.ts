/**
 * Walker's alias table, built by Vose's method. The function it returns draws an index with probability ∝ masses in O(1),
 * from two uniform numbers in [0, 1). An index of mass 0 is never drawn.
 */
export function aliasTable(masses: Float64Array): (column: number, height: number) => number {
  const count = masses.length;
  let total = 0;
  for (const mass of masses) total += mass;
  const heights = masses.map((mass) => (mass / total) * count);
  const aliases = Int32Array.from({ length: count }, (_, i) => i);
  const low: number[] = [];
  const high: number[] = [];
  for (const [i, height] of heights.entries()) (height < 1 ? low : high).push(i);
  while (low.length > 0 && high.length > 0) {
    const short = low.pop() as number;
    const tall = high[high.length - 1] as number;
    aliases[short] = tall;
    heights[tall] = (heights[tall] as number) - (1 - (heights[short] as number));
    if ((heights[tall] as number) >= 1) continue;
    high.pop();
    low.push(tall);
  }
  // Indexes that rounding leaves over fill their column, except those without mass.
  const likeliest = masses.indexOf(masses.reduce((most, mass) => Math.max(most, mass), 0));
  for (const i of low) {
    if ((masses[i] as number) > 0) heights[i] = 1;
    else aliases[i] = likeliest;
  }
  return (column, height) => {
    const i = Math.floor(column * count);
    return height < (heights[i] as number) ? i : (aliases[i] as number);
  };
}
