import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import { expect, inject, onTestFinished, test } from "vitest";
import { COMPATIBILITY_DATE } from "../../bench/service/bundle.ts";
import { memorySegments } from "../live/log/memory-segments.ts";
import { execute } from "./execute.ts";

const KEY = "words/current.json";
const [COUNT, DIM] = [60, 4];

test("midx/compactor in workerd compacts what the installed command has published", async () => {
  const installed = inject("installed");
  const dist = join(installed, "node_modules/midx/dist");
  const folder = mkdtempSync(join(tmpdir(), "midx-compactor-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const [{ build }, { encodeLoggedSet }, { logInSegments }] = await Promise.all(
    ["train", "changes", "live"].map((name) => import(join(dist, `${name}.js`))),
  );
  const data = Float32Array.from({ length: COUNT * DIM }, (_, i) => Math.sin(i * i));
  const labels = Array.from({ length: COUNT }, (_, id) => `item ${id}`);
  writeFileSync(join(folder, "words.midx"), await build({ data, shape: [COUNT, DIM] }, { labels }));
  const place = ["--folder", join(folder, "bucket"), "--key", KEY];
  await execute(installed, join(installed, "node_modules/.bin/midx"), "publish", join(folder, "words.midx"), ...place);
  const segments = memorySegments();
  const removals = labels.slice(0, 9);
  await logInSegments(segments, "words/log/").append(encodeLoggedSet({ removals }));

  const { exports } = JSON.parse(readFileSync(join(dist, "../package.json"), "utf8"));
  const main =
    'import compactor from "./compactor.js"; export default { fetch: async (_, env) => Response.json(await compactor.run(env)) };';
  const options = {
    ...{ host: "127.0.0.1", port: 0, cf: false, compatibilityDate: COMPATIBILITY_DATE },
    modules: [
      { type: "ESModule", path: "main.js", contents: main },
      {
        type: "ESModule",
        path: "compactor.js",
        contents: readFileSync(join(dist, "..", exports["./compactor"].workerd), "utf8"),
      },
      ...["query", "exact", "scan-relaxed", "train"].map((name) => {
        return { type: "CompiledWasm", path: `${name}.wasm`, contents: readFileSync(join(dist, `${name}.wasm`)) };
      }),
    ],
    r2Buckets: { INDEX: "index" },
    bindings: { INDEX_KEY: KEY, MAX_DELTA: "10" },
  };
  const workerd = new Miniflare(convertV4MiniflareOptions(options as Parameters<typeof convertV4MiniflareOptions>[0]));
  onTestFinished(() => workerd.dispose());
  const { href } = await workerd.ready;
  const bucket = await workerd.getR2Bucket("INDEX");
  for (const entry of readdirSync(join(folder, "bucket"), { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile()) await bucket.put(path.slice(join(folder, "bucket/").length), readFileSync(path));
  }
  for (const [key, bytes] of segments.values) await bucket.put(key, bytes);
  const answer = await fetch(href);
  expect(await answer.json()).toMatchObject({
    ...{ outcome: "published", sequence: 1, report: { removed: removals.length, itemCount: COUNT - removals.length } },
  });
});
