import type { Mixture } from "../../src/answers/recommend-options.ts";
import { logSumExp } from "./enumeration.ts";

/** log Q′ of every class in plain f64, from log Q and the biases. */
export function mixtureLogQ(
  logQ: Float32Array,
  bias: Float32Array | Float64Array,
  takesPart: (id: number) => boolean,
  mixture: Mixture,
): number[] {
  const { uniform = 0, popularity: { share = 0, power = 1 } = {} } = mixture;
  const tilted = Array.from(bias, (value, id) => (takesPart(id) ? power * value : Number.NEGATIVE_INFINITY));
  const total = logSumExp(tilted);
  const count = tilted.filter(Number.isFinite).length;
  return tilted.map((tilt, id) => {
    if (!Number.isFinite(tilt)) return Number.NEGATIVE_INFINITY;
    const parts = [1 - uniform - share, uniform, share].map(Math.log);
    return logSumExp([logQ[id] as number, -Math.log(count), tilt - total].map((log, i) => log + (parts[i] as number)));
  });
}
