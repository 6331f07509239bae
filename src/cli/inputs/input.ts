/** A file of N embedding vectors of D values, read in chunks of rows. */
export interface EmbeddingInput {
  readonly itemCount: number;
  readonly dim: number;
  /**
   * Chunks of at most `chunkRows` rows in order, from `firstRow` (default 0) to the end, each f32 of rows × dim, which
   * the next chunk overwrites. Values that are not finite are refused.
   */
  rows(chunkRows: number, firstRow?: number): AsyncIterable<Float32Array<ArrayBuffer>>;
  /** A number for each row, if the caller named a bias. */
  bias(): Promise<Float32Array<ArrayBuffer> | undefined>;
  close(): Promise<void>;
}

export interface InputOptions {
  /** The tensor of a .safetensors file; may be missing if only one could be meant. */
  readonly tensor?: string | undefined;
  /** The bias: a tensor of the same .safetensors file, or another file beside an input of any other kind. */
  readonly bias?: string | undefined;
  /** Needed for raw f32; for the others it must be what the file says. */
  readonly dim?: number | undefined;
}

/** Values read at a time: 4 MiB of f32. */
const CHUNK_VALUES = 1 << 20;

/** All rows: `data` is f32 of N × D. */
export async function readAll(
  input: EmbeddingInput,
): Promise<{ data: Float32Array<ArrayBuffer>; shape: [itemCount: number, dim: number] }> {
  const { itemCount, dim } = input;
  const data = new Float32Array(itemCount * dim);
  let filled = 0;
  for await (const chunk of input.rows(Math.max(1, Math.floor(CHUNK_VALUES / Math.max(1, dim))))) {
    data.set(chunk, filled);
    filled += chunk.length;
  }
  return { data, shape: [itemCount, dim] };
}
