import { describe, expect, test } from "vitest";
import { load } from "../../src/index.ts";
import { batchModuleOf, modulesOf } from "../../src/memory/precompiled-modules.ts";

import { VERSION } from "../../src/version.ts";
import { buildIndex } from "../fixtures/build-index.ts";
import { BUILDS } from "../fixtures/modules.ts";

const { query, exact, scan, batch } = BUILDS.release;
const relaxedScan = BUILDS.relaxed.scan;
/** A module of eight bytes that is not one of ours. */
const foreign = new WebAssembly.Module(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0));

describe("modules given to load", () => {
  test("are accepted, with either scan module", () => {
    expect(modulesOf({})).toBeUndefined();
    for (const modules of [
      { query, exact, scan },
      { query, exact, scan: relaxedScan },
    ]) {
      expect(modulesOf({ modules })).toEqual(modules);
    }
  });

  test("may have one for batches, which is checked as well", () => {
    expect(batchModuleOf({})).toBeUndefined();
    expect(batchModuleOf({ modules: { query, exact, scan } })).toBeUndefined();
    expect(batchModuleOf({ modules: { query, exact, scan, batch } })).toBe(batch);
    const refused = () => batchModuleOf({ modules: { query, exact, scan, batch: scan } });
    expect(refused).toThrow(/"modules.batch" expected that of midx\/wasm\/batch.wasm, batch \d.*, got scan \d/);
    expect(refused).toThrow(TypeError);
  });

  test("load an index that answers as it does with the library's own", async () => {
    const file = await buildIndex({ data: Float32Array.from({ length: 80 }, (_, i) => (i % 7) - 3), shape: [20, 4] });
    const vector = Float32Array.of(1, -1, 0.5, 2);
    const [given, own] = [await load(file, { modules: { query, exact, scan }, maxBatch: 2 }), await load(file)];
    expect(given.predict(vector, 5, { seed: 1 })).toEqual(own.predict(vector, 5, { seed: 1 }));
    const together = await load(file, { modules: { query, exact, scan, batch } });
    const three = { exact: true, batch: 3, seed: 1 };
    const vectors = Float32Array.from({ length: 12 }, (_, i) => (i % 5) - 2);
    expect(together.predict(vectors, 5, three)).toEqual(own.predict(vectors, 5, three));
    await expect(load(file, { modules: { query, exact: query, scan } })).rejects.toThrow(/"modules.exact"/);
  });

  test.each([
    ["no modules", null, /"modules" expected an object, got null/],
    ["an empty object", {}, /"modules.query" expected that of midx\/wasm\/query.wasm, query \d.*, got no kernel/],
    ["a slip", { query, exact, scan, batches: batch }, /"batches" is not an option of modules: did you mean "batch"\?/],
    [
      "an old name",
      { query, whole: exact, scan },
      /"whole" is not an .* of modules: it takes query, exact, scan, batch/,
    ],
    ["one that is missing", { query, exact }, /"modules.scan" .*midx\/wasm\/scan.wasm, scan \d.*, got no kernel/],
    ["bytes", { query: new Uint8Array(8), exact, scan }, /"modules.query" .*, got no kernel/],
    ["a foreign one", { query: foreign, exact, scan }, /"modules.query" .*, got no kernel/],
    ["another kernel", { query, exact: scan, scan }, /"modules.exact" .*, exact \d.*, got scan \d/],
  ])("are refused by name: %s", (_, modules, message) => {
    expect(() => modulesOf({ modules: modules as never })).toThrow(message);
    expect(() => modulesOf({ modules: modules as never })).toThrow(TypeError);
  });

  test("of another version are refused", () => {
    const identity = new TextEncoder().encode("\x04midxquery 0.0.9");
    const old = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 0, identity.length, ...identity);
    const modules = { query: new WebAssembly.Module(old), exact, scan };
    expect(() => modulesOf({ modules })).toThrow(`query ${VERSION}, got query 0.0.9`);
  });

  test("cannot be combined with simd", () => {
    expect(() => modulesOf({ modules: { query, exact, scan }, simd: "base" })).toThrow(/"simd" contradicts "modules"/);
  });
});
