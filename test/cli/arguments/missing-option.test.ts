import { expect, test } from "vitest";
import { midx } from "../run.ts";

test.each([
  [
    ["train", "text.txt", "-o", "model.safetensors"],
    "option '--task <name>' is required: predict the next word (lm), the next item of a sequence, or labels (lm, next-item, labels)",
  ],
  [
    ["build", "rows.npy"],
    "option '-o, --output <file>' is required: index file to write, or with --parts the folder or s3://bucket/prefix; what is there is replaced once the build succeeds",
  ],
  [
    ["eval", "words.midx"],
    "option '--queries <file>' is required: held-out queries, in any input format of midx build",
  ],
])("%j says what the option that it lacks is for", async (argv, message) => {
  expect(await midx(argv)).toMatchObject({ code: 2, stdout: "", stderr: `error: ${message}\n` });
});
