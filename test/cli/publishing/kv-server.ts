import { listenFor } from "./listen.ts";

/** Serves Cloudflare's REST API for one KV namespace, in memory. */
export interface KvServer {
  readonly url: string;
  readonly values: Map<string, Buffer>;
  /** Runs before a request is answered. If it returns a number, that is the status of the answer. */
  before: (method: string, key: string) => Promise<number | undefined>;
  close(): Promise<void>;
}

export async function startKv(accountId: string, namespaceId: string, token: string): Promise<KvServer> {
  const values = new Map<string, Buffer>();
  const prefix = `/accounts/${accountId}/storage/kv/namespaces/`;
  const { url, close } = await listenFor(async ({ method = "", url = "", headers }, body) => {
    // A careless server repeats the request in its answer.
    if (headers.authorization !== `Bearer ${token}`) return json(403, 10000, `no entry: ${headers.authorization}`);
    const [, listing, query] = /^([^/]+)\/keys\?(.*)$/.exec(url.slice(prefix.length)) ?? [];
    if (listing === namespaceId) return pageOf([...values.keys()].sort(), new URLSearchParams(query));
    const [, namespace, key] = /^([^/]+)\/values\/([^/]+)$/.exec(url.slice(prefix.length)) ?? [];
    if (!url.startsWith(prefix) || namespace !== namespaceId) return json(404, 10013, "namespace not found");
    const name = decodeURIComponent(key as string);
    const forced = await server.before(method, name);
    if (forced !== undefined) return json(forced, 10001, "service unavailable");
    if (method === "PUT") {
      values.set(name, body);
      return json(200, 0, "");
    }
    if (method === "DELETE") {
      values.delete(name);
      return json(200, 0, "");
    }
    const value = values.get(name);
    return value ? { status: 200, headers: {}, body: value } : json(404, 10009, "get: 'key not found'");
  });
  const server: KvServer = { url, values, before: async () => undefined, close };
  return server;
}

/** Lists two keys a page. */
function pageOf(keys: readonly string[], query: URLSearchParams) {
  const [start, after] = [query.get("prefix") ?? "", query.get("cursor") ?? ""];
  const left = keys.filter((key) => key.startsWith(start) && key > after);
  const result = left.slice(0, 2).map((name) => ({ name }));
  const cursor = left.length > 2 ? left[1] : "";
  const body = JSON.stringify({ success: true, result, result_info: { count: result.length, cursor } });
  return { status: 200, headers: { "content-type": "application/json" }, body };
}

const json = (status: number, code: number, message: string) => ({
  status,
  headers: { "content-type": "application/json" },
  body: JSON.stringify({ success: status === 200, result: null, errors: status === 200 ? [] : [{ code, message }] }),
});
