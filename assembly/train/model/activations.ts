import { exp64 } from "../../exp";

/** values[i] = tanh(values[i]), in f64 and rounded once; 1 − 2 / (e^2x + 1) keeps its sign and its bounds. */
export function tanhInPlace(values: usize, count: i32): void {
  for (let end = values + (<usize>count << 2); values < end; values += 4) {
    store<f32>(values, <f32>(1 - 2 / (exp64(2 * <f64>load<f32>(values)) + 1)));
  }
}

/** gradients[i] ← gradients[i] · (1 − outputs[i]²): through tanh, from its outputs. */
export function tanhGradient(outputs: usize, gradients: usize, count: i32): void {
  for (let end = outputs + (<usize>count << 2); outputs < end; outputs += 4, gradients += 4) {
    const output = load<f32>(outputs);
    store<f32>(gradients, load<f32>(gradients) * (1 - output * output));
  }
}

/** values[i] = max(values[i], 0). */
export function reluInPlace(values: usize, count: i32): void {
  for (let end = values + (<usize>count << 2); values < end; values += 4) {
    store<f32>(values, max<f32>(load<f32>(values), 0));
  }
}

/** gradients[i] stays where outputs[i] > 0 and is 0 elsewhere. */
export function reluGradient(outputs: usize, gradients: usize, count: i32): void {
  for (let end = outputs + (<usize>count << 2); outputs < end; outputs += 4, gradients += 4) {
    if (!(load<f32>(outputs) > 0)) store<f32>(gradients, 0);
  }
}
