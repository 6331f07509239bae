import { describe, expect, test } from "vitest";
import * as structs from "../../../build/structs.ts";
import { instantiate, type Kernels, type Modules } from "../../../src/memory/kernels.ts";
import { Arena } from "../../fixtures/arena.ts";
import { describeScanBuilds } from "../../fixtures/opened.ts";
import { anyCodes } from "../../fixtures/tiny-index.ts";
import { type Candidate, keyOf } from "../../reference/fine.ts";
import { reference } from "../../reference/index.ts";
import { randomRows } from "../../train/rows.ts";
import { putLayout } from "../hand-layout.ts";

const COUNTS = [1, 2, 3, 4, 5, 7, 8, 31, 33, 64, 200];
const LEAST = -(2 ** 31);
const MOST = 2 ** 31 - 1;

const KEYS: Record<string, (count: number) => readonly number[]> = {
  "of random scores": (count) => Array.from(randomRows(count, 70), keyOf),
  "of five values": (count) => anyCodes(count, 5, 71).map((code) => code - 2),
  "all equal": (count) => new Array<number>(count).fill(-77),
  rising: (count) => Array.from({ length: count }, (_, i) => i - 9),
  falling: (count) => Array.from({ length: count }, (_, i) => 9 - i),
  "at both ends": (count) =>
    Array.from({ length: count }, (_, i) => [MOST, LEAST, LEAST + 1, MOST - 1][i % 4] as number),
  "the least there is": (count) => new Array<number>(count).fill(LEAST),
  "the largest there is": (count) => new Array<number>(count).fill(MOST),
};

const keepsOf = (count: number): number[] =>
  [...new Set([1, 2, 3, count >> 1, count - 1, count])].filter((keep) => keep > 0 && keep <= count);

describe("the reference of keepBest", () => {
  const candidates = [5, 7, 5, 9, 5].map((key, position) => ({ position, key }));

  test("keeps the largest keys in their order, and the first of equal ones", () => {
    expect(reference.keepBest(candidates, 3)).toEqual({
      kept: [candidates[0], candidates[1], candidates[3]],
      least: 5,
    });
    expect(reference.keepBest(candidates, 1)).toEqual({ kept: [candidates[3]], least: 9 });
    expect(reference.keepBest(candidates, 5).kept).toEqual(candidates);
  });

  test("orders scores as their keys", () => {
    const scores = Float32Array.of(-3.4e38, -1, -1e-45, -0, 0, 1e-45, 1, 3.4e38);
    const keys = Array.from(scores, keyOf);
    expect(keys.toSorted((a, b) => a - b)).toEqual(keys);
    expect(new Set(keys).size).toBe(scores.length);
  });
});

describeScanBuilds("keepBest", (modules: Modules) => {
  const kernels = instantiate(modules);

  test.each(Object.entries(KEYS))("equals the reference for keys %s", (_, make) => {
    for (const count of COUNTS) {
      const candidates = make(count).map((key, i) => ({ position: 1000 + 3 * i, key }));
      for (const keep of keepsOf(count)) {
        expect(keepBest(kernels, candidates, keep), `${keep} of ${count}`).toEqual(
          reference.keepBest(candidates, keep),
        );
      }
    }
  });

  test("keeps in several cuts what one cut keeps", () => {
    for (const make of Object.values(KEYS)) {
      const candidates = make(300).map((key, position) => ({ position, key }));
      for (const keep of [1, 5, 30]) {
        let held: Candidate[] = [];
        let floor = LEAST - 1;
        for (const candidate of candidates) {
          if (candidate.key > floor) held.push(candidate);
          if (held.length < 2 * keep) continue;
          const cut = keepBest(kernels, held, keep);
          held = cut.kept;
          floor = cut.least;
        }
        expect(keepBest(kernels, held, Math.min(keep, held.length)).kept).toEqual(
          reference.keepBest(candidates, keep).kept,
        );
      }
    }
  });
});

/** The memory plan leaves room for one vector behind the candidates. */
function keepBest(
  kernels: Kernels,
  candidates: readonly Candidate[],
  keep: number,
): { kept: Candidate[]; least: number } {
  const arena = new Arena(kernels);
  const count = candidates.length;
  const keys = arena.take(4 * (count + 4));
  const positions = arena.take(4 * (count + 4));
  const put = (address: number, values: Int32Array): void =>
    new Int32Array(kernels.memory.buffer, address, count).set(values);
  put(
    keys,
    Int32Array.from(candidates, ({ key }) => key),
  );
  put(
    positions,
    Int32Array.from(candidates, ({ position }) => position),
  );
  const layout = putLayout(
    arena,
    new Map([
      [structs.LAYOUT_RESERVOIR_KEYS, keys],
      [structs.LAYOUT_RESERVOIR_POSITIONS, positions],
    ]),
  );
  const least = kernels.keepBest(layout, count, keep);
  expect(arena.strayWrites()).toEqual([]);
  const left = arena.read(Int32Array, positions, keep);
  const kept = Array.from(arena.read(Int32Array, keys, keep), (key, i) => ({ position: left[i] as number, key }));
  return { kept, least };
}
