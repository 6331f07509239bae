// The Worker that bench/load.ts measures: it reads a request's body, an index file, to its end, and loads it if asked
// to.
import { load } from "../../src/workerd.ts";

export default {
  async fetch(request: Request): Promise<Response> {
    const bytes = await request.arrayBuffer();
    if (new URL(request.url).pathname === "/read") return Response.json({ bytes: bytes.byteLength });
    const index = await load(bytes);
    const { itemCount, memoryBytes } = index.info;
    index.dispose();
    return Response.json({ itemCount, memoryBytes });
  },
};
