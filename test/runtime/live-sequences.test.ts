import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { build as bundle } from "esbuild";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import { expect, inject, onTestFinished, test } from "vitest";
import { COMPATIBILITY_DATE } from "../../bench/service/bundle.ts";
import { importedWasm } from "../../scripts/bundle/imported-wasm.ts";

type Package = typeof import("../../src/index.ts") &
  typeof import("../../src/train/index.ts") &
  typeof import("../../src/changes/index.ts") &
  typeof import("../../src/encoder/index.ts");

const WRITER = "a-token-that-may-write";
const KEY = "items.midx";
const LABELS = ["alpha", "beta", "gamma", "delta", "epsilon"];
const SEQUENCE = ["alpha", "new", "delta"];
const dist = (name: string): string => join(inject("installed"), "node_modules/midx/dist", name);

/** Starts a Worker that is nothing but an import of the installed package, bundled as wrangler does. */
async function startWorker(): Promise<Miniflare> {
  const { outputFiles } = await bundle({
    stdin: { contents: 'export { IndexLog, default } from "midx/live-sequences";', resolveDir: inject("installed") },
    ...{ bundle: true, format: "esm", target: "es2022", conditions: ["workerd"], write: false, logLevel: "silent" },
    plugins: [importedWasm],
  });
  const script = outputFiles[0]?.text ?? "";
  const modules = [...new Set(script.match(/[\w-]+\.wasm/g))];
  return new Miniflare(
    convertV4MiniflareOptions({
      ...{ host: "127.0.0.1", port: 0, cf: false, compatibilityDate: COMPATIBILITY_DATE },
      modules: [
        { type: "ESModule", path: "worker.js", contents: script },
        ...modules.map((path) => ({ type: "CompiledWasm", path, contents: readFileSync(dist(path)) }) as const),
      ],
      bindings: {
        ...{ INDEX_SOURCE: "r2", INDEX_KEY: KEY },
        WRITE_TOKENS: createHash("sha256").update(WRITER).digest("hex"),
      },
      r2Buckets: ["INDEX"],
      durableObjects: { LOG: { className: "IndexLog", useSQLite: true } },
    }),
  );
}

test("a Worker that imports midx/live-sequences takes changes and sequences, with the bits of Node", async () => {
  const modules = await Promise.all(["index", "train", "changes", "encoder"].map((name) => import(dist(`${name}.js`))));
  const { applyChanges, build, load, openEncoder, trainSequences } = Object.assign({}, ...modules) as Package;
  const ids = Int32Array.of(0, 1, 2, 3, 4, 3, 2, 1);
  const { model } = await trainSequences({ offsets: Uint32Array.of(0, 4, 8), ids, itemCount: 5 }, { dim: 8, seed: 1 });
  const { classes, bias } = model.tables as { readonly classes: Float32Array; readonly bias: Float32Array };
  const options = { bias, labels: LABELS, encoder: model, rowType: "f32", seed: 1 } as const;
  const file = await build({ data: classes, shape: [5, 8] }, options);
  const rows = [Array.from({ length: 8 }, (_, i) => Math.sin(i) / 2)];

  const worker = await startWorker();
  onTestFinished(() => worker.dispose());
  const { origin } = await worker.ready;
  await (await worker.getR2Bucket("INDEX")).put(KEY, file);
  const post = async (path: string, body: object): Promise<Record<string, unknown>> => {
    const headers = { "content-type": "application/json", authorization: `Bearer ${WRITER}`, "x-min-mutation": "0" };
    const response = await fetch(origin + path, { method: "POST", headers, body: JSON.stringify(body) });
    const answer = (await response.json()) as Record<string, unknown>;
    expect(response.status, JSON.stringify(answer)).toBe(200);
    return answer;
  };
  expect(await post("/v1/upsert", { labels: ["new"], rows, biases: [0.5] })).toMatchObject({ sequence: 1 });

  const index = await load(file, { maxDelta: 10 });
  applyChanges(index, { upserts: { labels: ["new"], rows: Float32Array.from(rows.flat()), biases: [0.5] } });
  const query = (await openEncoder(index)).encode(SEQUENCE);
  const asked = { sequence: SEQUENCE, k: 6, exact: true, minMutation: 1 };
  const { ids: best, probabilities } = index.predict(query, 6, { exact: true });
  expect(await post("/v1/predict", asked)).toMatchObject({
    ...{ mutation: 1, ids: [...best], labels: index.labels(best), probabilities: [...probabilities] },
  });
  const { state } = await post("/v1/encode", { sequence: SEQUENCE.slice(0, 2) });
  const { vector } = await post("/v1/encode", { sequence: SEQUENCE.slice(2), state });
  expect(Float32Array.from(vector as number[])).toEqual(query);
});
