import { expect, test } from "vitest";
import { buildMeasured, load } from "../../bench/library.ts";
import { startRandom } from "../../bench/trust/synthetic.ts";
import { LARGE } from "../run/size.ts";

const [ITEMS, CLUSTERS, DIM, NOISE, K] = [12_000, 54, 64, 0.3, 10];
const ASKED = [0.9, 0.95, 0.99];

test.runIf(LARGE)("classes like one of a tight cluster are found as often as asked, by plain builds", async () => {
  const { normal, below } = startRandom(7);
  const centres = Float32Array.from({ length: CLUSTERS * DIM }, normal);
  const data = new Float32Array(ITEMS * DIM);
  for (let start = 0; start < data.length; start += DIM) {
    const centre = below(CLUSTERS) * DIM;
    for (let d = 0; d < DIM; d++) data[start + d] = (centres[centre + d] as number) + NOISE * normal();
  }
  const index = await load(await buildMeasured({ data, shape: [ITEMS, DIM] }, { metric: "cosine", fineCodes: true }));
  const ids = Array.from({ length: 200 }, (_, i) => 50 * i);
  const found = ASKED.map(() => 0);
  for (const id of ids) {
    const [query, exclude] = [index.rows([id]), [id]];
    const best = new Set(index.topK(query, K, { exclude, exact: true }).ids);
    for (const [i, recall] of ASKED.entries()) {
      found[i] =
        (found[i] as number) + index.topK(query, K, { exclude, recall }).ids.filter((each) => best.has(each)).length;
    }
  }
  for (const [i, recall] of ASKED.entries()) {
    expect((found[i] as number) / (K * ids.length), `${recall} asked`).toBeGreaterThan(recall - 0.01);
  }
  index.dispose();
});
