import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { importingSharedMemory, sharedMemory } from "../../src/threads/shared-modules.ts";

const bytesOf = (name: string): Uint8Array<ArrayBuffer> => new Uint8Array(readFileSync(`build/${name}.wasm`));

test.each(["query", "exact", "scan", "batch", "query.debug", "exact.debug"])(
  "%s is the same but for the import of its memory",
  (name) => {
    const [own, shared] = [bytesOf(name), importingSharedMemory(bytesOf(name))].map((it) => new WebAssembly.Module(it));
    const namesOf = (module: WebAssembly.Module | undefined) =>
      WebAssembly.Module.imports(module as WebAssembly.Module).filter(({ kind }) => kind !== "memory");
    expect(WebAssembly.Module.exports(shared as WebAssembly.Module)).toEqual(
      WebAssembly.Module.exports(own as WebAssembly.Module),
    );
    expect(namesOf(shared)).toEqual(namesOf(own));
    expect(WebAssembly.Module.imports(shared as WebAssembly.Module)).toContainEqual({
      module: "env",
      name: "memory",
      kind: "memory",
    });
  },
);

test("instances of them work in a memory that is shared", () => {
  const memory = sharedMemory(2 ** 20);
  const module = new WebAssembly.Module(importingSharedMemory(bytesOf("query")));
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  expect(exports.memory).toBe(memory);
  expect(memory.buffer).toBeInstanceOf(SharedArrayBuffer);
  memory.grow(15);
  expect(() => memory.grow(1)).toThrow(RangeError);
});
