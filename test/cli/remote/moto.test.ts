import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { MOTO, startMoto } from "../../../scripts/engines/moto.ts";
import { bucketOf } from "../../../src/cli/remote/bucket.ts";
import { s3Client } from "../../../src/cli/remote/s3-client.ts";
import { s3Settings } from "../../../src/cli/remote/s3-settings.ts";
import { uploadFile } from "../../../src/cli/remote/upload.ts";
import { makeFolder } from "../files.ts";
import { midx } from "../run.ts";
import { hashesOf } from "../tasks/words.ts";
import { inputFiles } from "./inputs.ts";

// bucket-builds.test.ts has builds in a server of ours. moto's is another reading of the S3 API.

const FILES = inputFiles();
const BUILD = [
  ...["build", "s3://words/in/rows.npy", "--labels", "s3://words/in/labels.txt"],
  ...["--bits", "3", "--calibrate", "off", "--parts", "2"],
];
const hashOf = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

test.skipIf(MOTO === undefined)("an upload in pieces and a whole build have the bytes of a folder", async () => {
  const { url, stop } = await startMoto("words");
  onTestFinished(stop);
  const env = { AWS_ENDPOINT_URL: url, AWS_ACCESS_KEY_ID: "0123456789abcdef", AWS_SECRET_ACCESS_KEY: "fedcba98/+=" };
  const bucket = bucketOf(
    s3Client(s3Settings(env, undefined), "words", new AbortController().signal, {
      ...{ most: 3, firstWait: 1, deadline: 60_000 },
    }),
  );
  const large = Buffer.alloc(2 ** 24 + 12345);
  for (let i = 0; i < large.length; i++) large[i] = (i * 2654435761) >>> 24;
  const folder = makeFolder();
  writeFileSync(join(folder, "large.midx"), large);
  await uploadFile(bucket, "out/large.midx", join(folder, "large.midx"));
  const file = await bucket.open("out/large.midx");
  expect(Buffer.compare(await file.read(0, file.byteLength), large)).toBe(0);

  for (const name of ["rows.npy", "labels.txt"]) await bucket.put(`in/${name}`, Uint8Array.from(FILES[name] ?? []));
  expect(await midx([...BUILD, "-o", join(folder, "words")], { env })).toMatchObject({ code: 0 });
  const { "plan.json": _, ...expected } = hashesOf(join(folder, "words"));
  for (let twice = 0; twice < 2; twice++) {
    expect(await midx([...BUILD, "-o", "s3://words/out"], { env })).toMatchObject({ code: 0 });
    for (const [name, sha256] of Object.entries(expected)) {
      expect(hashOf((await bucket.get(`out/${name}`))?.bytes ?? new Uint8Array()), name).toBe(sha256);
    }
  }
  expect(await bucket.put("out/manifest.json", new Uint8Array(1), "absent"), "a conditional write").toBe(false);
});
