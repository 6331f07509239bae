import { expect, test, vi } from "vitest";
import type { Kernels } from "../../src/memory/kernels.ts";
import { type Call, callsOver } from "../fixtures/batch-calls.ts";
import { buildIndex } from "../fixtures/build-index.ts";
import { open } from "../fixtures/open.ts";
import { rawVectors } from "../fixtures/raw-vectors.ts";

// Scans of the few classes that `allow` leaves list them at once, and answer as a scan of all blocks of positions does.

/** Twelve blocks of positions. */
const N = 12_000;
const vectors = rawVectors(N, 5, 8);
const [query] = vectors.queries as [Float32Array];
const EXACT = ["topK exact", "decode minP", "decode topP, certain"];

const opening = buildIndex(vectors, { bias: vectors.bias, bits: 4, seed: 1 }).then((file) => open(file));

test.each<readonly [string, ids: readonly number[]]>([
  ["one class", [7000]],
  ["classes of a few blocks", [3, 4, 1023, 1024, 9000, 11_999]],
  ["classes of every block", Array.from({ length: 700 }, (_, i) => (i * 7919) % N)],
])("answers are those of a scan of all blocks: %s", async (_, ids) => {
  const { index } = await opening;
  const allowed = new Set(ids);
  const exclude = Array.from({ length: N }, (_, id) => id).filter((id) => !allowed.has(id));
  const changes = { bias: { ids: [3, 7000], values: [2, -1] }, temperature: 0.8 };
  for (const name of EXACT) {
    const call = callsOver(N)[name] as Call;
    for (const conditions of [{}, changes]) {
      expect(call(index, query, { ...conditions, allow: ids }), name).toEqual(
        call(index, query, { ...conditions, exclude }),
      );
    }
  }
});

test("few calls of kernels read them", async () => {
  const { index, opened } = await opening;
  const score = vi.spyOn(opened.kernels as Kernels, "scorePositions");
  const callsFor = (ask: () => unknown): number => {
    score.mockClear();
    ask();
    return score.mock.calls.length;
  };
  const allow = [3, 4, 9000];
  expect(callsFor(() => index.topK(query, 2, { allow, exact: true }))).toBe(1);
  expect(callsFor(() => index.decode(query, { allow, temperature: 0 }))).toBe(1);
  expect(callsFor(() => index.decode(query, { allow, minP: 0.1 }))).toBe(1);
  expect(callsFor(() => index.decode(query, { allow, topP: 0.9 }))).toBe(2); // two blocks have masses of their own
  expect(callsFor(() => index.topK(query, 2, { exclude: [1], exact: true }))).toBeGreaterThan(2);
  score.mockRestore();
});
