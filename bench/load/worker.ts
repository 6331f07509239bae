// What bench/load.ts measures in workerd: a request whose body is an index file, read to its end, or loaded too.
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
