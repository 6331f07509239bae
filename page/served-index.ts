import { load, type MultiIndex } from "../src/index.ts";
import { INDEX_LIMITS } from "../worker/contract/limits.ts";
import type { ServedInfo, Server } from "./server.ts";

/**
 * Loads the file that the server sends, with the limits of the server: the same bits are promised only for the same limits.
 *
 * @throws Error if the file is not that of the version which answers. A name would not tell: the server may not have looked for a
 *   new version yet, and a canary answers by a file of its own.
 */
export async function loadServedIndex(server: Pick<Server, "request">, info: ServedInfo): Promise<MultiIndex> {
  const index = await load(await server.request("/index.midx"), INDEX_LIMITS);
  if (index.info.contentId === info.contentId) return index;
  index.dispose();
  const reasons = "another version was published a moment ago, or is tried out as a canary. Try again in a minute.";
  throw new Error(`The server answers with version ${info.version}, and sends the file of another one: ${reasons}`);
}
