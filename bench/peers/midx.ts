// This library, measured like its peers: an index file, loaded, and topK.
import { readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import type { TopKOptions } from "../../src/answers/options.ts";
import type { RowType } from "../../src/format/facts.ts";
import { loadWith } from "../../src/index/load.ts";
import type { MultiIndex } from "../../src/index/multi-index.ts";
import type { Modules } from "../../src/memory/kernels.ts";
import { baseModules, buildMeasured, modules } from "../library.ts";
import { scratchPath } from "./folder.ts";
import type { Peer, PeerIndex } from "./peer.ts";

/**
 * The numbers of codes read, and of rows scored exactly as multiples of k, in addition to those of the index's own
 * recall curve.
 */
const SCANS = [4096, 8192, 16384, 24576, 32768, 49152, 65536, 98304, 131072, Number.POSITIVE_INFINITY];
const RESCORES = [5, 10, 20, 30, 40];
/**
 * The number of queries with which the build measures recall: the number of rows that it takes if it is given no
 * queries.
 */
const CALIBRATION = 256;
/** The calls of a user who leaves the settings to the library. */
const CALLS: readonly TopKOptions[] = [{ recall: 0.95 }, { recall: 0.99 }, { exact: true }];

export const midx: readonly Peer[] = [
  variant("midx", modules, "i8"),
  variant("midx, base SIMD", baseModules, "i8"),
  variant("midx, residuals", modules, "i8", true),
  variant("midx, f16 rows", modules, "f16"),
];

function variant(name: string, modules: Modules, rowType: RowType, residuals = false): Peer {
  return {
    name,
    version: "this checkout",
    runtime: "wasm",
    efforts: [],
    takesBias: true,
    build: async (data, count, dim, metric, known) => {
      const matrix = { data, shape: [count, dim] } as const;
      const { bias, counts, queries } = known ?? {};
      const calibration = queries && spaced(queries, dim);
      const given = { ...(bias && { bias }), ...(counts && { counts }), ...(calibration && { queries: calibration }) };
      const path = scratchPath();
      writeFileSync(
        path,
        await buildMeasured(matrix, { ...given, bits: 8, rowType, residuals, metric, fineCodes: true }),
      );
      return open(path, modules);
    },
    open: (path) => open(path, modules),
  };
}

/** Returns evenly spaced rows, since the vectors of more frequent words come first. */
function spaced(queries: Float32Array, dim: number): Float32Array {
  const step = queries.length / dim / CALIBRATION;
  return Float32Array.from({ length: CALIBRATION * dim }, (_, i) => {
    return queries[Math.floor(Math.floor(i / dim) * step) * dim + (i % dim)] as number;
  });
}

async function open(path: string, modules: Modules): Promise<Loaded> {
  return new Loaded(path, await loadWith(modules, readFileSync(path)));
}

class Loaded implements PeerIndex {
  readonly bytes: number;
  readonly path: string;
  /** The settings for each k. An effort is an index into them. */
  readonly #settings = new Map<number, readonly TopKOptions[]>();
  readonly #index: MultiIndex;

  constructor(path: string, index: MultiIndex) {
    this.path = path;
    this.bytes = statSync(path).size;
    this.#index = index;
  }

  search(query: Float32Array, k: number, effort: number): Int32Array {
    return this.#index.topK(query, k, this.#settingsFor(k)[effort]).ids;
  }

  effortsFor(k: number): number[] {
    return Array.from(this.#settingsFor(k).keys());
  }

  describe(k: number, effort: number): string {
    const { recall, exact, scan = 0, rescore = 0 } = this.#settingsFor(k)[effort] as TopKOptions;
    if (exact) return "exact";
    if (recall !== undefined) return `recall ${recall}`;
    return `scan ${scan.toLocaleString("en")}, rescore ${rescore.toLocaleString("en")}`;
  }

  #settingsFor(k: number): readonly TopKOptions[] {
    const known = this.#settings.get(k);
    if (known) return known;
    const { itemCount, recallCurves } = this.#index.info;
    const points = recallCurves.find((curve) => curve.k === k)?.points ?? [];
    const byHand = new Map<string, TopKOptions>();
    const add = (scan: number, rescore: number): void => {
      byHand.set(`${scan} ${rescore}`, { scan, rescore });
    };
    for (const { scan, rescore } of points) add(scan, rescore);
    for (const scan of SCANS) for (const factor of RESCORES) add(Math.min(scan, itemCount), factor * k);
    const reached = points.at(-1)?.recall ?? 0;
    const settings = [...byHand.values(), ...CALLS.filter(({ recall = 0 }) => recall <= reached)];
    this.#settings.set(k, settings);
    return settings;
  }

  dispose(): void {
    this.#index.dispose();
    rmSync(this.path);
  }
}
