import { type Part, partOf } from "../../src/parts/index.ts";
import { defaultBits } from "../../src/train/kmeans/quantizer-options.ts";
import { buildMeasured, load } from "../library.ts";
import type { TrustHead } from "../trust/trust-head.ts";

/** Indexes consecutive classes in parts of about the same size, with the `bits` of one index of all, as `midx build --parts` does. */
export async function splitHead({ data, bias, itemCount, dim }: TrustHead, count: number): Promise<Part[]> {
  const parts: Part[] = [];
  const bits = defaultBits(itemCount);
  for (let number = 0; number < count; number++) {
    const [from, to] = [number, number + 1].map((n) => Math.floor((itemCount * n) / count)) as [number, number];
    const rows = { data: data.slice(from * dim, to * dim), shape: [to - from, dim] } as const;
    const options = { ...(bias && { bias: bias.slice(from, to) }), bits, seed: 1 };
    parts.push(partOf(await load(await buildMeasured(rows, options)), { number }));
  }
  return parts;
}
