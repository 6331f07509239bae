import type { EmbeddingInput } from "../inputs/input.ts";
import type { PlannedPart } from "./plan.ts";

/** The rows of one part, and their numbers and labels, as an input of its own. Features belong to no part. */
export function blockOf(
  input: EmbeddingInput,
  { firstRow, rows }: Pick<PlannedPart, "firstRow" | "rows">,
): EmbeddingInput {
  const end = firstRow + rows;
  const slice = <T extends { slice(from: number, to: number): T }>(values: T | undefined): T | undefined =>
    values?.slice(firstRow, end);
  return {
    ...input,
    itemCount: rows,
    dropped: 0,
    rows: (chunkRows, first = 0) => upTo(input.rows(chunkRows, firstRow + first), (rows - first) * input.dim),
    bias: async () => slice(await input.bias()),
    counts: async () => slice(await input.counts()),
    labels: async () => (await input.labels())?.slice(firstRow, end),
    columns: async () => {
      const { columns, namespaces } = (await input.columns()) ?? {};
      const sliced = Object.entries(columns ?? {}).map(([name, { type, values }]) => [
        name,
        { type, values: Array.from(values).slice(firstRow, end) },
      ]);
      return {
        ...(columns && { columns: Object.fromEntries(sliced) }),
        ...(namespaces && { namespaces: namespaces.slice(firstRow, end) }),
      };
    },
  };
}

/** Yields chunks up to `length` values in all. */
async function* upTo(
  chunks: AsyncIterable<Float32Array<ArrayBuffer>>,
  length: number,
): AsyncGenerator<Float32Array<ArrayBuffer>> {
  let left = length;
  if (left <= 0) return;
  for await (const chunk of chunks) {
    yield chunk.subarray(0, left);
    left -= chunk.length;
    if (left <= 0) return;
  }
}
