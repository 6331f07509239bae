import { exp64 } from "../../exp";

/**
 * Sets values[i] to tanh(values[i]), computed in f64 and rounded once. 1 − 2 / (e^2x + 1) keeps the sign and the
 * bounds. values: f32 (count).
 */
export function tanhInPlace(values: usize, count: i32): void {
  for (let end = values + (<usize>count << 2); values < end; values += 4) {
    store<f32>(values, <f32>(1 - 2 / (exp64(2 * <f64>load<f32>(values)) + 1)));
  }
}

/**
 * Multiplies gradients[i] by 1 − outputs[i]²: the gradient through tanh, from its outputs. outputs, gradients: f32
 * (count).
 */
export function tanhGradient(outputs: usize, gradients: usize, count: i32): void {
  for (let end = outputs + (<usize>count << 2); outputs < end; outputs += 4, gradients += 4) {
    const output = load<f32>(outputs);
    store<f32>(gradients, load<f32>(gradients) * (1 - output * output));
  }
}

/**
 * Sets gradients[i] to 0 unless outputs[i] > 0: the gradient through ReLU, from its outputs. outputs, gradients: f32
 * (count).
 */
export function reluGradient(outputs: usize, gradients: usize, count: i32): void {
  for (let end = outputs + (<usize>count << 2); outputs < end; outputs += 4, gradients += 4) {
    if (!(load<f32>(outputs) > 0)) store<f32>(gradients, 0);
  }
}
