import { checkCount } from "../../../checks/check.ts";
import { copyFloats } from "../../../index/copied-arguments.ts";
import {
  BUCKETS_BIASES,
  BUCKETS_BYTES,
  BUCKETS_CELLS,
  BUCKETS_DRAW_IDS,
  BUCKETS_DRAW_LOG_Q,
  BUCKETS_EXCLUDED_IDS,
  BUCKETS_PANELS_1,
  BUCKETS_PANELS_2,
  BUCKETS_QUERY,
} from "../../abi.ts";
import { startArena } from "../../runtime/arena.ts";
import type { TrainKernels } from "../../runtime/kernels.ts";
import type { Proposal, QuantizedClasses, QueryProposal } from "./proposal.ts";

/**
 * Plain MIDX by tables made for a training (assembly/train/bucket-proposal): the distribution of `MultiIndex.sample`
 * without a head, in a fraction of its time, since nothing is kept in order for a head.
 * Takes the memory of the instance for as long as the proposal is in use.
 */
export function bucketProposal(
  kernels: TrainKernels,
  { quantizer, codes, biases }: QuantizedClasses,
  maxDraws: number,
): Proposal {
  const { codewordCount, dim, dim1, dim2 } = quantizer;
  const itemCount = biases.length;
  const arena = startArena(kernels);
  const buckets = arena.take(BUCKETS_BYTES);
  const tables = arena.take(0);
  const bits = 31 - Math.clz32(codewordCount);
  arena.take(kernels.planBuckets(buckets, tables, itemCount, bits, dim, dim1, dim2, maxDraws) - tables);
  const spare = arena.take(codewordCount * dim * 4);
  const fields = new DataView(kernels.memory.buffer, buckets, BUCKETS_BYTES);
  const at = (field: number): number => fields.getUint32(field, true);

  pack(quantizer.codebook1, dim1, at(BUCKETS_PANELS_1));
  pack(quantizer.codebook2, dim2, at(BUCKETS_PANELS_2));
  arena.f32(at(BUCKETS_BIASES), itemCount).set(biases);
  const cells = arena.i32(at(BUCKETS_CELLS), itemCount);
  const columns = kernels.columnCount(buckets);
  for (let id = 0; id < itemCount; id++) {
    cells[id] = (codes.codes1[id] as number) * columns + (codes.codes2[id] as number);
  }
  kernels.weighBuckets(buckets);

  function pack(codebook: Float32Array, width: number, panels: number): void {
    arena.f32(spare, codebook.length).set(codebook);
    kernels.packPanels(spare, codewordCount, width, panels);
  }

  const queryAt = arena.f32(at(BUCKETS_QUERY), dim);
  const excludedIds = arena.i32(at(BUCKETS_EXCLUDED_IDS), itemCount);
  const drawIds = arena.i32(at(BUCKETS_DRAW_IDS), maxDraws);
  const drawLogQ = arena.f64(at(BUCKETS_DRAW_LOG_Q), maxDraws);
  const proposal: QueryProposal = {
    draw(count, seed) {
      checkCount("count", count, maxDraws, "maxDraws");
      kernels.drawBuckets(buckets, count, seed);
      return { ids: drawIds.slice(0, count), logQ: drawLogQ.slice(0, count) };
    },
    logQ(ids) {
      const logQ = new Float64Array(ids.length);
      for (let first = 0; first < ids.length; first += maxDraws) {
        const count = Math.min(maxDraws, ids.length - first);
        for (let i = 0; i < count; i++) drawIds[i] = ids[first + i] as number;
        kernels.logQOfClasses(buckets, count);
        for (let i = 0; i < count; i++) logQ[first + i] = drawLogQ[i] as number;
      }
      return logQ;
    },
  };
  return (query, out) => {
    copyFloats("query", query, queryAt);
    kernels.readmit(buckets);
    let excluded = 0;
    for (const id of out) excludedIds[excluded++] = id;
    kernels.exclude(buckets, excluded);
    kernels.proposeBuckets(buckets);
    return proposal;
  };
}
