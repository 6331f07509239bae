import type { Context } from "hono";

export const REQUEST_ID_HEADER = "x-request-id";

/** An id that a client or a proxy may give: logs and headers can hold it. */
const GIVEN_ID = /^[\w\-=]{1,255}$/;

/** Returns the id that the request came with, or a random one. */
export function requestIdOf(c: Context): string {
  const given = c.req.header(REQUEST_ID_HEADER);
  return given !== undefined && GIVEN_ID.test(given) ? given : crypto.randomUUID();
}
