/** The last queries that were drawn for. */
export interface RecentQueries {
  add(query: Float32Array): void;
  /** The last `count` of those kept, oldest first. */
  last(count: number): Float32Array[];
}

export function keepRecent(most: number): RecentQueries {
  const ring: Float32Array[] = [];
  let seen = 0;
  return {
    add(query) {
      ring[seen++ % most] = query.slice();
    },
    last(count) {
      const available = Math.min(count, ring.length);
      return Array.from({ length: available }, (_, i) => ring[(seen - available + i) % most] as Float32Array);
    },
  };
}
