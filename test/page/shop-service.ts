import type { Hono } from "hono";
import { ITEMS } from "../../examples/shop/catalogue.ts";
import { sessionsOf } from "../../examples/shop/sessions.ts";
import { openEncoder } from "../../src/encoder/index.ts";
import { load, type MultiIndex } from "../../src/index.ts";
import { build, trainSequences } from "../../src/train/index.ts";
import { raggedOf } from "../../src/train/model/tasks.ts";
import { type Client, createClient } from "../../worker/client.ts";
import { INDEX_LIMITS } from "../../worker/contract/limits.ts";
import { fixedHost } from "../../worker/host/fixed-host.ts";
import { createSequenceApp } from "../../worker/sequence-service.ts";
import { openFor } from "../../worker/sequences/encoders.ts";

export const DIM = 8;

/** The sessions that the model learns from. */
export const learned = sessionsOf(60, 1);

interface ShopService {
  readonly index: MultiIndex;
  readonly app: Hono;
  readonly client: Client;
}

/** A service in this process, whose model is small, with a category for each item. */
export async function shopService(seed: number): Promise<ShopService> {
  const names = ITEMS.map(({ name }) => name);
  const ids = new Map(names.map((name, id) => [name, id]));
  const sequences = raggedOf(learned.map((session) => session.map((name) => ids.get(name) as number)));
  const { model } = await trainSequences({ ...sequences, itemCount: names.length }, { dim: DIM, epochs: 1, seed });
  const { classes, bias } = model.tables as { readonly classes: Float32Array; readonly bias: Float32Array };
  const columns = { category: { type: "string", values: ITEMS.map(({ category }) => category) } } as const;
  const options = { bias, labels: names, columns, encoder: model, seed: 1, calibrate: "off" } as const;
  const index = await load(await build({ data: classes, shape: [names.length, DIM] }, options), INDEX_LIMITS);
  await openFor(index, openEncoder);
  const app = createSequenceApp(fixedHost(index));
  return { index, app, client: clientOf(app) };
}

const clientOf = (app: Hono): Client =>
  createClient("https://shop.invalid", { fetch: async (...request) => app.request(...request) });
