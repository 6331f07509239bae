import fc from "fast-check";
import { expect, test } from "vitest";
import { applyLogged } from "../../src/changes/apply.ts";
import { declaredOf } from "../../src/changes/class-values.ts";
import { type ChangeSet, checkChanges, decodeLoggedSet, encodeLoggedSet } from "../../src/changes/index.ts";
import { applyToPart, fileIdsOf, partFactsOf } from "../../src/changes/part-changes.ts";
import { PlacedChanges } from "../../src/changes/placed-changes.ts";
import type { MultiIndex } from "../../src/index.ts";
import { heldBy } from "../../src/parts/held-by.ts";
import { PartedIndex, partOf } from "../../src/parts/index.ts";
import { openedOf } from "../../src/parts/opened-of.ts";
import { open } from "../fixtures/open.ts";
import { partedFiles } from "../router/parted-files.ts";
import { randomRows } from "../train/rows.ts";

// Changes that are placed without the rows of the files, and then applied to each part by itself, beside a PartedIndex.

const SIZES = [4, 3, 5] as const;
const [DIM, ROOM] = [8, 4] as const;
const files = partedFiles({ version: "v", seed: 3, sizes: SIZES, hasLabels: true });

const names = fc.uniqueArray(fc.nat(23), { minLength: 1, maxLength: 5 });
const step = fc.record({ names, upserts: fc.nat(5), seed: fc.nat(999), size: fc.constantFrom(1, 1, 1, 1, 9) });
/** Labels beyond what writers are allowed are among them: sets of a log may have any. */
const nameOf = (i: number): string =>
  i < 12 ? `class ${i}` : `new ${i}${"!".repeat([0, 100, 1100][i % 3] as number)}`;

function setOf({
  names: all,
  upserts,
  seed,
  size,
}: {
  names: number[];
  upserts: number;
  seed: number;
  size: number;
}): ChangeSet {
  const labels = all.slice(0, upserts).map(nameOf);
  const rows = randomRows(labels.length * DIM, seed).map((x) => x * size);
  const biases = randomRows(labels.length, seed);
  return {
    ...(labels.length > 0 && { upserts: { labels, rows, biases } }),
    removals: all.slice(upserts).map(nameOf),
  };
}

const messageOf = (work: () => unknown): string | undefined => {
  try {
    work();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
};

test("ids, parts, counts and refusals are those of a PartedIndex, and so is every part", async () => {
  const { files: built } = await files;
  const load = (): Promise<MultiIndex[]> =>
    Promise.all(built.map(async (file) => (await open(file, { maxDelta: ROOM })).index));
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
      const [together, apart] = [await load(), await load()];
      const parted = new PartedIndex(together.map((index, number) => partOf(index, { number })));
      const [{ info }] = apart as [MultiIndex];
      let first = 0;
      const described = apart.map((index) => {
        const [classes, before] = [index.info.itemCount, first];
        first += classes;
        return { ...partFactsOf(index), classes, first: before, room: ROOM };
      });
      const placed = new PlacedChanges(described, {
        isCosine: false,
        columns: declaredOf(info.columns),
        space: undefined,
      });
      for (const [i, taken] of steps.entries()) {
        const set = setOf(taken);
        const labels = placed.unnamed(taken.names.map(nameOf));
        const found = apart.map((index) => {
          const ids = fileIdsOf(index, labels);
          return new Map(labels.flatMap((label, at) => (ids[at] === null ? [] : [[label, ids[at] as number]])));
        });
        expect(messageOf(() => placed.check(set, found, 2))).toBe(
          messageOf(() => checkChanges(parted, set, { maxDelta: 2 })),
        );
        const refused = messageOf(() => applyLogged(parted, set, i + 1));
        expect(messageOf(() => placed.apply(set, found, i + 1))).toBe(refused);
        if (refused === undefined) {
          const logged = decodeLoggedSet(encodeLoggedSet(set));
          for (const [place, index] of apart.entries()) applyToPart(index, placed.ownOf(logged, place), i + 1);
        }
        const { added, changes, itemCount, removedIds } = placed.classesAt(parted.info.changes?.sequence ?? 0);
        expect(added).toEqual(heldBy(parted).map(({ place }) => place.added ?? []));
        expect(itemCount).toBe(parted.info.itemCount);
        if (parted.info.changes) expect(changes).toEqual(parted.info.changes);
        expect(removedIds.size).toBe(
          together.reduce((sum, index) => sum + (openedOf(index).delta?.removedIds.size ?? 0), 0),
        );
        for (const [place, index] of apart.entries()) {
          const query = randomRows(DIM, 5);
          const ask = { exact: true } as const;
          expect(index.topK(query, 30, ask)).toEqual((together[place] as MultiIndex).topK(query, 30, ask));
        }
      }
    }),
    { numRuns: Number(process.env.MIDX_CHANGES ?? 25), seed: 4, endOnFailure: true },
  );
});
