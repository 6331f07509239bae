import { load, type MultiIndex } from "../../src/index.ts";
import { type BuildOptions, build } from "../../src/train/index.ts";
import { createApp } from "../../worker/app.ts";
import { fixedHost } from "../../worker/host/fixed-host.ts";
import type { Host } from "../../worker/host/host.ts";
import { BandedDrift } from "../../worker/telemetry/banded-drift.ts";
import { randomRows } from "../train/rows.ts";

export const [ITEMS, DIM] = [2000, 8];
// Queries and rows of trained models lie in a cone around a common direction.
const centre = randomRows(DIM, 100);
const centreAt = (i: number): number => centre[i % DIM] as number;
export const data = randomRows(ITEMS * DIM, 3).map((value, i) => centreAt(i) + value);
export const bias = Float32Array.from({ length: ITEMS }, (_, id) => 3 - 0.5 * Math.log(1 + id));

/** Queries of the kind that the index was built with, in the cone of its rows: f32 (count, DIM). */
export const queriesOfKind = (count: number, seed: number): Float32Array =>
  randomRows(count * DIM, seed).map((value, i) => 2 * centreAt(i) + value);

const labels = Array.from(bias, (_, id) => `item ${id}`);

/** Builds an index with 100 queries of this kind, or with stand-ins. */
export const fileOf = (options: BuildOptions = { queries: queriesOfKind(100, 1) }): Promise<Uint8Array<ArrayBuffer>> =>
  build({ data, shape: [ITEMS, DIM] }, { bias, calibrate: "quick", labels, ...options });

export const indexOf = async (file: Uint8Array): Promise<MultiIndex> => load(file, { maxDelta: 400 });

/** A fresh service with an index, as `midx serve` has it, or as a Worker. */
export function serviceOf(index: MultiIndex, watchDrift?: Host["watchDrift"]) {
  const app = createApp({ ...fixedHost(index), ...(watchDrift && { watchDrift }) });
  const post = async (path: string, fields: object): Promise<void> => {
    const init = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(fields) };
    const response = await app.request(path, init);
    if (!response.ok) throw new Error(await response.text());
  };
  return {
    post,
    /** Asks with queries, f32 (n, DIM), one request each. */
    async ask(queries: Float32Array, fields: object = {}): Promise<void> {
      for (let first = 0; first < queries.length; first += DIM) {
        await post("/v1/predict", {
          vector: Array.from(queries.subarray(first, first + DIM)),
          k: 3,
          seed: first,
          ...fields,
        });
      }
    },
    metrics: async (): Promise<string> => (await app.request("/metrics")).text(),
  };
}

export const banded: NonNullable<Host["watchDrift"]> = (served) => new BandedDrift(served);
