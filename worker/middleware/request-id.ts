export const REQUEST_ID_HEADER = "x-request-id";

/** An id that a client or a proxy may give: logs and headers can hold it. */
const GIVEN_ID = /^[\w\-=]{1,255}$/;

/** Returns the id of a request: the one in its header, or a random one. */
export const requestIdOf = (given: string | null | undefined): string =>
  given && GIVEN_ID.test(given) ? given : crypto.randomUUID();
