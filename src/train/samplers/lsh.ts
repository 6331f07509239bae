import { checkSeed, shown } from "../../checks/check.ts";
import type { Names } from "../../checks/function-options.ts";
import { copyIds } from "../../index/copied-arguments.ts";
import { lastAtMost } from "../../memory/last-at-most.ts";
import { startArena } from "../runtime/arena.ts";
import type { TrainKernels } from "../runtime/kernels.ts";
import { type Classes, checkClasses, checkDraw, checkQuery, dimOf, readExcluded } from "./classes.ts";
import { normalRows } from "./directions.ts";
import { bucketOf, codesOf, emptyTables, fillTables } from "./hash-tables.ts";
import { memoizeLast } from "./memoize-last.ts";
import type { Sampler } from "./sampler.ts";
import { skipping } from "./skipping.ts";
import { drawUniforms, type SamplerTools } from "./tools.ts";

/** Options of the sampler of kind "lsh". */
export interface LshOptions {
  /** The number of hash tables. Default 8. */
  readonly tables?: number;
  /** Bits of a code, 1 … 16. By default buckets have about 16 classes. */
  readonly bits?: number;
  /** Share of the draws that are uniform over all classes, above 0 and at most 1. Default .1. */
  readonly uniformShare?: number;
  /** The seed of the random hyperplanes. Default 0. */
  readonly seed?: number | bigint;
}

export const LSH_OPTIONS: Names<LshOptions> = { tables: true, bits: true, uniformShare: true, seed: true };

/** A part of the proposal that is uniform over some classes. */
interface Part {
  readonly mass: number;
  readonly size: number;
  /** The classes, ascending. Undefined means all classes. */
  readonly ids: Int32Array | undefined;
  /** Positions of the excluded classes within `ids`. */
  readonly holes: readonly number[];
  contains(id: number): boolean;
}

/**
 * SimHash tables (Charikar 2002; Spring & Shrivastava 2017 use them as a sampler). A draw takes a random table and then a
 * random class of the query's bucket there. log Q is exact for the current tables: a class that is in k of the buckets has
 * the sum of k shares. A share of the draws, and every table whose bucket is empty, is uniform over all classes, so that no
 * class has probability 0. Biases are ignored.
 */
export function lshSampler({ train, checksum }: SamplerTools, classes: Classes, options: LshOptions = {}): Sampler {
  const itemCount = classes.biases.length;
  const dim = dimOf(classes);
  const { tableCount, bits, uniformShare, seed } = checkLshOptions(options, itemCount);
  const planes = normalRows(train, tableCount * bits, dim, seed);
  const tables = emptyTables(tableCount, bits, itemCount);
  const hash = (rows: Float32Array): Uint16Array => codesOf(tables, train, startArena(train), rows, planes, dim);
  fillTables(tables, hash(classes.rows));

  const proposal = memoizeLast((query, excludedIds): Part[] => {
    const all = { size: itemCount, ids: undefined, holes: [...excludedIds], contains: () => true };
    const parts: Part[] = [{ ...all, mass: uniformShare }];
    for (const [table, code] of hash(query).entries()) {
      const mass = (1 - uniformShare) / tableCount;
      const ids = bucketOf(tables, table, code);
      if (ids.length === 0) parts.push({ ...all, mass });
      else {
        const contains = (id: number): boolean => tables.codes[table * itemCount + id] === code;
        const holes = [...excludedIds].filter(contains).map((id) => ids.indexOf(id));
        parts.push({ mass, size: ids.length, ids, holes, contains });
      }
    }
    return parts;
  });

  return {
    name: "lsh",
    adaptive: true,
    draw(query, count, excluded, drawSeed) {
      checkDraw(query, dim, count, drawSeed);
      const excludedIds = readExcluded(excluded, itemCount);
      const parts = proposal.get(query, excludedIds);
      const drawFrom = planDraws(parts);
      const uniform = drawUniforms(checksum, query, drawSeed);
      const ids = new Int32Array(count);
      for (let i = 0; i < count; i++) ids[i] = drawFrom(uniform(2 * i), uniform(2 * i + 1));
      return { ids, logQ: Float64Array.from(ids, logQOf(train, parts, excludedIds)) };
    },
    logQ(query, ids, excluded) {
      checkQuery(query, dim);
      const excludedIds = readExcluded(excluded, itemCount);
      return Float64Array.from(
        copyIds("ids", ids, itemCount),
        logQOf(train, proposal.get(query, excludedIds), excludedIds),
      );
    },
    refresh(rows, biases) {
      const start = performance.now();
      checkClasses(rows, biases, itemCount, dim);
      proposal.clear();
      const moved = fillTables(tables, hash(rows));
      return { kind: "reassigned", moved, seconds: (performance.now() - start) / 1000 };
    },
  };
}

/** Returns a function from a class to its log Q, with the excluded classes taken out of the parts. */
function logQOf(
  { log64 }: Pick<TrainKernels, "log64">,
  parts: readonly Part[],
  excludedIds: ReadonlySet<number>,
): (id: number) => number {
  const logTotal = log64(parts.reduce((sum, part) => sum + massLeft(part), 0));
  return (id) => {
    if (excludedIds.has(id)) return Number.NEGATIVE_INFINITY;
    let mass = 0;
    for (const part of parts) if (part.contains(id)) mass += part.mass / part.size;
    return Math.min(0, log64(mass) - logTotal);
  };
}

/** Returns the mass of a part without its excluded classes. */
const massLeft = ({ mass, size, holes }: Part): number => (mass * (size - holes.length)) / size;

/** Returns a function that draws a part by the mass that is left of it and then one of its remaining classes. */
function planDraws(allParts: readonly Part[]): (part: number, place: number) => number {
  const parts = allParts.filter((part) => massLeft(part) > 0);
  const starts = new Float64Array(parts.length + 1);
  for (const [i, part] of parts.entries()) starts[i + 1] = (starts[i] as number) + massLeft(part);
  const total = starts[parts.length] as number;
  const places = parts.map(({ holes }) => skipping(holes));
  return (first, second) => {
    const chosen = lastAtMost(starts, first * total);
    const { ids, size, holes } = parts[chosen] as Part;
    const place = (places[chosen] as (r: number) => number)(Math.floor(second * (size - holes.length)));
    return ids ? (ids[place] as number) : place;
  };
}

function checkLshOptions(options: LshOptions, itemCount: number) {
  const { tables: tableCount = 8, bits = defaultBits(itemCount), uniformShare = 0.1, seed = 0n } = options;
  if (!(uniformShare > 0 && uniformShare <= 1)) {
    throw new RangeError(`"uniformShare" expected more than 0, at most 1, got ${uniformShare}`);
  }
  if (!Number.isInteger(tableCount) || tableCount < 1) {
    throw new RangeError(`"tables" expected 1 or more, got ${shown(tableCount)}`);
  }
  if (!Number.isInteger(bits) || bits < 1 || bits > 16) {
    throw new RangeError(`"bits" expected 1..16, got ${shown(bits)}`);
  }
  return { tableCount, bits, uniformShare, seed: checkSeed(seed) };
}

function defaultBits(itemCount: number): number {
  let bits = 1;
  while (bits < 16 && 16 * 2 ** (bits + 1) <= itemCount) bits++;
  return bits;
}
