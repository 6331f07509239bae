import { fuzzHeader } from "../test/hostile/targets.ts";

/** Fuzzes the validator of headers with any bytes. */
export function fuzz(data: Uint8Array): void {
  fuzzHeader(data);
}
