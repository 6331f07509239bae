import { readFileSync } from "node:fs";
import type { Hono } from "hono";
import { createApp } from "../../worker/app.ts";
import { addPages } from "../../worker/endpoints/pages.ts";
import type { Host } from "../../worker/host/host.ts";
import { openApiDocument } from "../../worker/openapi/document.ts";
import { F32_TYPE } from "../../worker/request/body.ts";
import { SERVED_DIM, servedIndex, servedQuery } from "../fixtures/served-index.ts";
import { randomRows } from "../train/rows.ts";
import { Described } from "./described.ts";

export const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
export const described = new Described(openApiDocument(version));

const LABELS = Array.from({ length: 60 }, (_, id) => `word ${id}`);
export const labelled = await servedIndex({ itemCount: 60, labels: LABELS });
/** An index with columns and namespaces. */
export const sorted = await servedIndex({
  ...{ itemCount: 60, labels: LABELS },
  columns: {
    genre: { type: "string", values: LABELS.map((_, id) => ["news", "sport", null][id % 3]) },
    price: { type: "number", values: randomRows(60, 5) },
  },
  namespaces: LABELS.map((_, id) => ["a", "b"][id % 2]),
});
export const plain = await servedIndex({ itemCount: 3000 });
/** An index with fine codes, and with a table of twelve features and two positions. */
export const coded = await servedIndex({
  ...{ itemCount: 3000, fineCodes: true },
  features: {
    ...{ data: randomRows(12 * SERVED_DIM, 3), shape: [12, SERVED_DIM], positions: randomRows(2 * SERVED_DIM, 4) },
    labels: Array.from({ length: 12 }, (_, id) => `feature ${id}`),
  },
});
/** An index that is too large for a head of all classes. */
export const bounded = await servedIndex({ itemCount: 60, maxScan: 16 });

const PAGE = { fetch: async () => Response.json(described.document) };
/** Adds the Worker's pages to the application, with the document as an asset or without assets. */
export const withPages = (app: Hono, assets: () => typeof PAGE | undefined = () => PAGE): Hono => {
  const publisher = () => ({ look: async () => undefined });
  addPages(app, { description: "openapi.json", assets, publisher, hasDemo: () => false });
  return app;
};
export const serviceOf = (host: Host): Hono => withPages(createApp(host));

export const post = (body: BodyInit, type = "application/json"): RequestInit => ({
  method: "POST",
  headers: { "content-type": type },
  body,
});
export const json = (body: unknown): RequestInit => post(JSON.stringify(body));

/** A URL for a path of the document. */
export const urlOf = (path: string): string => path.replaceAll(/[{}]/g, "");

/** The required fields of each endpoint. */
const NEEDED: Readonly<Record<string, object>> = {
  "/v1/sample": { draws: 1 },
  "/v1/sample-top-k": { k: 1 },
  "/v1/log-probability": { ids: [] },
  "/v1/slate-log-probability": { ids: [] },
};

/** A body with `count` queries. */
export const bodyOf = (fields: object, count: number): object => {
  const vectors = Array.from({ length: count }, (_, i) => Array.from(servedQuery(i)));
  return count === 1 ? { vector: vectors[0], ...fields } : { vectors, ...fields };
};
/** A body with only the required fields of a path. */
export const goodBodyOf = (path: string): object =>
  path.endsWith("/get_by_ids") ? { ids: ["3"] } : bodyOf(NEEDED[path] ?? {}, 1);
/** The queries of `bodyOf` as bytes. */
export const raw = (count: number): RequestInit =>
  post(new Blob(Array.from({ length: count }, (_, i) => servedQuery(i) as Float32Array<ArrayBuffer>)), F32_TYPE);
/** The query string that carries the fields beside bytes. */
export const queryOf = (fields: object): string =>
  String(new URLSearchParams(Object.entries(fields).map(([name, value]) => [name, JSON.stringify(value)])));
