import { sha256 } from "../../src/bytes/sha256.ts";
import { load, type MultiIndex } from "../../src/index.ts";
import { PartedIndex, partOf } from "../../src/parts/index.ts";
import { type Manifest, type ManifestPart, sealManifest } from "../../src/publication/manifest.ts";
import type { BuildOptions } from "../../src/train/build/build-options.ts";
import { load as loadInWorker } from "../../src/workerd.ts";
import { INDEX_LIMITS } from "../../worker/contract/limits.ts";
import { type PublishedManifest, routedFacts } from "../../worker/publication/manifest-at.ts";
import type { Publication, Publisher } from "../../worker/publication/publication.ts";
import { buildIndex } from "../fixtures/build-index.ts";
import { randomRows } from "../train/rows.ts";

const DIM = 8;

/** The files of a table in parts, and that of all rows. */
export interface PartedFiles {
  readonly manifest: Manifest;
  readonly files: readonly Uint8Array<ArrayBuffer>[];
  readonly whole: Uint8Array<ArrayBuffer>;
}

/** How a table is made and split. */
export interface PartedSpec {
  readonly version: string;
  readonly seed: number;
  /** The number of rows of each part. */
  readonly sizes: readonly number[];
  readonly replicas?: number;
  readonly previous?: string;
  readonly hasLabels?: boolean;
  /** The parts have columns and namespaces. */
  readonly hasColumns?: boolean;
  /** The parts have fine codes, and recall curves of their own. */
  readonly hasFineCodes?: boolean;
  /** The number of values of a row. Default: 8. */
  readonly dim?: number;
}

/** Builds the parts of a table of random rows with biases. */
export async function partedFiles({
  version,
  seed,
  sizes,
  replicas,
  previous,
  hasLabels = false,
  hasColumns = false,
  hasFineCodes = false,
  dim = DIM,
}: PartedSpec): Promise<PartedFiles> {
  const itemCount = sizes.reduce((sum, size) => sum + size, 0);
  const data = randomRows(itemCount * dim, seed);
  const bias = randomRows(itemCount, seed + 1);
  const build = (first: number, count: number) =>
    buildIndex(
      { data: data.slice(first * dim, (first + count) * dim), shape: [count, dim] },
      {
        ...{ bits: 2, seed: 1, rowType: "f32", bias: bias.slice(first, first + count) },
        ...(hasLabels && { labels: Array.from({ length: count }, (_, i) => `class ${first + i}`) }),
        ...(hasFineCodes && { fineCodes: true }),
        ...(hasColumns && columnsOf(Array.from({ length: count }, (_, i) => first + i))),
      },
    );
  const files: Uint8Array<ArrayBuffer>[] = [];
  const parts: ManifestPart[] = [];
  let idBase = 0;
  for (const [number, classes] of sizes.entries()) {
    const file = await build(idBase, classes);
    const index = await loadInWorker(file, INDEX_LIMITS);
    parts.push({
      ...{ number, file: `${version}-part-${number}.midx`, sha256: await sha256(file), byteLength: file.byteLength },
      ...{ classes, idBase, memoryBytes: index.info.memoryBytes },
      ...(replicas !== undefined && { replicas }),
    });
    index.dispose();
    files.push(file);
    idBase += classes;
  }
  const manifest = await sealManifest({
    ...{ version, classes: itemCount, facts: { dim, metric: "dot", hasLabels }, parts },
    ...{ recallCurves: null, calibration: null, log: null, ...(previous !== undefined && { previous }) },
  });
  return { manifest, files, whole: await build(0, itemCount) };
}

/** Values of some classes, so that the dictionaries of parts differ. */
const columnsOf = (ids: readonly number[]): Pick<BuildOptions, "columns" | "namespaces"> => ({
  columns: {
    price: { type: "number", values: ids.map((id) => (id * 37) % 101) },
    category: { type: "string", values: ids.map((id) => (id % 5 === 0 ? null : `category ${id % 7}`)) },
    stock: { type: "boolean", values: ids.map((id) => id % 3 !== 0) },
  },
  namespaces: ids.map((id) => ["one", "two"][id % 2]),
});

/** The versions that a test publishes one after the other, and the exact best classes of each for queryOf(1). */
export interface Succession {
  readonly versions: readonly PartedFiles[];
  readonly bestOf: ReadonlyMap<string, { readonly ids: readonly number[]; readonly scores: readonly number[] }>;
}

/**
 * Builds versions v0, v1, … of other tables with the same sizes, each after the one before, so that an answer of two of them
 * would look like one of either.
 */
export async function succession(
  count: number,
  { seed, sizes, k }: Pick<PartedSpec, "seed" | "sizes"> & { readonly k: number },
): Promise<Succession> {
  const versions: PartedFiles[] = [];
  const bestOf = new Map<string, { ids: number[]; scores: number[] }>();
  for (let i = 0; i < count; i++) {
    const previous = i > 0 ? { previous: `v${i - 1}` } : {};
    const made = await partedFiles({ version: `v${i}`, seed: seed + i, sizes, ...previous });
    versions.push(made);
    const index = await wholeIndex(made);
    const { ids, scores } = index.topK(queryOf(1), k, { exact: true });
    bestOf.set(`v${i}`, { ids: Array.from(ids), scores: Array.from(scores) });
    index.dispose();
  }
  return { versions, bestOf };
}

/** Loads one index of all rows. */
export const wholeIndex = ({ whole }: PartedFiles): Promise<MultiIndex> => load(whole, INDEX_LIMITS);

/** Loads the parts in this process. */
export async function partedIndex({ manifest, files }: PartedFiles): Promise<PartedIndex> {
  const indexes = await Promise.all(files.map((file) => load(file, INDEX_LIMITS)));
  const { generation, parts } = manifest;
  return new PartedIndex(indexes.map((index, i) => partOf(index, { number: parts[i]?.number ?? i, generation })));
}

/** A place where a test publishes manifests. */
export class ManifestShelf implements Publisher<PublishedManifest> {
  current: PartedFiles | undefined;
  /** What is tried beside the current manifest. */
  canary: { readonly files: PartedFiles; readonly share: number } | undefined;
  readonly all = new Map<string, PartedFiles>();

  publish(files: PartedFiles): void {
    this.current = files;
    this.all.set(files.manifest.version, files);
  }

  async look(known?: string): Promise<Publication<PublishedManifest> | undefined> {
    if (!this.current) throw new Error("nothing is published");
    const { canary } = this;
    const publication = this.publicationOf(this.current);
    if (!canary) return publication.tag === known ? undefined : publication;
    const tag = `${publication.tag} ${canary.files.manifest.version} ${canary.share}`;
    const look = async () => this.publicationOf(canary.files);
    return tag === known ? undefined : { ...publication, tag, canary: { share: canary.share, look } };
  }

  private publicationOf({ manifest, files }: PartedFiles): Publication<PublishedManifest> {
    const { generation, version, previous, parts, contract } = manifest;
    const before = previous === undefined ? undefined : this.all.get(previous);
    return {
      ...{ tag: generation, version, contract, facts: routedFacts(manifest), file: generation },
      open: () => ({
        manifest,
        openPart: async ({ number }) =>
          files[parts.findIndex((part) => part.number === number)] as Uint8Array<ArrayBuffer>,
      }),
      previous: before && (async () => this.publicationOf(before)),
    };
  }
}

export const queryOf = (seed: number): Float32Array => randomRows(DIM, 1000 + seed);
