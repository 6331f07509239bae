import { CHANGES_HEADER, DEADLINE_HEADER, GENERATION_HEADER, PARTIAL_HEADER, PARTS_HEADER } from "../parts/protocol.ts";
import type { PartHost, RoutedParts } from "./part-hosts.ts";

/** The content that is sent to a host: a body with its type, or nothing. */
export interface Sent {
  readonly path: string;
  readonly body?: Uint8Array<ArrayBuffer>;
  readonly type?: string;
  /** The answer may be of some of the parts. */
  readonly isPartial?: boolean;
}

/** The origin in requests to bindings, which ignore the host of the URL. */
const ANY_ORIGIN = "https://part.invalid";

/** Tells texts from what a service binding has under any name: a function to call from afar. */
const isText = (value: unknown): value is string => typeof value === "string";

/** Returns the request that sends something to a host of some parts. */
export function requestTo(
  { origin, token }: PartHost,
  { path, body, type, isPartial }: Sent,
  { generation, numbers }: RoutedParts,
  asked: { readonly deadlineMs: number; readonly wanted: string | undefined; readonly signal: AbortSignal },
): Request {
  const { deadlineMs, wanted, signal } = asked;
  const request = new Request((isText(origin) ? origin : ANY_ORIGIN) + path, {
    method: body ? "POST" : "GET",
    ...(body && { body }),
    headers: {
      [GENERATION_HEADER]: generation,
      [PARTS_HEADER]: numbers.join(),
      [DEADLINE_HEADER]: String(deadlineMs),
      ...(type !== undefined && { "content-type": type }),
      ...(wanted !== undefined && { [CHANGES_HEADER]: wanted }),
      ...(isPartial && { [PARTIAL_HEADER]: "allow" }),
      ...(isText(token) && { authorization: `Bearer ${token}` }),
    },
    redirect: "manual",
    signal,
  });
  // Node ends a request by its signal only as long as something refers to the request: a silent host would keep its connection once
  // garbage has been collected. The signal is that of one attempt, so the listener goes with it.
  signal.addEventListener("abort", () => void request.signal, { once: true });
  return request;
}
