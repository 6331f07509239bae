import { TARGET_BYTES, TARGET_OFFSETS, TARGET_OUT } from "../../../build/structs.ts";
import type { Quantizer } from "../kmeans/quantizer.ts";
import { placeTables } from "./codeword-tables.ts";
import { packVectors } from "./packed-vectors.ts";
import type { QueryGroup } from "./query-groups.ts";
import type { FitTools } from "./resident-classes.ts";

/** Inner products of the codewords with the queries of a group. The scores of each codebook are f32 (K, width). */
export interface SubScores {
  readonly scores1Ptr: number;
  readonly scores2Ptr: number;
  /** The address of the struct that points to both. */
  readonly tablesPtr: number;
}

export function subScores({ kernels, arena }: FitTools, quantizer: Quantizer, group: QueryGroup): SubScores {
  const { codewordCount, dim1, dim2, codebook1, codebook2 } = quantizer;
  const { width } = group;
  const multiply = (codebook: Float32Array, queries: Float32Array, dim: number): number => {
    const scoresPtr = arena.take(codewordCount * width * 4);
    const nested = arena.nest();
    const codebookPtr = nested.take(codebook.byteLength);
    const zerosPtr = nested.take(codewordCount * 4);
    const panelsPtr = packVectors(kernels, nested, queries, width, dim);
    const targetPtr = nested.struct(TARGET_BYTES, { [TARGET_OUT]: scoresPtr, [TARGET_OFFSETS]: zerosPtr });
    nested.f32(codebookPtr, codebook.length).set(codebook);
    nested.f32(zerosPtr, codewordCount).fill(0);
    kernels.panelProducts(codebookPtr, panelsPtr, codewordCount, width, dim, targetPtr);
    return scoresPtr;
  };
  const [queries1, queries2] = queryParts(quantizer, group);
  const scores1Ptr = multiply(codebook1, queries1, dim1);
  const scores2Ptr = multiply(codebook2, queries2, dim2);
  return { scores1Ptr, scores2Ptr, tablesPtr: placeTables(arena, scores1Ptr, scores2Ptr, width) };
}

/** Returns the vectors that each codebook is multiplied with: the queries or their halves. */
export function queryParts(
  { kind, dim, dim1 }: Quantizer,
  { queries, width }: Pick<QueryGroup, "queries" | "width">,
): [Float32Array, Float32Array] {
  if (kind === "rq") return [queries, queries];
  return [columnsOf(queries, width, dim, 0, dim1), columnsOf(queries, width, dim, dim1, dim)];
}

function columnsOf(values: Float32Array, count: number, dim: number, from: number, to: number): Float32Array {
  const columns = new Float32Array(count * (to - from));
  for (let i = 0; i < count; i++) columns.set(values.subarray(i * dim + from, i * dim + to), i * (to - from));
  return columns;
}
