import { copyFloats } from "../../../index/copied-arguments.ts";
import { startArena } from "../../runtime/arena.ts";
import type { TrainKernels } from "../../runtime/kernels.ts";
import { takeBucketTables } from "./bucket-tables.ts";
import { checkDraws } from "./midx-options.ts";
import type { Proposal, QuantizedClasses, QueryProposal } from "./proposal.ts";

/**
 * Plain MIDX, computed from tables made for training (assembly/train/bucket-proposal). The distribution is that of
 * `MultiIndex.sample` without a head. It takes a fraction of the time, because buckets need no order. The proposal uses the
 * memory of the instance for as long as it is in use.
 */
export function bucketProposal(
  kernels: TrainKernels,
  { quantizer, codes, biases }: QuantizedClasses,
  maxDraws: number,
): Proposal {
  const { codewordCount, dim, dim1, dim2 } = quantizer;
  const itemCount = biases.length;
  const arena = startArena(kernels);
  const { buckets, columns, regions } = takeBucketTables(arena, quantizer, itemCount, maxDraws);
  const spare = arena.take(codewordCount * dim * 4);

  pack(quantizer.codebook1, dim1, regions.panels1);
  pack(quantizer.codebook2, dim2, regions.panels2);
  arena.f32(regions.biases, itemCount).set(biases);
  const cells = arena.i32(regions.cells, itemCount);
  for (let id = 0; id < itemCount; id++) {
    cells[id] = (codes.codes1[id] as number) * columns + (codes.codes2[id] as number);
  }
  kernels.weighBuckets(buckets);

  function pack(codebook: Float32Array, width: number, panels: number): void {
    arena.f32(spare, codebook.length).set(codebook);
    kernels.packPanels(spare, codewordCount, width, panels);
  }

  const queryAt = arena.f32(regions.query, dim);
  const excludedAt = arena.i32(regions.excludedIds, itemCount);
  const drawIds = arena.i32(regions.drawIds, maxDraws);
  const drawLogQ = arena.f64(regions.drawLogQ, maxDraws);
  const proposal: QueryProposal = {
    draw(count, seed) {
      checkDraws(count, maxDraws);
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
  return (query, excludedIds) => {
    copyFloats("query", query, queryAt);
    kernels.readmit(buckets);
    let excludedCount = 0;
    for (const id of excludedIds) excludedAt[excludedCount++] = id;
    kernels.exclude(buckets, excludedCount);
    kernels.proposeBuckets(buckets);
    return proposal;
  };
}
