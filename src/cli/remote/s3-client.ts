import { AwsClient } from "aws4fetch";
import { fetchSigned } from "./fetch-signed.ts";
import { reasonCode, remedyOf } from "./refusals.ts";
import { codeIn } from "./s3-answers.ts";
import type { S3Settings } from "./s3-settings.ts";
import { passing, type Tries, TryAgain, withTries } from "./tries.ts";

/** A request about a key of a bucket, or about the bucket if the key is empty. */
export interface S3Request {
  readonly method: "GET" | "HEAD" | "PUT" | "POST" | "DELETE";
  readonly key: string;
  /** Such as "uploads=". */
  readonly query?: string;
  readonly headers?: Record<string, string>;
  readonly body?: Uint8Array<ArrayBuffer> | string;
}

/** The answer to a request, with its text if that is an error or short. */
export interface S3Answer {
  readonly status: number;
  readonly code: string;
  readonly headers: Headers;
  readonly text: string;
}

/** Sends signed requests about one bucket. */
export interface S3Client {
  readonly signal: AbortSignal;
  readonly tries?: Tries | undefined;
  /** The name of a key in messages. */
  shown(key: string): string;
  send(request: S3Request, init: RequestInit): Promise<Response>;
  /** Sends a request until it has an answer that will not change by itself. */
  ask(request: S3Request): Promise<S3Answer>;
  /** Returns the error for an answer that is neither a success nor expected. */
  refusal(key: string, answer: { readonly status: number; readonly code: string }): Error;
}

export function s3Client(
  { endpoint, region, ...credentials }: S3Settings,
  bucket: string,
  signal: AbortSignal,
  tries?: Tries,
): S3Client {
  const signing = new AwsClient({ ...credentials, region, service: "s3" });
  const urlOf = (key: string, query: string): string =>
    [endpoint, bucket, ...(key === "" ? [] : key.split("/").map(encodeURIComponent))].join("/") + query;
  const client: S3Client = {
    signal,
    tries,
    shown: (key) => `s3://${bucket}/${key}`,
    send({ method, key, query, headers, body }, init) {
      const request = { ...init, method, headers: { ...headers }, ...(body !== undefined && { body }) };
      return fetchSigned(signing, urlOf(key, query === undefined ? "" : `?${query}`), request);
    },
    ask: (request) =>
      withTries(
        client.shown(request.key),
        client,
        (init) => client.send(request, init),
        async (response) => {
          const text = await passing(response.text());
          const { status, headers } = response;
          if (status === 429 || status >= 500) throw new TryAgain([status, codeIn(text)].join(" ").trim());
          return { status, code: codeIn(text), headers, text };
        },
      ),
    refusal: (key, { status, code }) =>
      new Error(`${client.shown(key)}: ${reasonCode(status, code)}: ${remedyOf(status, code)}`),
  };
  return client;
}
