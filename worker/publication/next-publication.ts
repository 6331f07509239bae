import { fileOf, type Load, type Loaded, openBeside } from "./open-publication.ts";
import type { Publication } from "./publication.ts";

/**
 * Takes the next step from the served version to the published one, with its canary. No step reads an index while two others
 * are held: a canary that is not wanted any more is dropped first, and the next look goes on, because the tag stays undefined
 * until all is loaded. Files that are held are not read again, so a canary that is promoted answers everybody at once.
 *
 * @returns the version to serve, and the index that was read for it, if any
 */
export async function nextOf<Source>(
  load: Load<Source>,
  publication: Publication<Source>,
  current: Loaded,
): Promise<{ readonly next: Loaded; readonly read?: Loaded | undefined }> {
  const held = (wanted: Publication<Source>): Loaded | undefined =>
    [current, current.canary].find((loaded) => loaded?.file === fileOf(wanted));
  const { tag, contract, canary } = publication;
  const same = held(publication);
  const wanted = same && (await canary?.look());
  const missing = !same ? publication : wanted && !held(wanted) ? wanted : undefined;
  if (missing && current.canary) return { next: { ...current, tag: undefined, canary: undefined } };
  const read = missing && (await openBeside(load, missing, same ?? current));
  if (!same) return { next: { ...(read as Loaded), ...(canary && { tag: undefined }) }, read };
  const named = (loaded: Loaded, { version = loaded.version }: Publication<Source>): Loaded => ({ ...loaded, version });
  const answering = wanted && canary && { ...named((read ?? held(wanted)) as Loaded, wanted), share: canary.share };
  return { next: { ...named(same, publication), tag, contract, canary: answering }, read };
}
