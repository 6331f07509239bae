// Native contenders that need no binding: C++ programs of this folder's native/, which install-native.ts compiles.
import { existsSync, readFileSync } from "node:fs";
import { nativePath } from "./folder.ts";
import { type NativeEffort, NativeIndex } from "./native-index.ts";
import { HNSW, type Peer } from "./peer.ts";
import { unitRows } from "./unit.ts";

/** Multiples of k that are scored again. */
const REFINED = [1, 2, 4, 8, 16, 32, 64];
const PROBES = [4, 8, 16, 32, 64, 128, 256];

const refined: readonly NativeEffort[] = REFINED.map((rescored) => ({
  label: `refined, in k: ${rescored}`,
  effort: 0,
  rescored,
}));
const probed: readonly NativeEffort[] = PROBES.flatMap((effort) =>
  [4, 16, 64].map((rescored) => ({ label: `nprobe ${effort}, refined, in k: ${rescored}`, effort, rescored })),
);

/** faiss's fast-scan: codes of 4 bits for every two values. */
const pq4 = (dim: number): string => `PQ${dim / 2}x4fs,RFlat`;
const ivfPq4 = (dim: number): string => `IVF1024,${pq4(dim)}`;

interface Kind {
  readonly name: string;
  readonly program: string;
  readonly efforts: readonly NativeEffort[];
  /** The description for faiss's index factory. */
  readonly factory?: (dim: number) => string;
  readonly takesBias?: boolean;
}

const KINDS: readonly Kind[] = [
  {
    name: "VNNI scan",
    program: "vnni",
    efforts: [1, 2, 5, 10].map((rescored) => ({ label: `rescored, in k: ${rescored}`, effort: 0, rescored })),
    takesBias: true,
  },
  {
    name: "hnswlib C++",
    program: "hnswlib",
    efforts: HNSW.efSearch.map((effort) => ({ label: `ef ${effort}`, effort, rescored: 1 })),
  },
  { name: "faiss PQ4fs", program: "faiss", efforts: refined, factory: pq4 },
  { name: "faiss IVF1024,PQ4fs", program: "faiss", efforts: probed, factory: ivfPq4 },
  { name: "faiss (generic) PQ4fs", program: "faiss-generic", efforts: refined, factory: pq4 },
  { name: "faiss (generic) IVF1024,PQ4fs", program: "faiss-generic", efforts: probed, factory: ivfPq4 },
];

/** Returns the contenders whose programs are compiled. Prints a line for each of the others. */
export function nativePeers(): Peer[] {
  return KINDS.flatMap((kind) => {
    const program = nativePath(kind.program);
    if (existsSync(program)) return [peerOf(kind, program)];
    console.log(`${kind.name} is not compiled: npx node bench/peers/install-native.ts`);
    return [];
  });
}

function peerOf({ name, program: kept, efforts, factory, takesBias = false }: Kind, program: string): Peer {
  return {
    name,
    version: readFileSync(nativePath(`${kept}.version`), "utf8"),
    runtime: "native",
    efforts: [],
    takesBias,
    build: async (data, count, dim, metric, known) => {
      const rows = metric === "cosine" ? unitRows(data, dim) : data;
      const bias = (takesBias && known?.bias) || new Float32Array(count);
      return NativeIndex.build(program, factory?.(dim) ?? "", efforts, rows, bias);
    },
    open: (path, dim) => NativeIndex.open(program, efforts, path, dim),
  };
}
