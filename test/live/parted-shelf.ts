import { sha256 } from "../../src/bytes/sha256.ts";
import { openParts } from "../../src/cli/hosting/open-parts.ts";
import { type ManifestPart, sealManifest } from "../../src/publication/manifest.ts";
import type { PublishedManifest } from "../../worker/publication/manifest-at.ts";
import type { Publication } from "../../worker/publication/publication.ts";
import { buildIndex } from "../fixtures/build-index.ts";
import { DIM, labelOf, loadSmall, rowOf, type Shelf } from "./live-service.ts";

/** Rows by label, in the order of their ids. */
export type Rows = ReadonlyMap<string, readonly number[]>;

/**
 * The facts that an index has beside its rows: labels alone, with the column `price`, or with the column `kind` and namespaces, or
 * none.
 */
type Kind = "labels" | "columns" | "kinds" | "bare";

/** A price that a class has in whatever part it is. */
export const priceOf = ([value = 0]: readonly number[]): number => Math.round(10 * value);

/** The prices of rows, unless they have others. */
const pricesOf = (rows: Rows): (number | null)[] => Array.from(rows.values(), priceOf);

/** Builds an index of rows. They are f32, so that a row is answered as it was given. */
export function fileOf(rows: Rows, kind: Kind = "labels", prices = pricesOf(rows)): Promise<Uint8Array<ArrayBuffer>> {
  const data = Float32Array.from([...rows.values()].flat());
  const shape = [rows.size, DIM] as const;
  return buildIndex(
    { data, shape },
    {
      ...{ bits: 2, seed: 1, rowType: "f32" },
      ...(kind !== "bare" && { labels: [...rows.keys()] }),
      ...(kind === "columns" && { columns: { price: { type: "number", values: prices } } }),
      ...(kind === "kinds" && {
        columns: { kind: { type: "string", values: Array(rows.size).fill("hat") } },
        namespaces: Array(rows.size).fill("old"),
      }),
    },
  );
}

/** Publishes rows in parts. The first begins with id 0, and each of the others with one of `starts`, ascending. */
export async function publishedParts(
  rows: Rows,
  starts: readonly number[],
  version: string,
  sequence = 0,
  kind: Kind = "labels",
  prices = pricesOf(rows),
): Promise<Publication<PublishedManifest>> {
  const all = [...rows];
  const bases = [0, ...starts];
  const own = bases.map((idBase, i) => all.slice(idBase, bases[i + 1]));
  const files = await Promise.all(
    own.map((classes, i) => fileOf(new Map(classes), kind, prices.slice(bases[i], bases[i + 1]))),
  );
  const parts: ManifestPart[] = [];
  for (const [number, file] of files.entries()) {
    const named = { number, file: `part-${number}.midx`, sha256: await sha256(file), byteLength: file.byteLength };
    const classes = own[number]?.length as number;
    parts.push({ ...named, classes, idBase: bases[number] as number, memoryBytes: 1 });
  }
  const manifest = await sealManifest({
    ...{ version, classes: rows.size, facts: { dim: DIM, metric: "dot", hasLabels: true }, parts },
    ...{ recallCurves: null, calibration: null, log: sequence > 0 ? { sequence } : null },
  });
  const openPart = async ({ number }: ManifestPart) => files[number] as Uint8Array<ArrayBuffer>;
  return { tag: version, version, sequence, open: () => ({ manifest, openPart }) };
}

/** A shelf of manifests, all parts of which an isolate opens. */
export const shelfOfParts = (current: Publication<PublishedManifest>): Shelf<PublishedManifest> => ({
  ...{ current, open: openParts(loadSmall) },
});

/** Writes that change the classes of both parts and add others. */
export const WRITES: readonly (readonly [path: string, body: object | string])[] = [
  ["/v1/upsert", { labels: ["new b", labelOf(3), "new a", labelOf(20)], rows: [91, 92, 93, 94].map(rowOf) }],
  ["/v1/delete", { labels: [labelOf(4), labelOf(30), "unknown"] }],
  [
    "/v1/upsert",
    { labels: ["new c", labelOf(5)], rows: [95, 96].map(rowOf), metadata: [{ price: 3 }, { price: 999 }] },
  ],
  ["/v1/delete", { labels: ["new a"] }],
];
