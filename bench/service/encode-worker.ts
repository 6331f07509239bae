import { openEncoder } from "../../src/encoder/workerd.ts";
import { load, type MultiIndex } from "../../src/workerd.ts";

// Encodes the same sequence `times` times in a request, because the clock of workerd stands still within one.

let index: MultiIndex | undefined;

/** Answers a request after the work that it asks for. */
async function answer(request: Request): Promise<Response> {
  const { pathname, searchParams } = new URL(request.url);
  const number = (name: string): number => Number(searchParams.get(name));
  if (pathname === "/index") {
    index?.dispose();
    index = await load(await request.bytes());
    return new Response("loaded");
  }
  if (index === undefined) return new Response("no index", { status: 400 });
  const encoder = await openEncoder(index);
  const [items, times] = [Array.from({ length: number("items") }, (_, i) => i), number("times")];
  let sum = 0;
  if (pathname === "/encode") for (let i = 0; i < times; i++) sum += encoder.encode(items)[0] as number;
  if (pathname === "/step") {
    const before = items.slice(1).reduce((state, item) => encoder.step(state, item).state, encoder.start());
    for (let i = 0; i < times; i++) sum += encoder.step(before, 0).query[0] as number;
  }
  return Response.json({ sum, memoryBytes: index.info.memoryBytes });
}

export default { fetch: answer };
