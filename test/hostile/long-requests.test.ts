import { beforeAll, expect, test } from "vitest";
import { load, type MultiIndex } from "../../src/index.ts";
import { build } from "../../src/train/index.ts";
import { createApp } from "../../worker/app.ts";
import { fixedHost } from "../../worker/host/fixed-host.ts";
import { noise } from "../cli/noise.ts";
import { leastTime } from "./judge.ts";

// A batch may have 4 MiB, and a filter is read before its length is known. Where such a request took long, it took seconds, or all
// memory of the process.

const [ITEM_COUNT, DIM] = [60, 4];
const VALUES = 150_000;
/** JSON.parse takes a twentieth of it. */
const MOST_MILLISECONDS = 1500;

let index: MultiIndex;
beforeAll(async () => {
  const matrix = { data: noise(ITEM_COUNT * DIM, 1), shape: [ITEM_COUNT, DIM] } as const;
  const columns = { price: { type: "number", values: Array.from({ length: ITEM_COUNT }, (_, id) => id) } } as const;
  index = await load(await build(matrix, { bits: 2, seed: 1, columns, calibrate: "off" }), { maxBatch: 100 });
});

const large = Array.from({ length: VALUES }, (_, i) => 2 ** 60 + i * 2 ** 12);
const small = Array.from({ length: 10 * VALUES }, (_, i) => (i * 7919) % 10);

test.each([
  ["a name of a megabyte above many integers", { ["n".repeat(2 ** 20)]: large }],
  ["a long list", { price: { $in: small } }],
  ["many columns", Object.fromEntries(small.slice(0, VALUES).map((value, i) => [`column ${i}`, value]))],
])("a filter with %s is refused in a moment", async (_, filter) => {
  const app = createApp(fixedHost(index));
  const vectors = [[1, 0, 0, 1]];
  for (const fields of [{ filter }, { conditions: [{ filter }] }]) {
    const body = JSON.stringify({ vectors, ...fields });
    const init = { method: "POST", headers: { "content-type": "application/json" }, body };
    const { result, milliseconds } = await leastTime(
      MOST_MILLISECONDS,
      async () => app.request("/v1/predict", init),
      3,
    );
    expect(result.status).toBe(400);
    expect(milliseconds).toBeLessThan(MOST_MILLISECONDS);
    expect((await result.text()).length).toBeLessThan(1000);
  }
});
