import { at } from "../reference/at.ts";
import { exp32 } from "../reference/exp.ts";

/** The arithmetic of a reference: that of the kernels, or that of derivatives. */
export interface Arithmetic {
  readonly round: (x: number) => number;
  readonly exp: (x: number) => number;
}

/** Every result is rounded to f32, and e^x is that of the kernels. */
export const F32: Arithmetic = { round: Math.fround, exp: exp32 };
/** Nothing is rounded, for central differences. */
export const F64: Arithmetic = { round: (x) => x, exp: Math.exp };

type Rows = number[][];

/** Returns weight · x + bias, beginning with the bias. */
export function affine({ round }: Arithmetic, weight: Rows, bias: readonly number[], x: readonly number[]): number[] {
  return weight.map((row, i) => row.reduce((sum, w, k) => round(sum + round(at(x, k) * w)), at(bias, i)));
}

export interface PlainStep {
  readonly r: number[];
  readonly z: number[];
  readonly n: number[];
  readonly out: number[];
}

/** A step of gruForward for one sequence, from the products of its input and of its previous state. */
export function gruStep(a: Arithmetic, inputs: number[], states: number[], previous: number[]): PlainStep {
  const { round, exp } = a;
  const units = previous.length;
  const sigmoid = (x: number) => round(1 / round(1 + exp(-x)));
  const tanh = (x: number) => round(1 - round(2 / round(1 + exp(round(x + x)))));
  const part = (from: number) => previous.map((_, i) => round(at(inputs, from + i) + at(states, from + i)));
  const r = part(0).map(sigmoid);
  const z = part(units).map(sigmoid);
  const n = r.map((ri, i) => tanh(round(at(inputs, 2 * units + i) + round(ri * at(states, 2 * units + i)))));
  const out = n.map((ni, i) => round(ni + round(at(z, i) * round(at(previous, i) - ni))));
  return { r, z, n, out };
}

/** The backward pass of gruStep: gradients by the products of the input and of the state, and by the previous state. */
export function gruStepBack(
  { round }: Arithmetic,
  { r, z, n }: PlainStep,
  states: number[],
  previous: number[],
  gradient: number[],
): { readonly inputs: number[]; readonly states: number[]; readonly previous: number[] } {
  const units = previous.length;
  const times = (...factors: number[]) => factors.reduce((product, factor) => round(product * factor));
  const fresh = gradient.map((g, i) => times(times(g, round(1 - at(z, i))), round(1 - times(at(n, i), at(n, i)))));
  const reset = fresh.map((f, i) => times(times(f, at(states, 2 * units + i)), times(at(r, i), round(1 - at(r, i)))));
  const update = gradient.map((g, i) =>
    times(times(g, round(at(previous, i) - at(n, i))), times(at(z, i), round(1 - at(z, i)))),
  );
  return {
    inputs: [...reset, ...update, ...fresh],
    states: [...reset, ...update, ...fresh.map((f, i) => times(f, at(r, i)))],
    previous: gradient.map((g, i) => times(g, at(z, i))),
  };
}
