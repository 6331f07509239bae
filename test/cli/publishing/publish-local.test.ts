import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { localStore } from "../../../src/cli/publishing/local-store.ts";
import { readProject } from "../../../src/cli/publishing/project.ts";
import { prune } from "../../../src/cli/publishing/prune.ts";
import { publish } from "../../../src/cli/publishing/publish.ts";
import { rollback } from "../../../src/cli/publishing/rollback.ts";
import type { Store } from "../../../src/cli/publishing/store.ts";
import { type Target, targetOf } from "../../../src/cli/publishing/target.ts";
import { EVERY } from "../../run/size.ts";
import { midx } from "../run.ts";
import { writeIndexes } from "./index-files.ts";
import { indexes, SMALL_PARTS } from "./indexes.ts";
import { around } from "./memory-store.ts";
import { readPublished } from "./reader.ts";
import { KV, makeWorkerFolder, R2, varsOf } from "./worker-folder.ts";

const KEY = "words/current.json";
const SOURCES = { r2: R2, kv: KV };

let files: Uint8Array<ArrayBuffer>[];
beforeAll(async () => {
  files = await indexes(3);
});

/** Runs `action` with the local store of a configuration, which it reads again. */
async function inLocal<T>(config: string, action: (store: Store) => Promise<T>): Promise<T> {
  const project = await readProject(config, undefined);
  const store = await localStore(project, targetOf(project) as Exclude<Target, { source: "assets" }>);
  try {
    return await action(store);
  } finally {
    await store.close();
  }
}

const read = (store: Store) => readPublished(async (key) => (await store.get(key))?.bytes, KEY);

describe.each(["r2", "kv"] as const)("the local state of wrangler, %s,", (source) => {
  const makeConfig = () => makeWorkerFolder(...varsOf(source), ...SOURCES[source]);

  // The commands do the same with every store, which the next test asks more of: one of the two is theirs in `npm test`.
  test.runIf(EVERY || source === "r2")("keeps what midx publish and midx rollback did", async () => {
    const config = makeConfig();
    const [first = "", second = ""] = await writeIndexes(2);
    const argv = (path: string, version: string) => ["publish", path, "--as", version, "--config", config];
    expect(await midx(argv(first, "v1"))).toMatchObject({ code: 0, stderr: "" });
    expect(await midx(argv(second, "v2"))).toMatchObject({ code: 0, stderr: "" });
    expect(await inLocal(config, read)).toEqual({ version: "v2", bytes: readFileSync(second) });
    expect(await midx(["rollback", "--config", config])).toMatchObject({ code: 0, stderr: "" });
    expect(await inLocal(config, read)).toEqual({ version: "v1", bytes: readFileSync(first) });
    expect(readdirSync(join(dirname(config), ".wrangler/state/v3")), "where wrangler dev looks").toContain(source);
    const again = await midx(["rollback", "--config", config]);
    expect(again).toMatchObject({ code: 1, stderr: expect.stringMatching(/^error: local (R2|KV) .*: words\/current/) });
  });

  test("is opened without the rest of the configuration, of whose Durable Objects workerd would warn", async () => {
    const objects = ["[[durable_objects.bindings]]", 'name = "LOG"', 'class_name = "IndexLog"'];
    const project = await readProject(makeWorkerFolder(...varsOf(source), ...SOURCES[source], ...objects), undefined);
    const opened: Parameters<typeof project.wrangler.getPlatformProxy>[0][] = [];
    const read = (config: string) => project.wrangler.unstable_readConfig({ config }, { hideWarnings: true });
    const wrangler: typeof project.wrangler = {
      ...project.wrangler,
      getPlatformProxy: (options) => {
        opened.push(options);
        expect(read(options.configPath)).toMatchObject({
          durable_objects: { bindings: [] },
          [source === "r2" ? "r2_buckets" : "kv_namespaces"]: [{ binding: source === "r2" ? "INDEX" : "INDEX_KV" }],
        });
        return project.wrangler.getPlatformProxy(options);
      },
    };
    const target = targetOf(project) as Exclude<Target, { source: "assets" }>;
    await (await localStore({ ...project, wrangler }, target)).close();
    expect(opened.map(({ configPath }) => existsSync(configPath))).toEqual([false]);
  });

  test("holds to the conditions of a publication", async () => {
    await inLocal(makeConfig(), async (store) => {
      const put = (target: Store, i: number, version: string) =>
        publish(target, KEY, files[i] as Uint8Array<ArrayBuffer>, { version, maxPartBytes: SMALL_PARTS });
      expect(await put(store, 0, "a")).toMatchObject({ outcome: "published", newParts: 3 });
      expect(await put(store, 0, "a")).toMatchObject({ outcome: "current" });
      await expect(put(store, 1, "a")).rejects.toThrow("words/versions/a.json is another file");
      const late = around(store, async (run, _at, call, key) => {
        if (call === "put" && key === KEY) await put(store, 1, "b");
        return run();
      });
      await expect(put(late, 2, "c")).rejects.toThrow("is now b");
      expect((await read(store))?.bytes).toEqual(Buffer.from(files[1] as Uint8Array));
      expect(await store.put("x.json", new Uint8Array([1]), { etag: "none" })).toBe(false);
      expect(await store.put("x.json", new Uint8Array([1]), "absent")).toBe(true);
      expect(await store.put("x.json", new Uint8Array([2]), "absent")).toBe(false);
      expect((await store.get("x.json"))?.bytes).toEqual(new Uint8Array([1]));
      expect(await store.get("y.json")).toBeUndefined();
      await rollback(store, KEY);
      expect(await read(store)).toMatchObject({ version: "a" });
      expect(await prune(store, KEY, { keep: 1, graceSeconds: 0 })).toMatchObject({
        kept: ["a"],
        deleted: [
          "versions/b.json",
          "versions/c.json",
          ...Array.from({ length: 6 }, () => expect.stringMatching(/^parts\//)),
        ],
      });
      expect(await store.list("words/versions/")).toMatchObject([{ key: "words/versions/a.json" }]);
      expect((await read(store))?.bytes).toEqual(Buffer.from(files[0] as Uint8Array));
    });
  });
});
