/** A page of a listing, of keys or of more about each of them, with the cursor of the next one. */
export interface Page<Listed = string> {
  readonly keys: readonly Listed[];
  readonly next: string | undefined;
}

/** Returns the keys of all pages of a listing. */
export async function allPages<Listed = string>(
  read: (cursor: string | undefined) => Promise<Page<Listed>>,
): Promise<Listed[]> {
  const keys: Listed[] = [];
  let cursor: string | undefined;
  do {
    const page = await read(cursor);
    keys.push(...page.keys);
    cursor = page.next;
  } while (cursor !== undefined);
  return keys;
}
