/** A page of a listing, with the cursor of the next one. */
export interface Page {
  readonly keys: readonly string[];
  readonly next: string | undefined;
}

/** Returns the keys of all pages of a listing. */
export async function allPages(read: (cursor: string | undefined) => Promise<Page>): Promise<string[]> {
  const keys: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await read(cursor);
    keys.push(...page.keys);
    cursor = page.next;
  } while (cursor !== undefined);
  return keys;
}
