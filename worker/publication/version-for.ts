import type { Context } from "hono";
import type { Served } from "../host/host.ts";
import { digest } from "../middleware/tokens.ts";

/**
 * Returns the version that answers a caller. The hash of the canary's name and the caller's key decides, so every isolate makes
 * the same choice, a larger share keeps its callers, and another canary gets other callers. The key comes from the header
 * `x-client-key`, which nothing keeps or logs. Without one the id of the request decides.
 */
export async function versionFor(c: Context, served: Served): Promise<Served> {
  const { canary } = served;
  if (!canary) return served;
  const key = c.req.header("x-client-key") ?? c.get("requestId");
  const { buffer } = await digest(`${canary.version} ${key}`);
  return new DataView(buffer).getUint32(0) < canary.share * 2 ** 32 ? canary : served;
}
