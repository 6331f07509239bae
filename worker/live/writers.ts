import type { Context } from "hono";
import { sha256 } from "../../src/internal.ts";
import { LiveProblem } from "../contract/live-problems.ts";
import { tokenOf } from "../middleware/tokens.ts";
import { invalidField } from "../request/invalid-field.ts";
import type { LiveSettings } from "./live-settings.ts";

export const UPSERT_PATH = "/v1/upsert";
export const DELETE_PATH = "/v1/delete";
const KEY_HEADER = "idempotency-key";
/** A key that logs can hold. */
const KEY = /^[\x21-\x7e]{1,255}$/;
/** The paths of writes. Routes answer at a path with a slash at its end, too. */
const WRITE =
  /^\/(v1\/(upsert|delete)|client\/v4\/accounts\/[^/]+\/vectorize\/v2\/indexes\/[^/]+\/(insert|upsert|delete_by_ids))\/?$/;

/** Tells requests that change classes from those that read. */
export const isWrite = ({ req: { method, path } }: Context): boolean => method === "POST" && WRITE.test(path);

/** Refuses a write if nobody may write. The guard has already refused unknown tokens. */
export function requireWriters({ writeTokens }: LiveSettings): void {
  if (writeTokens.length > 0) return;
  throw new LiveProblem(
    "writes_closed",
    "nobody may write here: set WRITE_TOKENS (writeTokens in a program) to the digests of tokens that may, or --write-token-file of midx serve",
  );
}

/** The key that makes a repeated call the same one, and a name of the token it came with that does not reveal it. */
export async function keyOf(c: Context): Promise<{ readonly key?: string; readonly writer?: string }> {
  const key = c.req.header(KEY_HEADER);
  if (key === undefined) return {};
  if (!KEY.test(key)) throw invalidField(KEY_HEADER, "1 to 255 visible characters of ASCII, got other text");
  // The same token may be sent as "bearer" or behind several blanks.
  const token = new TextEncoder().encode(`Bearer ${tokenOf(c)}`);
  return { key, writer: (await sha256(token)).slice(0, 16) };
}
