import type Cloudflare from "cloudflare";
import { beforeAll, describe, expect, test } from "vitest";
import type { MultiIndex } from "../../src/index/multi-index.ts";

// The calls of Cloudflare's SDK that an index can answer, of whatever answers as one.

export const ACCOUNT = { account_id: "023e105f4ecef8ad9ca31a8372d0c353" };
export const NAME = "words";

export type Indexes = Cloudflare["vectorize"]["indexes"];

/** A service, with the index that it answers as. Heads have all classes, so that best classes are exact. */
export interface SdkCase {
  readonly index: MultiIndex;
  readonly indexes: Indexes;
  readonly query: readonly number[];
  /** The version that is served. Default: the start of the content id of the index. */
  readonly version?: string;
}

/** The library's `topK` as matches. */
function matchesOf(index: MultiIndex, query: readonly number[] | Float32Array, topK: number) {
  const { ids, scores } = index.topK(query, topK);
  const names = index.info.hasLabels ? index.labels(ids) : Array.from(ids, String);
  return names.map((id, rank) => ({ id, score: scores[rank] as number }));
}

/** Tests the calls on a service with labels and on one without. */
export function describeCalls(
  name: string,
  casesOf: () => Promise<{ readonly labelled: SdkCase; readonly plain: SdkCase }>,
): void {
  describe(`the SDK's calls that ${name} can answer`, () => {
    let labelled: SdkCase;
    let plain: SdkCase;
    beforeAll(async () => {
      ({ labelled, plain } = await casesOf());
    });

    test("query gives the library's classes and scores", async () => {
      for (const { index, indexes, query } of [labelled, plain]) {
        for (const topK of [1, 5, 60]) {
          const answer = await indexes.query(NAME, { ...ACCOUNT, vector: [...query], topK });
          expect(answer).toEqual({ count: topK, matches: matchesOf(index, query, topK) });
        }
        const byDefault = await indexes.query(NAME, { ...ACCOUNT, vector: [...query], filter: {} });
        expect(byDefault).toEqual({ count: 5, matches: matchesOf(index, query, 5) });
      }
    });

    test("query gives stored rows and labels where they are asked for", async () => {
      for (const { index, indexes, query } of [labelled, plain]) {
        const { ids } = index.topK(query, 4);
        for (const returnMetadata of ["none", "indexed", "all"] as const) {
          const asked = { ...ACCOUNT, vector: [...query], topK: 4, returnValues: true, returnMetadata };
          const { matches } = (await indexes.query(NAME, asked)) ?? {};
          expect(matches).toEqual(
            matchesOf(index, query, 4).map((match, rank) => ({
              ...match,
              values: Array.from(index.rows([ids[rank] as number])),
              ...(returnMetadata === "indexed" && { metadata: {} }),
              ...(returnMetadata === "all" && { metadata: index.info.hasLabels ? { label: match.id } : {} }),
            })),
          );
        }
      }
    });

    test("getByIDs gives the rows of the ids that there are", async () => {
      const [label7, label0] = labelled.index.labels([7, 0]) as [string, string];
      const words = await labelled.indexes.getByIDs(NAME, { ...ACCOUNT, ids: [label7, "nobody", label0] });
      const values = (index: MultiIndex, id: number) => Array.from(index.rows([id]));
      expect(words).toEqual([
        { id: label7, values: values(labelled.index, 7), metadata: { label: label7 } },
        { id: label0, values: values(labelled.index, 0), metadata: { label: label0 } },
      ]);
      const last = plain.index.info.itemCount - 1;
      const ids = [String(last), String(last + 1), "07", "-1", "1.0", "1e1", "", "0"];
      const numbers = await plain.indexes.getByIDs(NAME, { ...ACCOUNT, ids });
      expect(numbers).toEqual(
        [last, 0].map((id) => ({ id: String(id), values: values(plain.index, id), metadata: {} })),
      );
    });

    test("list, get and info say what the index is", async () => {
      for (const { index, indexes, version } of [labelled, plain]) {
        const { dim, itemCount, contentId } = index.info;
        const config = { dimensions: dim, metric: "dot-product" };
        const listed = [];
        for await (const one of indexes.list(ACCOUNT)) listed.push(one);
        expect(listed).toEqual([{ name: "midx", config }]);
        expect(await indexes.get("my words", ACCOUNT)).toEqual({ name: "my words", config });
        expect(await indexes.info(NAME, ACCOUNT)).toEqual({
          dimensions: dim,
          vectorCount: itemCount,
          processedUpToDatetime: null,
          processedUpToMutation: version ?? contentId.slice(0, 12),
        });
        expect(await indexes.metadataIndex.list(NAME, ACCOUNT)).toEqual({ metadataIndexes: [] });
      }
    });

    test("listVectors goes through all ids, each once, page by page", async () => {
      const { indexes, index } = plain;
      const { itemCount } = index.info;
      const all = Array.from({ length: itemCount }, (_, id) => String(id));
      for (const count of [1000, 99, undefined]) {
        const found: string[] = [];
        let cursor: string | null | undefined;
        do {
          const page = await indexes.listVectors(NAME, {
            ...ACCOUNT,
            ...(count && { count }),
            ...(cursor && { cursor }),
          });
          expect(page).toMatchObject({
            ...{ count: page?.vectors.length, totalCount: itemCount, cursorExpirationTimestamp: null },
          });
          expect(page?.isTruncated).toBe(typeof page?.nextCursor === "string");
          expect(page?.count).toBe(Math.min(count ?? 100, itemCount - found.length));
          found.push(...(page?.vectors.map(({ id }) => id) ?? []));
          cursor = page?.nextCursor;
        } while (cursor);
        expect(found).toEqual(all);
      }
      const words = await labelled.indexes.listVectors(NAME, { ...ACCOUNT, count: 1000 });
      const labels = labelled.index.labels(Array.from({ length: labelled.index.info.itemCount }, (_, id) => id));
      expect(words?.vectors).toEqual(labels.map((id) => ({ id })));
    });
  });
}
