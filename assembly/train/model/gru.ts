import { GruStep } from "../../encoder/gates";

/**
 * The backward pass of gruForward. The gates become the gradients of the inputs, and the products of the previous states become
 * their own gradients. The direct part of the gradients of the previous states is added to `previousGradients`. O(rowCount ·
 * units).
 *
 * step: GruStep, as gruForward has left it. gradients: f32 (rowCount, units), of the outputs. previousGradients: f32 (rowCount,
 * units).
 */
export function gruBackward(step: usize, gradients: usize, previousGradients: usize, rowCount: i32): void {
  const s = changetype<GruStep>(step);
  const width = <usize>s.units << 2;
  let gates = s.inputs, states = s.states, previous = s.previous;
  const one = f32x4.splat(1);
  for (let row = 0; row < rowCount; row++, gates += 2 * width, states += 2 * width) {
    for (const end = gates + width; gates < end; gates += 16, states += 16) {
      const r = v128.load(gates), z = v128.load(gates + width), n = v128.load(gates + 2 * width);
      const gradient = v128.load(gradients);
      const fresh = f32x4.mul(f32x4.mul(gradient, f32x4.sub(one, z)), f32x4.sub(one, f32x4.mul(n, n)));
      const reset = f32x4.mul(f32x4.mul(fresh, v128.load(states + 2 * width)), f32x4.mul(r, f32x4.sub(one, r)));
      const difference = f32x4.sub(v128.load(previous), n);
      const update = f32x4.mul(f32x4.mul(gradient, difference), f32x4.mul(z, f32x4.sub(one, z)));
      v128.store(gates, reset);
      v128.store(gates + width, update);
      v128.store(gates + 2 * width, fresh);
      v128.store(states, reset);
      v128.store(states + width, update);
      v128.store(states + 2 * width, f32x4.mul(fresh, r));
      v128.store(previousGradients, f32x4.add(v128.load(previousGradients), f32x4.mul(gradient, z)));
      previous += 16;
      gradients += 16;
      previousGradients += 16;
    }
  }
}
