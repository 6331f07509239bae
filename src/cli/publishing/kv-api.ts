import { readAtMost } from "../../bytes/read-at-most.ts";
import { allPages } from "../remote/all-pages.ts";
import type { KeyValues } from "./key-value-store.ts";
import { answerTo, timeOf } from "./request.ts";

export interface Namespace {
  /** The address of Cloudflare's API, without a trailing slash. */
  readonly baseUrl: string;
  readonly accountId: string;
  readonly namespaceId: string;
  readonly token: string;
}

/** The API's code for a missing key. A missing namespace is a 404 as well. */
const KEY_NOT_FOUND = 10009;
const MAX_MESSAGE = 200;

/** A page of keys. The cursor of the last page is "". */
interface KeyList {
  readonly result: readonly { readonly name: string }[];
  readonly result_info?: { readonly cursor?: string };
}

/** Accesses a KV namespace through Cloudflare's REST API. */
export function kvApi({ baseUrl, accountId, namespaceId, token }: Namespace, signal: AbortSignal): KeyValues {
  const name = `KV namespace ${namespaceId}`;
  const account = `${baseUrl}/accounts/${encodeURIComponent(accountId)}`;
  const namespace = `${account}/storage/kv/namespaces/${encodeURIComponent(namespaceId)}`;
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/octet-stream" };
  let time: number | undefined;
  const answered = async (key: string, path: string, request: RequestInit): Promise<Response> => {
    const response = await answerTo(`${name}: ${key}`, NO_ANSWER, signal, (init) =>
      fetch(`${namespace}/${path}`, { ...init, ...request, headers }),
    );
    time = timeOf(response) ?? time;
    return response;
  };
  const send = (key: string, request: RequestInit): Promise<Response> =>
    answered(key, `values/${encodeURIComponent(key)}`, request);
  const refusal = (key: string, status: number, { code, message }: Fault): Error => {
    const text = message.replaceAll(token, "…").slice(0, MAX_MESSAGE);
    return new Error(`${name}: ${key}: ${[status, code, text].join(" ").trim()}: ${remedyFor(status)}`);
  };
  return {
    name,
    async read(key, maxBytes) {
      const response = await send(key, { method: "GET" });
      if (response.ok) return response.body ? readAtMost(response.body, maxBytes) : new Uint8Array(0);
      const fault = faultIn(await response.text());
      if (response.status === 404 && fault.code === KEY_NOT_FOUND) return undefined;
      throw refusal(key, response.status, fault);
    },
    async write(key, body) {
      const response = await send(key, { method: "PUT", body });
      const text = await response.text();
      if (!response.ok) throw refusal(key, response.status, faultIn(text));
    },
    keys: (prefix) =>
      allPages(async (cursor) => {
        const query = new URLSearchParams({ prefix, ...(cursor !== undefined && { cursor }) });
        const response = await answered(prefix, `keys?${query}`, {});
        const text = await response.text();
        if (!response.ok) throw refusal(prefix, response.status, faultIn(text));
        const { result, result_info: info } = JSON.parse(text) as KeyList;
        return { keys: result.map((key) => key.name), next: info?.cursor || undefined };
      }),
    async remove(key) {
      const response = await send(key, { method: "DELETE" });
      const fault = faultIn(await response.text());
      if (!response.ok && fault.code !== KEY_NOT_FOUND) throw refusal(key, response.status, fault);
    },
    time: async () => time,
    async close() {},
  };
}

const NO_ANSWER = "check the network, and CLOUDFLARE_API_BASE_URL if it is set";

function remedyFor(status: number): string {
  if (status === 401 || status === 403) return "check CLOUDFLARE_API_TOKEN and CLOUDFLARE_ACCOUNT_ID";
  if (status === 404) return 'check CLOUDFLARE_ACCOUNT_ID and the "id" of [[kv_namespaces]]';
  if (status === 429 || status >= 500) return "nothing that is published has changed: try again later";
  return "nothing that is published has changed";
}

interface Fault {
  readonly code: number | "";
  readonly message: string;
}

/** Returns the first of `errors` in the API's JSON, or an empty fault for any other text. */
function faultIn(text: string): Fault {
  try {
    const [error] = (JSON.parse(text) as { errors: readonly Partial<Fault>[] }).errors;
    return { code: typeof error?.code === "number" ? error.code : "", message: String(error?.message ?? "") };
  } catch {
    return { code: "", message: "" };
  }
}
