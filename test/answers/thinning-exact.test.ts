import { expect, test, vi } from "vitest";
import { open } from "../fixtures/open.ts";
import { HALF, HEADS, ITEM_COUNT, isInHalf, isThin, LIMITS, NAMES } from "../fixtures/thinning-heads.ts";

test.each(NAMES)("under a bitmap, exact topK finds what brute force finds, without new weights, %s", async (name) => {
  const { file, queryOf } = HEADS[name];
  const one = await open(file, LIMITS);
  const { conditions } = one.opened;
  const weigh = conditions.weigh.bind(conditions);
  let weighsBitmap = false;
  vi.spyOn(conditions, "weigh").mockImplementation((...args) => {
    weighsBitmap ||= !isThin(one);
    weigh(...args);
  });
  const ids = Int32Array.from({ length: ITEM_COUNT }, (_, id) => id).filter(isInHalf);
  for (const row of [0, 1, 2]) {
    const asked = queryOf(row);
    const found = one.index.topK(asked, 40, { ...HALF, exact: true });
    const scores = one.index.score(asked, ids);
    const ranks = Array.from(ids.keys()).sort((a, b) => (scores[b] as number) - (scores[a] as number) || a - b);
    expect(Array.from(found.ids)).toEqual(ranks.slice(0, 40).map((rank) => ids[rank]));
    expect(found.exact).toBe(true);
  }
  expect(weighsBitmap).toBe(false);
});
