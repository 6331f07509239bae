import type { Page } from "./all-pages.ts";
import { textsOf } from "./s3-answers.ts";

/** Returns the query of a page of keys, and of folders of them, that begin with a prefix. It is sorted, as signatures are. */
export function listingQuery(prefix: string, cursor: string | undefined): string {
  const from = cursor === undefined ? "" : `continuation-token=${encodeURIComponent(cursor)}&`;
  return `${from}delimiter=%2F&list-type=2&prefix=${encodeURIComponent(prefix)}`;
}

/** Returns the query of the first keys with a prefix that come behind another one. */
export const listingBehind = (prefix: string, behind: string): string =>
  `list-type=2&prefix=${encodeURIComponent(prefix)}&start-after=${encodeURIComponent(behind)}`;

/** Reads the keys of a page. */
export const pageIn = (xml: string): Page => ({
  keys: textsOf(xml, "Key"),
  next: textsOf(xml, "NextContinuationToken")[0],
});

/** Reads the keys of a page, and when each was last written, if the page says it of all. */
export function pageWithTimes(xml: string): Page<{ readonly key: string; readonly writtenAt?: number }> {
  const { keys, next } = pageIn(xml);
  const times = textsOf(xml, "LastModified").map((text) => Date.parse(text));
  const areWhole = times.length === keys.length && times.every(Number.isFinite);
  return { keys: keys.map((key, i) => ({ key, ...(areWhole && { writtenAt: times[i] as number }) })), next };
}

/** Reads the keys of a page, and the folders, which end in a slash. The page also repeats the prefix. */
export const pageWithFolders = (xml: string, prefix: string): Page => {
  const { keys, next } = pageIn(xml);
  return { keys: [...keys, ...textsOf(xml, "Prefix").filter((folder) => folder !== prefix)], next };
};
