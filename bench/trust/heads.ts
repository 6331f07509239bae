// The softmax heads that error bars, recall and targets are judged on, by name. No answer of the library and no verdict
// of the benchmark depends on these names.

import { haveData, loader, placeOf } from "../data.ts";
import { diffuseHead } from "../diffuse-head.ts";
import { nextWordHead, tokensHead } from "../heads.ts";
import { haveGlove } from "../peers/glove.ts";
import { factorsHead, sessionsHead, wordsHead } from "./learned.ts";
import { clusteredHead, gaussianHead, heavyBiasHead, longQueriesHead, nearRowsHead } from "./synthetic.ts";
import type { TrustHead } from "./trust-head.ts";
import { wordVectorsHead } from "./word-vectors.ts";

interface Source {
  /** Data sets that the head is made of, by folder. */
  readonly needs: readonly string[];
  /** Tells whether what else it is made of exists, and prints a line if not. */
  readonly alsoNeeds?: () => boolean;
  /** Part of `--quick`: it is small, and needs no data set. */
  readonly quick?: true;
  /** The most queries that are judged. */
  readonly judged: number;
  load(): TrustHead | Promise<TrustHead>;
}

const withoutCounts = ({ counts: _, ...head }: ReturnType<typeof nextWordHead>): TrustHead => head;

export const SOURCES = {
  "next words": { needs: [], quick: true, judged: 600, load: () => withoutCounts(nextWordHead()) },
  gaussian: { needs: [], quick: true, judged: 600, load: gaussianHead },
  clustered: { needs: [], quick: true, judged: 600, load: clusteredHead },
  "near rows": { needs: [], quick: true, judged: 600, load: nearRowsHead },
  "heavy bias": { needs: [], quick: true, judged: 600, load: heavyBiasHead },
  "long queries": { needs: [], judged: 600, load: longQueriesHead },
  "many long queries": { needs: [], judged: 600, load: manyLongQueriesHead },
  "PTB words": { needs: ["ptb-lstm-softmax"], judged: 600, load: pennTreebankHead },
  "trained words": { needs: ["wikitext-2"], judged: 600, load: wordsHead },
  sessions: { needs: ["diginetica"], judged: 600, load: sessionsHead },
  places: { needs: ["gowalla"], judged: 512, load: diffuseHead },
  "word vectors": { needs: ["glove100-gt"], alsoNeeds: haveGlove, judged: 500, load: wordVectorsHead },
  factors: { needs: ["gowalla"], judged: 600, load: factorsHead },
  "100k tokens": { needs: ["linux-tokens-1m"], judged: 600, load: () => tokensHead("tokens", 100_000) },
  "1M tokens": { needs: ["linux-tokens-1m"], judged: 300, load: () => tokensHead("tokens", 1_000_000) },
} as const satisfies Record<string, Source>;

export type HeadName = keyof typeof SOURCES;

export const sourceOf = (name: HeadName): Source => SOURCES[name];

/** Returns whether the data sets of a head exist, and prints a line if one does not. */
export function canLoad(name: HeadName): boolean {
  const { needs, alsoNeeds } = sourceOf(name);
  return needs.every((set) => haveData(set)) && (alsoNeeds?.() ?? true);
}

function manyLongQueriesHead(): TrustHead {
  return longQueriesHead({ itemCount: 40_000, dim: 128, queryCount: 2000, seed: 2 });
}

/** Returns the output layer of a published LSTM of 10,000 words. Its queries are hidden states on the test text. */
function pennTreebankHead(): TrustHead {
  const place = placeOf("ptb-lstm-softmax");
  const { f16 } = loader();
  const data = f16(`${place}/W.f16.gz`);
  const bias = f16(`${place}/bias.f16.gz`);
  return {
    itemCount: bias.length,
    dim: data.length / bias.length,
    data,
    bias,
    queries: f16(`${place}/queries.f16.gz`),
  };
}
