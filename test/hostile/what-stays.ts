// Run in a separate process (leaks.test.ts, node --expose-gc): repeats one action after the other and prints, as JSON, what
// stays of each in memory.
import { readFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { load } from "../../bench/library.ts";

const [path = "", dim = "", times = "{}"] = process.argv.slice(2);
const file = Uint8Array.from(readFileSync(path));
const query = new Float32Array(Number(dim));

/** The memories that were made and are still alive. Each grows once while its index is loaded. */
let living = 0;
const registry = new FinalizationRegistry(() => living--);
const seen = new WeakSet<WebAssembly.Memory>();
const { grow } = WebAssembly.Memory.prototype;
let refusesMemory = false;
WebAssembly.Memory.prototype.grow = function (pages) {
  if (!seen.has(this)) {
    seen.add(this);
    registry.register(this, undefined);
    living++;
  }
  if (refusesMemory) throw new RangeError("WebAssembly.Memory.grow(): Maximum memory size exceeded");
  return grow.call(this, pages);
};

const damaged = file.slice();
(damaged[file.length - 1] as number) ^= 1;

const brokenStream = (): ReadableStream<Uint8Array> => {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at > file.length / 2) return controller.error(new Error("the line is cut"));
      controller.enqueue(file.slice(at, at + 65536));
      at += 65536;
    },
  });
};

async function expectFailure(loading: Promise<unknown>, message: RegExp): Promise<void> {
  const error: unknown = await loading.then(
    () => new Error("loaded"),
    (reason) => reason,
  );
  if (!(error instanceof Error && message.test(error.message))) throw error;
}

const kept = await load(file);

const ACTIONS: Record<string, () => Promise<void> | void> = {
  "load and dispose": async () => {
    const index = await load(file);
    index.predict(query, 10, { seed: 1 });
    index.dispose();
  },
  "load and forget": async () => {
    (await load(file)).topK(query, 10, { exact: true });
  },
  "fail at a damaged file": () => expectFailure(load(damaged), /tensor-/),
  "fail with a stream": () => expectFailure(load(brokenStream() as never), /line is cut/),
  "fail for memory": async () => {
    refusesMemory = true;
    await expectFailure(load(file), /the runtime refused/);
    refusesMemory = false;
  },
  query: () => {
    kept.predict(query, 10, { seed: 1, exclude: [1, 2] });
    kept.sample(query, 10, { seed: 1, temperature: 0.5 });
    kept.topK(query, 10, { exact: true });
  },
};

/** Collects garbage until nothing changes any more: finalizers run between turns of the event loop. */
async function settle(): Promise<{ living: number; rss: number; heap: number; external: number }> {
  for (let i = 0; i < 10; i++) {
    (globalThis as unknown as { gc: () => void }).gc();
    await setTimeout(10);
  }
  const { rss, heapUsed, external, arrayBuffers } = process.memoryUsage();
  return { living, rss, heap: heapUsed, external: external + arrayBuffers };
}

async function whatStays(name: string, count: number): Promise<object> {
  const action = ACTIONS[name] as () => Promise<void> | void;
  const repeat = async (count: number): Promise<void> => {
    for (let i = 0; i < count; i++) await action();
  };
  await repeat(Math.ceil(count / 5));
  const before = await settle();
  await repeat(count);
  return { before, after: await settle() };
}

const stays: Record<string, object> = {};
for (const [name, count] of Object.entries(JSON.parse(times) as Record<string, number>)) {
  stays[name] = await whatStays(name, count);
}
console.log(JSON.stringify({ stays, memoryBytes: kept.info.memoryBytes }));
