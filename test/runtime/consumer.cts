// A CommonJS program of someone who uses the package: compiled against the installed types by commonjs.test.ts, never run.
import { FormatError, type LoadOptions, load, type MultiIndex } from "midx";
import { createClient, MidxError } from "midx/client";
import { build } from "midx/train";
import worker, { createHandler } from "midx/worker";

const options: LoadOptions = { maxBatch: 3 };

async function main(): Promise<void> {
  const index: MultiIndex = await load(new Uint8Array(3), options);
  index.topK(new Float32Array(4), 3);
  const imported = await import("midx");
  const other: MultiIndex = await imported.load(new Uint8Array(3));
  // @ts-expect-error an index has no such option
  other.topK(new Float32Array(4), 3, { precise: true });
  console.log(build, createClient("https://words.example.com").predict, worker.fetch, createHandler);
}

main().catch((error: unknown) => {
  if (error instanceof FormatError) console.log(error.code, error.offset);
  if (error instanceof MidxError) {
    const refusal: MidxError = error;
    console.log(refusal.status);
  }
});
