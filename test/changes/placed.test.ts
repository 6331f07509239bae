import fc from "fast-check";
import { expect, test } from "vitest";
import { applyLogged } from "../../src/changes/apply.ts";
import { declaredOf } from "../../src/changes/class-values.ts";
import {
  type ChangeSet,
  checkChanges,
  decodeLoggedSet,
  encodeLoggedSet,
  type LoggedSet,
} from "../../src/changes/index.ts";
import { applyToPart, fileIdsOf, partFactsOf } from "../../src/changes/part-changes.ts";
import { PlacedChanges } from "../../src/changes/placed-changes.ts";
import type { MultiIndex } from "../../src/index.ts";
import { heldBy } from "../../src/parts/held-by.ts";
import { PartedIndex, partOf } from "../../src/parts/index.ts";
import { openedOf } from "../../src/parts/opened-of.ts";
import { open } from "../fixtures/open.ts";
import { partedFiles } from "../router/parted-files.ts";
import { EVERY } from "../run/size.ts";
import { randomRows } from "../train/rows.ts";

// Changes that are placed without the rows of the files, and then applied to each part by itself, beside a PartedIndex.

const SIZES = [4, 3, 5] as const;
const [DIM, ROOM] = [8, 4] as const;
const files = partedFiles({ version: "v", seed: 3, sizes: SIZES, hasLabels: true });

const names = fc.uniqueArray(fc.nat(23), { minLength: 1, maxLength: 5 });
const step = fc.record({ names, upserts: fc.nat(5), seed: fc.nat(999), size: fc.constantFrom(1, 1, 1, 1, 9) });
const upsertOf = (name: number) => ({ names: [name], upserts: 1, seed: 1, size: 1 });
const removalOf = (name: number) => ({ names: [name], upserts: 0, seed: 1, size: 1 });
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
      /** The ids of labels in the files, as a router knows them before it takes sets. */
      const find = (labels: readonly string[]): ReadonlyMap<string, number>[] => {
        const [replaced, unnamed] = [placed.replaced(labels), placed.unnamed(labels)];
        return apart.map((index, place) => {
          const ids = fileIdsOf(index, unnamed);
          const inFile = unnamed.flatMap((label, at) =>
            ids[at] === null ? [] : [[label, ids[at] as number] as const],
          );
          return new Map([...(replaced[place] as ReadonlyMap<string, number>), ...inFile]);
        });
      };
      const logged: { readonly set: LoggedSet; readonly sequence: number }[] = [];
      /** Brings parts the sets that they lack, all at once: a label may have been removed in a later one. */
      const bring = (): void => {
        for (const { set, sequence } of logged.splice(0)) {
          const found = find(set.upserts?.labels ?? []);
          for (const [place, index] of apart.entries()) {
            applyToPart(index, placed.ownOf(set, place, found[place] as ReadonlyMap<string, number>), sequence);
          }
        }
      };
      let found = find([]);
      for (const [i, taken] of steps.entries()) {
        const set = setOf(taken);
        // A router looks for the labels of several sets before it places the first one.
        if (i % 3 === 0) found = find(steps.slice(i, i + 3).flatMap(({ names: each }) => each.map(nameOf)));
        expect(messageOf(() => placed.check(set, found, 2))).toBe(
          messageOf(() => checkChanges(parted, set, { maxDelta: 2 })),
        );
        const refused = messageOf(() => applyLogged(parted, set, i + 1));
        expect(messageOf(() => placed.apply(set, found, i + 1))).toBe(refused);
        if (refused === undefined) logged.push({ set: decodeLoggedSet(encodeLoggedSet(set)), sequence: i + 1 });
        const { added, changes, itemCount, removedIds } = placed.classesAt(parted.info.changes?.sequence ?? 0);
        expect(added).toEqual(heldBy(parted).map(({ place }) => place.added ?? []));
        expect(itemCount).toBe(parted.info.itemCount);
        if (parted.info.changes) expect(changes).toEqual(parted.info.changes);
        expect(removedIds.size).toBe(
          together.reduce((sum, index) => sum + (openedOf(index).delta?.removedIds.size ?? 0), 0),
        );
        for (const name of taken.names.map(nameOf)) {
          const isThere = together.some((index) => {
            const id = openedOf(index).delta?.find(name) ?? fileIdsOf(index, [name])[0] ?? -1;
            return id >= 0 && !openedOf(index).delta?.removedIds.has(id);
          });
          expect(placed.isPresent(name, found)).toBe(isThere);
        }
        if (i % 3 !== 2 && i + 1 < steps.length) continue;
        bring();
        for (const [place, index] of apart.entries()) {
          const query = randomRows(DIM, 5);
          const ask = { exact: true } as const;
          expect(index.topK(query, 30, ask)).toEqual((together[place] as MultiIndex).topK(query, 30, ask));
        }
      }
    }),
    {
      ...{ numRuns: Number(process.env.MIDX_CHANGES ?? (EVERY ? 25 : 12)), seed: 4, endOnFailure: true },
      // Within three sets, a class of a file that had a row of changes is removed and comes back.
      examples: [[[upsertOf(2), upsertOf(3), upsertOf(2), removalOf(2), upsertOf(2), upsertOf(20)]]],
    },
  );
});
