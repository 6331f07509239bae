import * as structs from "../../build/structs.ts";
import * as abi from "../abi.ts";
import { type OpenedIndex, read } from "../memory/opened-index.ts";

/**
 * Computes log Q of classes by position under the proposal by fine codes in place. `scores` are their exact scores under
 * the conditions, −∞ for those that are filtered out.
 */
export function logQByCodes(opened: OpenedIndex, positions: Int32Array, scores: Float32Array): Float64Array {
  const { kernels, plan, conditions, header } = opened;
  const massShift = read(opened, structs.SEARCH_MASS_SHIFT);
  const tailCount = read(opened, structs.SEARCH_TAIL_TOTAL) > 0 ? header.facts.itemCount : 0;
  const masses = new Float32Array(kernels.memory.buffer, plan.regions.codeMasses, tailCount);
  const { shift, logTotal } = proposalTotal(opened);
  const logHead = (i: number): number => (scores[i] as number) * conditions.inverseTemperature;
  return Float64Array.from(positions, (position, i) => {
    if (scores[i] === Number.NEGATIVE_INFINITY) return Number.NEGATIVE_INFINITY;
    const mass = masses[position] ?? 0; // 0 in the head
    const logMass = mass > 0 ? kernels.log64(mass) + (massShift - shift) : logHead(i) - shift;
    return Math.min(0, logMass - logTotal); // as in assembly/log-probability.ts
  });
}

/**
 * Returns log S' of the proposal in place minus a shift. For very large logits, log S' itself would lose the digits that tell
 * masses apart. The shift is then the larger part of S', and otherwise 0.
 */
export function proposalTotal(opened: OpenedIndex): { readonly shift: number; readonly logTotal: number } {
  const { kernels, conditions } = opened;
  const tail = read(opened, structs.SEARCH_TAIL_TOTAL);
  const massShift = read(opened, structs.SEARCH_MASS_SHIFT);
  const headShift = read(opened, structs.SEARCH_HEAD_MAX) * conditions.inverseTemperature;
  const shift = tail > 0 ? Math.max(headShift, massShift) : headShift;
  if (!(Math.abs(shift) > 2 ** abi.COARSE_EXPONENT))
    return { shift: 0, logTotal: read(opened, structs.SEARCH_LOG_PROPOSAL) };
  const head = read(opened, structs.SEARCH_HEAD_SUM) * kernels.exp64(headShift - shift);
  const rest = tail > 0 ? tail * kernels.exp64(massShift - shift) : 0;
  return { shift, logTotal: kernels.log64(head + rest) };
}
