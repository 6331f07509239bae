import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import { text } from "node:stream/consumers";

const TYPES: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".json": "application/json",
  ".txt": "text/plain; charset=utf-8",
  ".wasm": "application/wasm",
};

/** Serves the files of a folder over HTTP on a free port of this machine, with these headers. `onPost` gets what pages send. */
export async function serveFolder(
  folder: string,
  headers: Readonly<Record<string, string>> = {},
  onPost?: (body: string) => void,
): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer(async (request, response) => {
    const { url = "/", method } = request;
    if (method === "POST" && onPost) {
      onPost(await text(request));
      return response.writeHead(204).end();
    }
    const path = join(folder, new URL(url, "http://folder.invalid").pathname);
    const body = await readFile(path).catch(() => undefined);
    if (!body) return response.writeHead(404).end();
    const type = TYPES[extname(path)] ?? "application/octet-stream";
    return response.writeHead(200, { ...headers, "content-type": type }).end(body);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
