/** The decay of the mean gradient and of its mean square. */
const DECAY_1 = 0.9;
const DECAY_2 = 0.999;
const SMALLEST_ROOT = 1e-12;

/** Adam (Kingma & Ba 2015) on one array of parameters. All but the parameters is f64. */
export interface Adam {
  /** Moves the parameters against the gradient, each by about `rate`. */
  step(gradient: Float64Array, rate: number): void;
}

export function startAdam(parameters: Float32Array): Adam {
  const means = new Float64Array(parameters.length);
  const squares = new Float64Array(parameters.length);
  let [left1, left2] = [1, 1];
  return {
    step(gradient, rate) {
      left1 *= DECAY_1;
      left2 *= DECAY_2;
      for (let i = 0; i < parameters.length; i++) {
        const slope = gradient[i] as number;
        const mean = DECAY_1 * (means[i] as number) + (1 - DECAY_1) * slope;
        const square = DECAY_2 * (squares[i] as number) + (1 - DECAY_2) * slope * slope;
        means[i] = mean;
        squares[i] = square;
        const root = Math.sqrt(square / (1 - left2)) + SMALLEST_ROOT;
        parameters[i] = (parameters[i] as number) - (rate * mean) / (1 - left1) / root;
      }
    },
  };
}
