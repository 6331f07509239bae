import { expect, test } from "vitest";
import { goodnessOfFit } from "../statistics/goodness-of-fit.ts";
import { randomRows } from "../train/rows.ts";
import { bases, type Entry, openChanged } from "./catalogue.ts";

test("draws of a changed index follow its Q, and exact ones its softmax", async () => {
  for (const base of await bases()) {
    const fresh = base.labels[0] === "0" ? String(base.itemCount) : "new";
    const entry = (label: string, seed: number): Entry => ({
      label,
      row: randomRows(base.dim, seed).map((value) => 1.5 * value),
      bias: 1,
    });
    const removed = Array.from({ length: 20 }, (_, i): Entry => ({ label: base.labels[i] as string }));
    const log = [...removed, ...[21, 22, 23].map((id) => entry(base.labels[id] as string, id)), entry(fresh, 24)];
    const { index } = await openChanged(base, { maxScan: 1024, build: "release" }, log);
    const query = randomRows(base.dim, 25);
    const ids = Array.from({ length: index.info.itemCount }, (_, id) => id);
    for (const options of [{ scan: 0 }, { scan: 8 }, { exact: true } as const]) {
      const counts = new Float64Array(ids.length);
      for (let seed = 0; seed < 20; seed++) {
        for (const id of index.sample(query, 1024, { ...options, seed }).ids) (counts[id] as number)++;
      }
      const logs = options.exact
        ? index.logProbability(query, ids, { exact: true, seed: 1 }).logProbabilities
        : index.logQ(query, ids, { scan: options.scan });
      const { g, low, high } = goodnessOfFit(counts, Array.from(logs, Math.exp));
      expect(g).toBeGreaterThan(low);
      expect(g).toBeLessThan(high);
    }
  }
});
