import { buildCalibrated, load } from "../../bench/library.ts";
import { type Random, startRandom } from "../../bench/trust/synthetic.ts";
import { logitsOf, type StoredClasses, storedClasses } from "../../bench/trust/truth.ts";
import type { MultiIndex } from "../../src/index/multi-index.ts";
import type { BuildOptions } from "../../src/train/build/build-options.ts";

// Random small indexes with what error bars find hard, and queries that look for it. Everything depends on the seed alone.

/** An index with trouble in it. */
export interface HostileIndex {
  readonly index: MultiIndex;
  readonly classes: StoredClasses;
  /** f32 (N, D): each row less the centre that it was made around, which is about its residual. */
  readonly offsets: Float32Array;
  /** The norm at which logits have a standard deviation of 1. */
  readonly norm: number;
  readonly seed: number;
  readonly hasFineCodes: boolean;
  readonly description: string;
}

/** A call, and log Z of its query in f64. */
export interface HostileCall {
  readonly query: Float32Array;
  readonly options: {
    readonly temperature: number;
    readonly scan: number;
    readonly draws: number;
    readonly seed: number;
  };
  readonly logPartition: number;
  /** The query points at a row, or at what its codewords leave of it. */
  readonly isAimed: boolean;
  readonly description: string;
}

const pick = <T>({ below }: Random, values: readonly T[]): T => values[below(values.length)] as T;
/** A number between, with an even logarithm. */
const between = ({ uniform }: Random, least: number, most: number): number => least * (most / least) ** uniform();

export async function hostileIndex(seed: number): Promise<HostileIndex> {
  const random = startRandom(seed);
  const itemCount = Math.round(between(random, 300, 3000));
  const dim = Math.round(between(random, 4, 64));
  const { data, offsets } = clusters(random, itemCount, dim);
  const trouble = pick(random, ["nothing", "outliers", "more outliers than the list holds", "duplicates"] as const);
  if (trouble === "outliers") lengthen(random, data, offsets, dim, 1 + random.below(4), between(random, 2, 30));
  if (trouble === "more outliers than the list holds") {
    lengthen(random, data, offsets, dim, Math.ceil(itemCount / 6), between(random, 2, 10));
  }
  if (trouble === "duplicates") duplicate(random, data, offsets, dim);
  const biases = pick(random, ["none", "small", "ranks", "wide", "one"] as const);
  const bias = biasesOf(random, itemCount, biases);
  const hasFineCodes = pick(random, [true, false]);
  const options: BuildOptions = {
    quantizer: pick(random, ["rq", "rq", "pq"]),
    rowType: pick(random, ["i8", "f16", "f32"]),
    fineCodes: hasFineCodes,
    calibrate: "quick",
    seed,
    ...(bias && { bias }),
  };
  const index = await load(await buildCalibrated({ data, shape: [itemCount, dim] }, options), {
    maxScan: 1024,
    maxBatch: 1,
  });
  const square = data.reduce((sum, value) => sum + value * value, 0) / itemCount;
  const { quantizer, rowType } = options;
  return {
    ...{ seed, hasFineCodes, index, classes: storedClasses(index, bias), offsets, norm: Math.sqrt(dim / square) },
    description: `index ${seed}: N ${itemCount}, D ${dim}, ${quantizer} ${rowType}${hasFineCodes ? ", fine codes" : ""}, biases ${biases}, ${trouble}`,
  };
}

/** Rows around centres, of any spread. */
function clusters(random: Random, itemCount: number, dim: number): { data: Float32Array; offsets: Float32Array } {
  const count = 1 + random.below(60);
  const centres = Float32Array.from({ length: count * dim }, random.normal);
  const spread = between(random, 0.05, 2);
  const offsets = Float32Array.from({ length: itemCount * dim }, () => spread * random.normal());
  const data = new Float32Array(offsets.length);
  for (let id = 0; id < itemCount; id++) {
    const centre = random.below(count);
    for (let d = 0; d < dim; d++)
      data[id * dim + d] = (centres[centre * dim + d] as number) + (offsets[id * dim + d] as number);
  }
  return { data, offsets };
}

/** Moves some rows away from their centres. */
function lengthen(
  { below }: Random,
  data: Float32Array,
  offsets: Float32Array,
  dim: number,
  count: number,
  times: number,
): void {
  for (let i = 0; i < count; i++) {
    const first = below(data.length / dim) * dim;
    for (let at = first; at < first + dim; at++) {
      const more = (times - 1) * (offsets[at] as number);
      data[at] = (data[at] as number) + more;
      offsets[at] = (offsets[at] as number) + more;
    }
  }
}

/** Makes a part of the rows equal to one. */
function duplicate({ below, uniform }: Random, data: Float32Array, offsets: Float32Array, dim: number): void {
  const itemCount = data.length / dim;
  const one = below(itemCount) * dim;
  const share = uniform();
  for (let id = 0; id < itemCount; id++) {
    if (uniform() > share) continue;
    data.copyWithin(id * dim, one, one + dim);
    offsets.copyWithin(id * dim, one, one + dim);
  }
}

function biasesOf(
  { uniform, normal, below }: Random,
  itemCount: number,
  kind: "none" | "small" | "ranks" | "wide" | "one",
): Float32Array | undefined {
  if (kind === "none") return undefined;
  const one = below(itemCount);
  const biases = {
    small: () => normal(),
    ranks: (id: number) => -Math.log(id + 10),
    wide: () => 60 * uniform() - 30,
    one: (id: number) => (id === one ? 30 : 0),
  };
  return Float32Array.from({ length: itemCount }, (_, id) => biases[kind](id));
}

/** The `number`-th call of an index. */
export function hostileCall({ seed, classes, offsets, norm }: HostileIndex, number: number): HostileCall {
  const random = startRandom(1000 * seed + number + 2 ** 33);
  const { dim, itemCount } = classes;
  const target = random.below(itemCount) * dim;
  const towards = pick(random, ["nothing", "a row", "a residual", "a residual exactly"] as const);
  const vectors = { "a row": classes.rows, "a residual": offsets, "a residual exactly": offsets };
  const noise = towards === "a residual exactly" ? 0 : towards === "nothing" ? 1 : between(random, 0.1, 2);
  const length = pick(random, [1, 1, 3, 10]) * between(random, 0.3, 3);
  const aim = towards === "nothing" ? undefined : vectors[towards].subarray(target, target + dim);
  const aimNorm = aim ? Math.sqrt(aim.reduce((sum, value) => sum + value * value, 0)) || 1 : 1;
  const query = Float32Array.from(
    { length: dim },
    (_, d) => (aim?.[d] ?? 0) / aimNorm + (noise * random.normal()) / Math.sqrt(dim),
  );
  const queryNorm = Math.sqrt(query.reduce((sum, value) => sum + value * value, 0)) || 1;
  for (let d = 0; d < dim; d++) query[d] = ((query[d] as number) * length * norm) / queryNorm;
  const temperature = between(random, 0.1, 3);
  const scan = pick(random, [0, 1, 16, 64, 256, 1024]);
  const draws = Math.round(between(random, 10, 1000));
  const logits = logitsOf(classes, query);
  const largest = logits.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const sum = logits.reduce((total, logit) => total + Math.exp((logit - largest) / temperature), 0);
  return {
    query,
    options: { temperature, scan, draws, seed: number },
    logPartition: largest / temperature + Math.log(sum),
    isAimed: aim !== undefined,
    description: `call ${number}: towards ${towards}, length ${length.toFixed(2)}, T ${temperature.toFixed(3)}, scan ${scan}, ${draws} draws`,
  };
}
