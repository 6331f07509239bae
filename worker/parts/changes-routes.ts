import type { Context, Hono } from "hono";
import * as v from "valibot";
import { array, objectMessage } from "../contract/messages.ts";
import { REQUEST_ID_HEADER } from "../middleware/request-id.ts";
import { readJson, readMessages } from "../request/body.ts";
import { textsIn } from "../request/texts.ts";
import type { PartFor } from "./answering-part.ts";
import { askedParts } from "./asked-parts.ts";
import { ofParts } from "./change-facts.ts";
import type { ChangingPart } from "./changing-part.ts";
import { OtherChanges } from "./part-problem.ts";
import {
  CHANGES_HEADER,
  MAX_MESSAGES_BYTES,
  MAX_PART_CHANGES_BYTES,
  MESSAGES_TYPE,
  PART_CHANGES_PATH,
  PART_LABELS_PATH,
} from "./protocol.ts";
import { takesNone } from "./require-changes.ts";

/** Labels that a router looks for. */
const partLabelsSchema = v.strictObject({ labels: array }, objectMessage);

/** Adds the routes by which a router changes parts. */
export function changesRoutes(app: Hono, partFor: PartFor): void {
  const changingPart = async (c: Context): Promise<ChangingPart> => {
    const { changes } = await partFor(c, askedParts(c));
    if (!changes) throw takesNone();
    return changes;
  };
  app.get(PART_CHANGES_PATH, async (c) => {
    c.set("route", PART_CHANGES_PATH);
    const changes = await changingPart(c);
    return c.json(ofParts(await changes.facts()));
  });
  app.post(PART_CHANGES_PATH, async (c) => {
    c.set("route", PART_CHANGES_PATH);
    const message = await readMessages(c, MESSAGES_TYPE, MAX_PART_CHANGES_BYTES);
    const changes = await changingPart(c);
    try {
      await changes.take(message);
    } catch (error) {
      c.header(CHANGES_HEADER, error instanceof OtherChanges ? error.state : changes.state);
      throw error;
    }
    c.header(CHANGES_HEADER, changes.state);
    c.header(REQUEST_ID_HEADER, c.get("requestId"));
    return c.json({ changes: changes.state });
  });
  app.post(PART_LABELS_PATH, async (c) => {
    c.set("route", PART_LABELS_PATH);
    const { fields } = await readJson(c, partLabelsSchema, MAX_MESSAGES_BYTES);
    const labels = textsIn(fields.labels, (i) => `labels[${i}]`);
    const ids = await (await changingPart(c)).fileIds(labels);
    c.header(REQUEST_ID_HEADER, c.get("requestId"));
    return c.json(ofParts(ids));
  });
}
