import { versionOfContent } from "../../src/publication/pointer.ts";
import type { FieldsOf, listSchema } from "../contract/requests.ts";
import type { ServedIndex } from "../host/served-index.ts";
import { invalidField } from "../request/invalid-field.ts";
import { vectorsOf } from "./vectors.ts";

/** A page of ids. A cursor contains the content id of its version, because other versions have other classes. */
export interface Listing {
  readonly count: number;
  readonly totalCount: number;
  readonly isTruncated: boolean;
  readonly nextCursor: string | null;
  readonly cursorExpirationTimestamp: null;
  readonly vectors: readonly { readonly id: string }[];
}

export function listVectors(index: ServedIndex, { count: most, cursor }: FieldsOf<typeof listSchema>): Listing {
  const { itemCount, contentId, changes } = index.info;
  const content = versionOfContent(contentId);
  const first = cursor === undefined ? 0 : firstOf(cursor, content, itemCount);
  const isRemoved = (id: number): boolean => index.isRemoved?.(id) ?? false;
  const classes: number[] = [];
  let end = first;
  // Clients end at an empty page, so removed classes take no place, and no page follows that would have none but them.
  for (; end < itemCount && (classes.length < most || isRemoved(end)); end++) if (!isRemoved(end)) classes.push(end);
  return {
    count: classes.length,
    totalCount: changes?.classCount ?? itemCount,
    isTruncated: end < itemCount,
    nextCursor: end < itemCount ? `${end}@${content}` : null,
    cursorExpirationTimestamp: null,
    vectors: vectorsOf(index, Int32Array.from(classes), { values: false, metadata: "none" }),
  };
}

function firstOf(cursor: string, content: string, totalCount: number): number {
  const [, first, of] = /^(\d{1,10})@([0-9a-f]{12})$/.exec(cursor) ?? [];
  if (first !== undefined && of === content && Number(first) <= totalCount) return Number(first);
  throw invalidField(
    "cursor",
    "a nextCursor of the version that is served, got another string: list from the start, without a cursor",
  );
}
