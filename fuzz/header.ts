import { fuzzHeader } from "../test/hostile/targets.ts";

/** The validator of headers, on any bytes. */
export function fuzz(data: Uint8Array): void {
  fuzzHeader(data);
}
