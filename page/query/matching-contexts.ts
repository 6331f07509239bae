/** Returns the first `limit` rows whose contexts contain, for every typed word, a word that begins with it. */
export function matchingContexts(contexts: readonly string[], typed: string, limit: number): number[] {
  const prefixes = typed.toLowerCase().split(/\s+/).filter(Boolean);
  const rows: number[] = [];
  for (let row = 0; row < contexts.length && rows.length < limit; row++) {
    const words = (contexts[row] as string).toLowerCase().split(/\s+/);
    if (prefixes.every((prefix) => words.some((word) => word.startsWith(prefix)))) rows.push(row);
  }
  return rows;
}
