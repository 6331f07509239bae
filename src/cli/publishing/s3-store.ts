import { setTimeout as sleep } from "node:timers/promises";
import { AwsClient } from "aws4fetch";
import { readAtMost } from "../../bytes/read-at-most.ts";
import { sha256 } from "../../bytes/sha256.ts";
import { MAX_PART_BYTES } from "../../publication/pointer.ts";
import { placeOf } from "../../publication/publishing/publication-store.ts";
import { allPages } from "../remote/all-pages.ts";
import { fetchSigned } from "../remote/fetch-signed.ts";
import { CONFLICTS, codeIn, conditionHeaders, etagOf } from "../remote/s3-answers.ts";
import { listingQuery, pageWithTimes } from "../remote/s3-listing.ts";
import { answerTo, timeOf } from "./request.ts";
import type { Store } from "./store.ts";

export interface Bucket {
  /** The address without a trailing slash. */
  readonly endpoint: string;
  readonly bucket: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** The number of times that a request is repeated after 429 or 5xx, and the most milliseconds before the first time. */
const RETRIES = 3;
const FIRST_WAIT = 50;

/** Accesses an R2 bucket through its S3 API, whose conditional writes prevent two writers from replacing the same value. */
export function s3Store({ endpoint, bucket, ...credentials }: Bucket, signal: AbortSignal): Store {
  const client = new AwsClient({ ...credentials, service: "s3", region: "auto" });
  const urlOf = (key: string): string => [endpoint, bucket, ...key.split("/").map(encodeURIComponent)].join("/");
  const send = async (url: string, init: RequestInit): Promise<Response> => {
    for (let tried = 0; ; tried++) {
      const response = await fetchSigned(client, url, init);
      if (tried === RETRIES || (response.status < 500 && response.status !== 429)) return response;
      await response.body?.cancel();
      await sleep(Math.random() * FIRST_WAIT * 2 ** tried);
    }
  };
  let time: number | undefined;
  const answered = async (key: string, ask: (init: RequestInit) => Promise<Response>): Promise<Response> => {
    const response = await answerTo(placeOf(store, key), NO_ANSWER, signal, ask);
    time = timeOf(response) ?? time;
    return response;
  };
  const store: Store = {
    name: `R2 bucket ${bucket}`,
    async get(key, maxBytes = MAX_PART_BYTES) {
      const response = await answered(key, (init) => send(urlOf(key), { ...init, method: "GET" }));
      if (response.ok) {
        const bytes = response.body ? await readAtMost(response.body, maxBytes) : new Uint8Array(0);
        return { bytes, etag: etagOf(response, placeOf(store, key)) };
      }
      const code = await codeOf(response);
      if (code === "NoSuchKey") return undefined;
      throw refusal(store, key, response.status, code);
    },
    async put(key, body, condition) {
      const headers = { ...conditionHeaders(condition), "x-amz-content-sha256": await sha256(body) };
      const response = await answered(key, (init) => send(urlOf(key), { ...init, method: "PUT", headers, body }));
      const code = await codeOf(response);
      if (response.ok) return true;
      if (condition && (CONFLICTS.has(response.status) || code === "NoSuchKey")) return false;
      throw refusal(store, key, response.status, code);
    },
    list: (folder) =>
      allPages(async (cursor) => {
        const url = `${endpoint}/${bucket}?${listingQuery(folder, cursor)}`;
        const response = await answered(folder, (init) => send(url, { ...init, method: "GET" }));
        const xml = await response.text();
        if (!response.ok) throw refusal(store, folder, response.status, codeIn(xml));
        return pageWithTimes(xml);
      }),
    async remove(key) {
      const response = await answered(key, (init) => send(urlOf(key), { ...init, method: "DELETE" }));
      const code = await codeOf(response);
      if (!response.ok && code !== "NoSuchKey") throw refusal(store, key, response.status, code);
    },
    time: async () => time,
    async close() {},
  };
  return store;
}

const codeOf = async (response: Response): Promise<string> => codeIn(await response.text());

const NO_ANSWER = "check the network, the account, and R2_ENDPOINT if it is set";

function refusal(store: Store, key: string, status: number, code: string): Error {
  return new Error(`${placeOf(store, key)}: ${[status, code].join(" ").trim()}: ${remedyFor(status, code)}`);
}

function remedyFor(status: number, code: string): string {
  if (status === 401 || status === 403) return "check R2_ACCESS_KEY_ID and R2_SECRET_ACCESS_KEY";
  if (code === "NoSuchBucket") return "create the bucket of [[r2_buckets]] with npx wrangler r2 bucket create";
  if (status === 429 || status >= 500) return "nothing that is published has changed: try again later";
  return "nothing that is published has changed";
}
