import type { ManifestPart } from "../../src/publication/manifest.ts";
import type { SourcesOf } from "./open-router.ts";
import { PartClient } from "./part-client.ts";
import type { PartHost, RoutedParts } from "./part-hosts.ts";
import type { MetricsByPart } from "./part-metrics.ts";

/** The parts of a manifest over fetch. `hosts` is called for every request. */
export function remoteSources(hosts: (parts: RoutedParts) => readonly PartHost[], metrics: MetricsByPart): SourcesOf {
  return ({ manifest }, groups) =>
    groups.map((parts, place) => {
      const routed = routedParts(parts, place, manifest.generation);
      const { numbers } = routed;
      const client = new PartClient(routed, () => hosts(routed), metrics.of(numbers));
      return {
        numbers,
        describe: async (asking) => (await client.describe(asking)).info,
        encoder: (asking) => client.encoder(asking),
        answer: (questions, asking) => client.answer(questions, asking),
        client,
        bandIn: client.seenBands.bandIn,
      };
    });
}

const routedParts = (parts: readonly ManifestPart[], place: number, generation: string): RoutedParts => ({
  numbers: parts.map(({ number }) => number).sort((a, b) => a - b),
  place,
  generation,
  replicas: Math.min(...parts.map(({ replicas = 1 }) => replicas)),
});
