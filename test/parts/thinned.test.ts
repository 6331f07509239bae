import { expect, test } from "vitest";
import type { DecodeOptions } from "../../src/decode/decode-options.ts";
import { PartedIndex } from "../../src/parts/index.ts";
import { partOf } from "../../src/parts/loaded-part.ts";
import { open } from "../fixtures/open.ts";
import { allowing, HALF, HEADS, LIMITS, NAMES } from "../fixtures/thinning-heads.ts";

const MANY = Int32Array.from({ length: 200 }, (_, i) => i * 29);
const CONDITIONS = [HALF, { exclude: MANY }, { history: MANY, presencePenalty: 0.3 }, allowing((id) => id % 2 === 0)];
const CHAINS = [{ minP: 0.05 }, { temperature: 0 }, {}] satisfies DecodeOptions[];

test.each(NAMES)("one part answers under bitmaps and many exclusions with the bits of the index, %s", async (name) => {
  const { file, queryOf } = HEADS[name];
  const { index } = await open(file, LIMITS);
  const parted = new PartedIndex([partOf(index)]);
  for (const [i, conditions] of CONDITIONS.entries()) {
    for (const temperature of [0.5, 2]) {
      const asked = { temperature, ...conditions, seed: i };
      const { logPartition, standardError, ids } = index.predict(queryOf(1), 5, asked);
      expect(await parted.predict(queryOf(1), 5, asked)).toMatchObject({ logPartition, standardError, ids });
      const drawn = index.sample(queryOf(1), 20, { ...asked, exact: true });
      expect((await parted.sample(queryOf(1), 20, { ...asked, exact: true })).ids).toEqual(drawn.ids);
      for (const chain of CHAINS) {
        const { id, kept } = index.decode(queryOf(2), { ...asked, ...chain });
        expect(await parted.decode(queryOf(2), { ...asked, ...chain })).toMatchObject({ id, kept });
      }
    }
  }
});
