import { createReadStream } from "node:fs";
import { text } from "node:stream/consumers";
import { sha256 } from "../../bytes/sha256.ts";
import { naming } from "../files/input-file.ts";
import type { Io } from "../process/io.ts";

export interface TokenOptions {
  readonly token?: string;
  readonly tokenFile?: string;
}

/** The environment variable with the token, if no option names one. */
export const TOKEN_VARIABLE = "MIDX_TOKEN";

/** The maximum length of a token. Node accepts at most 16 KiB of headers. */
const MAX_TOKEN_BYTES = 16_384;

/**
 * Returns the SHA-256 of the required token, or undefined if none is required. A blank source is refused, because it is more
 * likely a missing secret than the wish to serve everyone.
 */
export async function tokenDigest({ token, tokenFile }: TokenOptions, env: Io["env"]): Promise<string | undefined> {
  if (token !== undefined) return digestOf(token, "'--token'");
  if (tokenFile !== undefined) {
    const content = await naming(tokenFile, () => text(createReadStream(tokenFile, { end: MAX_TOKEN_BYTES })));
    if (content.length > MAX_TOKEN_BYTES)
      throw new RangeError(`'--token-file' expected a file with one token, got more: ${tokenFile}`);
    return digestOf(content.trim(), `'--token-file' ${tokenFile}`);
  }
  const { [TOKEN_VARIABLE]: variable } = env;
  return variable === undefined ? undefined : digestOf(variable.trim(), `the variable ${TOKEN_VARIABLE}`);
}

/** Checks a token and returns its digest. The message does not repeat the token. */
function digestOf(token: string, source: string): Promise<string> {
  if (!/^[\x21-\x7e]*[A-Za-z0-9][\x21-\x7e]*$/.test(token)) {
    throw new RangeError(
      `${source} expected a token of visible ASCII characters with at least one letter or digit and without spaces, ` +
        `got ${token === "" ? "nothing" : "something else"}; openssl rand -hex 32 makes one`,
    );
  }
  return sha256(new TextEncoder().encode(token));
}
