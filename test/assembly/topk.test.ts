import { describe, expect, test } from "vitest";
import * as structs from "../../build/structs.ts";
import { Arena } from "../fixtures/arena.ts";
import { describeKernels, type Kernels } from "../fixtures/kernels.ts";
import { anyCodes } from "../fixtures/tiny-index.ts";
import { reference } from "../reference/index.ts";
import type { Scored } from "../reference/topk.ts";
import { randomRows } from "../train/rows.ts";
import { putLayout } from "./hand-layout.ts";

const COUNTS = [0, 1, 2, 3, 4, 5, 7, 8, 9, 63, 64, 65, 300];
const KS = [0, 1, 2, 3, 4, 5, 10, 64];

const SCORES: Record<string, (count: number, seed: number) => Float32Array> = {
  random: randomRows,
  "of five values": (count, seed) => randomRows(count, seed).map((value) => Math.round(2 * value)),
  "all equal": (count) => new Float32Array(count).fill(-1.5),
  rising: (count) => Float32Array.from({ length: count }, (_, i) => i),
  falling: (count) => Float32Array.from({ length: count }, (_, i) => -i),
  "of zeros of either sign and subnormals": (count) =>
    Float32Array.from({ length: count }, (_, i) => [0, -0, 1e-45][i % 3] as number),
};

describe("the reference of topPush", () => {
  const entries = [3, 1, 2, 0].map((id) => ({ id, score: id === 2 ? 7 : 5 }));

  test("keeps higher scores, then lower ids, in any order of arrival", () => {
    const best = [2, 0, 1, 3].map((id) => ({ id, score: id === 2 ? 7 : 5 }));
    expect(reference.topPush([], entries, 3)).toEqual(best.slice(0, 3));
    expect(reference.topPush(entries.slice(0, 2), entries.slice(2), 3)).toEqual(best.slice(0, 3));
    expect(reference.topSort(entries)).toEqual(best);
  });

  test("gives all entries if there are fewer than k, and none for k = 0", () => {
    expect(reference.topPush([], entries, 9)).toHaveLength(4);
    expect(reference.topPush([], entries, 0)).toEqual([]);
  });
});

describeKernels("topPush and topSort", (kernels) => {
  test.each(Object.entries(SCORES))("equal the reference on scores %s", (_, make) => {
    for (const count of COUNTS) {
      const entries = withIds(make(count, 90));
      for (const k of KS) {
        const { pushed, sorted } = topOf(kernels, [entries], k);
        const expected = reference.topPush([], entries, k);
        expect(reference.topSort(pushed), `${count} entries, k = ${k}`).toEqual(expected);
        expect(sorted).toEqual(expected);
      }
    }
  });

  test.each(Object.entries(SCORES))("equal the reference for scores %s in pieces", (_, make) => {
    const entries = withIds(make(300, 91));
    for (const pieceSize of [1, 3, 4, 5, 100]) {
      const pieces = Array.from({ length: Math.ceil(300 / pieceSize) }, (_, i) =>
        entries.slice(i * pieceSize, (i + 1) * pieceSize),
      );
      for (const k of [1, 7, 64]) {
        expect(topOf(kernels, pieces, k).sorted).toEqual(
          pieces.reduce<Scored[]>((kept, piece) => reference.topPush(kept, piece, k), []),
        );
      }
    }
  });

  test("admits no class from the surplus of the last vector", () => {
    for (const count of [1, 2, 3, 5, 6, 7]) {
      const entries = withIds(new Float32Array(count).fill(1));
      expect(topOf(kernels, [entries], 64, 1e30).sorted).toHaveLength(count);
      expect(topOf(kernels, [entries], 1, 1e30).sorted).toEqual(reference.topPush([], entries, 1));
    }
  });
});

/** Entries with distinct ids in another order. */
function withIds(scores: Float32Array): Scored[] {
  const places = anyCodes(scores.length, 2 ** 24, 92);
  const ids = Array.from(scores.keys()).sort((a, b) => (places[a] as number) - (places[b] as number) || a - b);
  return Array.from(scores, (score, i) => ({ id: ids[i] as number, score }));
}

/** `surplus` fills the last vector of scores behind the entries. */
function topOf(
  kernels: Kernels,
  pieces: readonly (readonly Scored[])[],
  k: number,
  surplus = Number.NEGATIVE_INFINITY,
): { pushed: Scored[]; sorted: Scored[] } {
  const arena = new Arena(kernels);
  const topIds = arena.take(4 * k);
  const topScores = arena.take(4 * k);
  const search = arena.put(new Float64Array(structs.SEARCH_BYTES / 8));
  // Position p holds the class of entry p of all pieces in a row.
  const layout = putLayout(
    arena,
    new Map([
      [structs.LAYOUT_IDS, arena.put(Int32Array.from(pieces.flat(), ({ id }) => id))],
      [structs.LAYOUT_TOP_IDS, topIds],
      [structs.LAYOUT_TOP_SCORES, topScores],
      [structs.LAYOUT_SEARCH, search],
    ]),
  );
  const read = (): Scored[] => {
    const count = arena.read(Float64Array, search + structs.SEARCH_TOP_COUNT, 1)[0] as number;
    const scores = arena.read(Float32Array, topScores, count);
    return Array.from(arena.read(Int32Array, topIds, count), (id, i) => ({ id, score: scores[i] as number }));
  };
  let first = 0;
  for (const piece of pieces) {
    const positions = arena.put(Int32Array.from(piece, (_, i) => first + i));
    const padded = Float32Array.from({ length: 4 * Math.ceil(piece.length / 4) }, (_, i) => piece[i]?.score ?? surplus);
    kernels.topPush(layout, positions, arena.put(padded), piece.length, k);
    first += piece.length;
  }
  const pushed = read();
  kernels.topSort(layout);
  expect(arena.strayWrites()).toEqual([]);
  return { pushed, sorted: read() };
}
