import { expect, test } from "vitest";
import * as structs from "../../build/structs.ts";
import { anyQuery, INDEX_CASES, LARGE_LOGIT_CASES } from "../fixtures/index-cases.ts";
import { describeBuilds, type OpenedTiny } from "../fixtures/opened.ts";
import { openExact, prepare } from "../fixtures/opened-exact.ts";
import type { Changes } from "../reference/changed.ts";
import { reference } from "../reference/index.ts";
import type { ReferenceIndex } from "../reference/reference-index.ts";
import { inTurn } from "../run/turns.ts";

// The kernels of changed logits alone. test/answers/changed-logits.test.ts has what calls make of them.

const CASES = [...INDEX_CASES, ...LARGE_LOGIT_CASES].filter(([, index]) => index.facts.itemCount > 0);
const COUNTS = [1, 2, 3, 4, 5, 60];

/** Changes of `count` classes at most: biases, penalties of all kinds, and a change that changes nothing. */
function changesOf({ facts }: ReferenceIndex, count: number): Changes {
  const step = Math.max(1, Math.floor(facts.itemCount / count));
  const ids = Int32Array.from({ length: Math.min(count, facts.itemCount) }, (_, i) => i * step);
  return {
    ids,
    biases: Float32Array.from(ids, (_, i) => [0, 2.5, -1e6][i % 3] as number),
    counts: Int32Array.from(ids, (_, i) => [1, 0, 3, 100][i % 4] as number),
    penalties: { repetition: count % 2 ? 1.3 : 0.25, presence: count - 3, frequency: 0.1 * count },
  };
}

/** Opens an index whose filter leaves out the changed classes and every seventh position. */
async function openChanged(modules: Parameters<typeof openExact>[0], index: ReferenceIndex, changes: Changes) {
  const changed = Array.from(changes.ids, (id) => index.ids.indexOf(id));
  const excluded = new Set([...changed, ...index.ids.keys()].filter((p, i) => i < changed.length || p % 7 === 0));
  const opened = await openExact(modules, index, { excluded, temperature: 0.7 });
  const { repetition, presence, frequency } = changes.penalties;
  opened.write("changedIds", changes.ids);
  opened.write("changedBiases", changes.biases);
  opened.write("changedCounts", changes.counts);
  opened.write("penalties", Float64Array.of(repetition, presence, frequency));
  new DataView(opened.kernels.memory.buffer).setUint32(
    opened.layout + structs.LAYOUT_CHANGED_COUNT,
    changes.ids.length,
    true,
  );
  return { opened, excluded, positions: Int32Array.from(changed) };
}

describeBuilds("changed logits", (modules) => {
  test.each(CASES)("equal the reference bit for bit: %s", async (_, index) => {
    for (const count of inTurn(COUNTS, 2)) {
      const changes = changesOf(index, count);
      const { opened, positions } = await openChanged(modules, index, changes);
      const query = anyQuery(index, 80 + count, 0.4);
      prepare(opened, query);
      const prepared = reference.prepareQuery(index, query);
      const changed = reference.changeScores(changes, reference.scorePositions(index, prepared, positions));
      expect(opened.read(Int32Array, "changedPositions", positions.length)).toEqual(positions);
      expect(changedScores(opened, positions.length)).toEqual(changed);
      expect(changedScores(opened, (positions.length + 3) & ~3).slice(positions.length)).toEqual(
        new Float32Array(-positions.length & 3).fill(Number.NEGATIVE_INFINITY),
      );

      const asked = Int32Array.from({ length: Math.min(index.facts.itemCount, 90) }, (_, p) => p);
      const scores = reference.scorePositions(index, prepared, asked);
      opened.write("drawPositions", asked);
      opened.write("drawScores", scores);
      const [at, scoresAt] = [opened.address("drawPositions"), opened.address("drawScores")];
      opened.kernels.conditionScores(opened.layout, at, asked.length, scoresAt);
      expect(opened.read(Float32Array, "drawScores", asked.length)).toEqual(
        reference.conditionScores(opened.index, changes, changed, asked, scores),
      );

      if (!index.rowScales) continue;
      const residuals = reference.measureResiduals(index, opened.index.slots);
      const bounds = reference.prepareBounds(opened.index, prepared, residuals);
      opened.kernels.prepareRemainder(opened.layout);
      const remainder = reference.prepareRemainder(opened.index, prepared, bounds, residuals);
      expect(opened.kernels.changedWithRemainder(opened.layout)).toBe(
        reference.changedWithRemainder(opened.index, changes, prepared, remainder),
      );
      expect(opened.strayWrites().filter((at) => !isCount(opened, at))).toEqual([]);
    }
  });

  test.each(CASES)("are behind the classes of the head, which is the same without them: %s", async (_, index) => {
    const changes = changesOf(index, 5);
    const { opened, excluded, positions } = await openChanged(modules, index, changes);
    const without = await openExact(modules, index, { excluded, temperature: 0.7 });
    for (const scan of [0, 20, index.facts.itemCount]) {
      const query = anyQuery(index, 90 + scan, 0.4);
      for (const one of [opened, without]) {
        prepare(one, query);
        one.kernels.propose(one.layout, scan, 0);
      }
      const listed = without.search(structs.SEARCH_HEAD_COUNT);
      const total = listed + positions.length;
      expect(opened.search(structs.SEARCH_LISTED_COUNT)).toBe(listed);
      expect(opened.search(structs.SEARCH_HEAD_COUNT)).toBe(total);
      expect(opened.search(structs.SEARCH_SCORED)).toBe(total);
      expect(opened.search(structs.SEARCH_LOG_HEAD)).toBe(without.search(structs.SEARCH_LOG_HEAD));
      expect(opened.search(structs.SEARCH_TAIL_TOTAL)).toBe(without.search(structs.SEARCH_TAIL_TOTAL));
      expect(opened.read(Int32Array, "headPositions", total)).toEqual(
        Int32Array.of(...without.read(Int32Array, "headPositions", listed), ...positions),
      );
      expect(opened.read(Float32Array, "headScores", total)).toEqual(
        Float32Array.of(
          ...without.read(Float32Array, "headScores", listed),
          ...changedScores(opened, positions.length),
        ),
      );
    }
  });
});

const changedScores = (opened: OpenedTiny, count: number): Float32Array =>
  opened.read(Float32Array, "changedScores", count);

/** Whether an address is of changedCount, which the test wrote itself. */
const isCount = ({ layout }: OpenedTiny, address: number): boolean =>
  address >= layout + structs.LAYOUT_CHANGED_COUNT && address < layout + structs.LAYOUT_CHANGED_COUNT + 4;
