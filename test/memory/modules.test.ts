import { describe, expect, test } from "vitest";
import { instantiate, instantiateQuery } from "../../src/memory/kernels.ts";
import { BATCH_BASE, BUILDS, EXACT_BASE, QUERY_BASE, SCAN_BASE } from "../fixtures/modules.ts";

describe.each(Object.entries(BUILDS))("the modules, %s build", (_, modules) => {
  test("keep their constants apart, and the heap behind them", () => {
    const query = instantiateQuery(modules.query);
    expect(query.heapBase()).toBeLessThanOrEqual(EXACT_BASE);
    const exact = new WebAssembly.Instance(modules.exact, { env: { memory: query.memory }, query: { ...query } })
      .exports;
    const endOfExact = (exact.heapBase as () => number)();
    expect(endOfExact).toBeGreaterThan(EXACT_BASE);
    expect(endOfExact).toBeLessThanOrEqual(SCAN_BASE);
    const imports = { env: { memory: query.memory }, query: { ...query } };
    const endOfBatch = (new WebAssembly.Instance(modules.batch, imports).exports.heapBase as () => number)();
    expect(endOfBatch).toBeGreaterThan(BATCH_BASE);
    expect(endOfBatch).toBeLessThanOrEqual(QUERY_BASE);
    const { memory, heapBase } = instantiate(modules);
    expect(heapBase()).toBeGreaterThan(SCAN_BASE);
    expect(heapBase() % 16).toBe(0);
    expect(heapBase()).toBeLessThan(memory.buffer.byteLength);
    const constants = (of: WebAssembly.Memory) => new Uint8Array(of.buffer.slice(QUERY_BASE, query.heapBase()));
    expect(constants(memory), "constants of the first").toEqual(constants(query.memory));
  });

  test("share one memory for each instance", () => {
    const [one, other] = [instantiate(modules), instantiate(modules)];
    const at = one.heapBase();
    new Float32Array(one.memory.buffer, at, 4).set([0, 1, 9, 1]);
    expect(one.firstOutsideF32(at, 4, 0, 1), "a kernel of the exact module").toBe(2);
    expect(one.maxOf(at, 4), "a kernel of the query module").toBe(9);
    expect(other.maxOf(at, 4)).toBe(0);
  });
});
