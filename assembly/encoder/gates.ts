import { exp4 } from "../exp";

/** Returns 1 / (1 + e^-x) of four values. */
// @ts-ignore: decorator
@inline
function sigmoid4(x: v128): v128 {
  const one = f32x4.splat(1);
  return f32x4.div(one, f32x4.add(one, exp4(f32x4.neg(x))));
}

/** Returns tanh x = 1 − 2 / (1 + e^2x) of four values. */
// @ts-ignore: decorator
@inline
function tanh4(x: v128): v128 {
  const one = f32x4.splat(1);
  return f32x4.sub(one, f32x4.div(f32x4.splat(2), f32x4.add(one, exp4(f32x4.add(x, x)))));
}

/** The arguments of a step of gated recurrent units, for several sequences. */
@unmanaged
export class GruStep {
  inputs: usize; // f32 (rowCount, 3 · units): the products of the inputs with their weights, biases included
  states: usize; // f32 (rowCount, 3 · units): the products of the previous states, biases included
  previous: usize; // f32 (rowCount, units): the previous states
  units: i32; // a multiple of 4
}

/**
 * Computes a step of gated recurrent units (Cho et al. 2014, in the form of PyTorch):
 *
 *     r = σ(inputs_r + states_r)   z = σ(inputs_z + states_z)   n = tanh(inputs_n + r · states_n)
 *     out = n + z · (previous − n)
 *
 * The gates r, z and n overwrite the inputs, for the backward pass. O(rowCount · units).
 *
 * step: GruStep. out: f32 (rowCount, units).
 */
export function gruForward(step: usize, out: usize, rowCount: i32): void {
  const s = changetype<GruStep>(step);
  const width = <usize>s.units << 2;
  let inputs = s.inputs, states = s.states, previous = s.previous;
  for (let row = 0; row < rowCount; row++, inputs += 2 * width, states += 2 * width) {
    for (const end = inputs + width; inputs < end; inputs += 16, states += 16, previous += 16, out += 16) {
      const update = inputs + width, fresh = update + width;
      const r = sigmoid4(f32x4.add(v128.load(inputs), v128.load(states)));
      const z = sigmoid4(f32x4.add(v128.load(update), v128.load(states + width)));
      const n = tanh4(f32x4.add(v128.load(fresh), f32x4.mul(r, v128.load(states + 2 * width))));
      v128.store(inputs, r);
      v128.store(update, z);
      v128.store(fresh, n);
      v128.store(out, f32x4.add(n, f32x4.mul(z, f32x4.sub(v128.load(previous), n))));
    }
  }
}
