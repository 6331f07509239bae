import { onTestFinished } from "vitest";
import { startValkey } from "../../../scripts/engines/valkey.ts";
import { makeFolder } from "../files.ts";

/** Starts a server that ends with the test, and returns its URL. */
export async function valkeyForTest(): Promise<string> {
  const { url, stop } = await startValkey(makeFolder());
  onTestFinished(stop);
  return url;
}
