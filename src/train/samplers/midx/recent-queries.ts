/** The last queries that were drawn for. */
export interface RecentQueries {
  add(query: Float32Array): void;
  /** The last `count` of those kept, oldest first, until the next is added. */
  last(count: number): Float32Array[];
}

export function keepRecent(most: number): RecentQueries {
  const ring: Float32Array[] = [];
  let seen = 0;
  return {
    add(query) {
      const place = seen++ % most;
      const held = ring[place];
      if (held) held.set(query);
      else ring[place] = query.slice();
    },
    last(count) {
      const available = Math.min(count, ring.length);
      return Array.from({ length: available }, (_, i) => ring[(seen - available + i) % most] as Float32Array);
    },
  };
}
