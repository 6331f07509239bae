const f32 = Math.fround;

/** (v[0] + v[2]) + (v[1] + v[3]) in f32: the order in which every vector of four sums is added. */
export function sumLanes(lanes: Float32Array): number {
  const [v0 = 0, v1 = 0, v2 = 0, v3 = 0] = lanes;
  return f32(f32(v0 + v2) + f32(v1 + v3));
}

/** Sums in f32 by lane: lane l of the four is values[l] + values[l + 4] + …, from left to right. */
export function laneSums(values: Float32Array): Float32Array {
  const lanes = new Float32Array(4);
  for (const [i, value] of values.entries()) lanes[i % 4] = (lanes[i % 4] as number) + value;
  return lanes;
}

/** The largest value. There must be at least one. */
export const maxOf = (values: Float32Array): number => values.reduce((top, value) => Math.max(top, value));
