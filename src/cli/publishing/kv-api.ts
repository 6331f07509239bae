import type { KeyValues } from "./key-value-store.ts";
import { answerTo } from "./request.ts";

export interface Namespace {
  /** Of Cloudflare's API, without a slash at its end. */
  readonly baseUrl: string;
  readonly accountId: string;
  readonly namespaceId: string;
  readonly token: string;
}

/** "key not found" among the API's codes; a namespace that is not there is a 404 as well. */
const KEY_NOT_FOUND = 10009;
const MAX_MESSAGE = 200;

/** A namespace of KV by Cloudflare's REST API. */
export function kvApi({ baseUrl, accountId, namespaceId, token }: Namespace, signal: AbortSignal): KeyValues {
  const name = `KV namespace ${namespaceId}`;
  const account = `${baseUrl}/accounts/${encodeURIComponent(accountId)}`;
  const values = `${account}/storage/kv/namespaces/${encodeURIComponent(namespaceId)}/values`;
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/octet-stream" };
  const send = (key: string, request: RequestInit): Promise<Response> =>
    answerTo(`${name}: ${key}`, signal, (init) =>
      fetch(`${values}/${encodeURIComponent(key)}`, { ...init, ...request, headers }),
    );
  const refusal = (key: string, status: number, { code, message }: Fault): Error => {
    const hint = status === 401 || status === 403 ? ": see CLOUDFLARE_API_TOKEN and CLOUDFLARE_ACCOUNT_ID" : "";
    const said = message.replaceAll(token, "…").slice(0, MAX_MESSAGE);
    return new Error(`${name}: ${key}: ${[status, code, said].join(" ").trim()}${hint}`);
  };
  return {
    name,
    async read(key) {
      const response = await send(key, { method: "GET" });
      if (response.ok) return new Uint8Array(await response.arrayBuffer());
      const fault = faultIn(await response.text());
      if (response.status === 404 && fault.code === KEY_NOT_FOUND) return undefined;
      throw refusal(key, response.status, fault);
    },
    async write(key, body) {
      const response = await send(key, { method: "PUT", body });
      const text = await response.text();
      if (!response.ok) throw refusal(key, response.status, faultIn(text));
    },
    async close() {},
  };
}

interface Fault {
  readonly code: number | "";
  readonly message: string;
}

/** The first of `errors` in the API's JSON; what is no such JSON says nothing. */
function faultIn(text: string): Fault {
  try {
    const [error] = (JSON.parse(text) as { errors: readonly Partial<Fault>[] }).errors;
    return { code: typeof error?.code === "number" ? error.code : "", message: String(error?.message ?? "") };
  } catch {
    return { code: "", message: "" };
  }
}
