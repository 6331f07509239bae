// Sets parameters in saved faiss indexes. They are little-endian, at places that follow from faiss/impl/index_write.cpp
// (1.7 to 1.11).

/** The header: four letters for the kind, d i32, ntotal i64, two unused i64, is_trained u8, metric i32. */
const HEADER = 4 + 4 + 8 + 8 + 8 + 1 + 4;

export const [INNER_PRODUCT, L2] = [0, 1] as const;

/** Sets the metric that scores rows. The quantizer that orders cells has its own. */
export function setMetric(file: Uint8Array, metric: number): void {
  expectKind(file, "IwFl");
  view(file).setInt32(HEADER - 4, metric, true);
}

/** Sets nprobe of an IVF, which follows nlist (u64). */
export function setProbes(file: Uint8Array, probes: number): void {
  expectKind(file, "IwFl");
  view(file).setBigUint64(HEADER + 8, BigInt(probes), true);
}

export const setEfConstruction = (file: Uint8Array, ef: number): void => setOfGraph(file, 0, ef);
export const setEfSearch = (file: Uint8Array, ef: number): void => setOfGraph(file, 4, ef);

/**
 * Sets efSearch of an HNSW: five vectors (length u64, values), entry point i32, highest level i32, efConstruction i32,
 * efSearch i32.
 */
function setOfGraph(file: Uint8Array, offset: number, ef: number): void {
  expectKind(file, "IHNf");
  const fields = view(file);
  let at = HEADER;
  for (const size of [8, 4, 4, 8, 4]) at += 8 + size * Number(fields.getBigUint64(at, true));
  fields.setInt32(at + 8 + offset, ef, true);
}

function expectKind(file: Uint8Array, kind: string): void {
  const found = String.fromCharCode(...file.subarray(0, 4));
  if (found !== kind) throw new Error(`a saved faiss index of kind ${found}, not ${kind}`);
}

const view = (file: Uint8Array): DataView => new DataView(file.buffer, file.byteOffset, file.byteLength);
