import type { Context, Hono } from "hono";
import type { Appended } from "../../src/publication/change-log.ts";
import { deleteSchema, MAX_CHANGES_BYTES, upsertSchema } from "../contract/live-requests.ts";
import { REQUEST_ID_HEADER } from "../middleware/request-id.ts";
import { readJson } from "../request/body.ts";
import { append, type WritingHost } from "./append.ts";
import { listed, readClasses, readLabels } from "./given-changes.ts";
import { DELETE_PATH, requireWriters, UPSERT_PATH } from "./writers.ts";

/**
 * POST /v1/upsert and /v1/delete: changes of at most 1,000 classes, all or none. They are in the log before the answer is sent.
 */
export function writeRoutes(app: Hono, writing: WritingHost): void {
  writeRoute(app, UPSERT_PATH, writing, async (c) => {
    const { fields } = await readJson(c, upsertSchema, MAX_CHANGES_BYTES);
    const { space } = fields;
    const appended = await append(
      c,
      writing,
      ({ info }) => ({ upserts: readClasses(fields, info.dim, listed), ...(space !== undefined && { space }) }),
      listed,
    );
    return answer(c, appended);
  });
  writeRoute(app, DELETE_PATH, writing, async (c) => {
    const { labels } = (await readJson(c, deleteSchema, MAX_CHANGES_BYTES)).fields;
    const removals = readLabels(labels, listed);
    return answer(c, await append(c, writing, () => ({ removals }), listed));
  });
}

/** Adds a route that writes. A request is refused before its body is read, if nobody may write. */
export function writeRoute(
  app: Hono,
  path: string,
  { live }: WritingHost,
  answerTo: (c: Context) => Promise<Response>,
): void {
  app.post(path, async (c) => {
    c.set("route", path);
    requireWriters(live());
    return answerTo(c);
  });
}

/** The id of a mutation is its number, as a text for clients of Vectorize. */
export const mutationIdOf = ({ sequence }: Appended): string => String(sequence);

function answer(c: Context, appended: Appended): Response {
  c.header(REQUEST_ID_HEADER, c.get("requestId"));
  return c.json({ mutationId: mutationIdOf(appended), sequence: appended.sequence });
}
