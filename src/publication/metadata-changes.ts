import type { LoggedMetadata } from "../changes/logged-header.ts";
import { readableSet } from "./readable-set.ts";

/** A class with the metadata that a set has given it, or undefined if the set has removed the class or all of its metadata. */
export type MetadataChange = readonly [label: string, metadata: LoggedMetadata | undefined];

/**
 * Returns what a set of a log says about metadata: nothing about classes that it gives none, which keep what they have. Their
 * namespaces are no part of them. There is nothing in other bytes, which readers refuse as in any log.
 */
export function metadataChanges(set: Uint8Array): readonly MetadataChange[] {
  const { upserts, removals = [] } = readableSet(set) ?? {};
  const given = (upserts?.metadata ?? []).flatMap((own, i): MetadataChange[] => {
    if (own === null) return [];
    const { $namespace: _, ...metadata } = own;
    return [[upserts?.labels[i] as string, Object.keys(metadata).length > 0 ? metadata : undefined]];
  });
  return [...removals.map((label) => [label, undefined] as const), ...given];
}
