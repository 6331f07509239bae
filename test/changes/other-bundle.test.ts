import { expect, test } from "vitest";
import { applyChanges } from "../../src/changes/index.ts";
import { FeatureBags } from "../../src/index/feature-bags.ts";
import { buildIndex } from "../fixtures/build-index.ts";
import { open } from "../fixtures/open.ts";
import { randomRows } from "../train/rows.ts";

test("features are encoded as before by an index of a bundle with classes of its own", async () => {
  const [count, dim] = [40, 4];
  const features = { data: randomRows(3 * dim, 2), shape: [3, dim] as const, labels: ["a", "b", "c"] };
  const labels = Array.from({ length: count }, (_, i) => `word ${i}`);
  const file = await buildIndex(
    { data: randomRows(count * dim, 1), shape: [count, dim] },
    { bits: 2, labels, features },
  );
  const { index } = await open(file, { maxDelta: 3 });
  const before = index.encode(["a", "c"]);
  // dist/index.js and dist/changes.js each have this class.
  const ofOther = Object.defineProperties({}, Object.getOwnPropertyDescriptors(FeatureBags.prototype));
  // biome-ignore lint/complexity/useLiteralKeys: the name is private.
  Object.setPrototypeOf(index["bags"], ofOther);
  applyChanges(index, { upserts: { labels: ["new"], rows: randomRows(dim, 3) } });
  expect(index.encode(["a", "c"])).toEqual(before);
});
