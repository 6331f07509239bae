import { createReadStream } from "node:fs";
import { text } from "node:stream/consumers";
import { sha256 } from "../../bytes/sha256.ts";
import { naming } from "../files/input-file.ts";
import type { Io } from "../process/io.ts";

export interface TokenOptions {
  readonly token?: string;
  readonly tokenFile?: string;
}

/** The environment variable that has the token where no option does. */
export const TOKEN_VARIABLE = "MIDX_TOKEN";

/** More than a request can send: Node takes heads of at most 16 KiB. */
const MAX_TOKEN_BYTES = 16_384;

/**
 * The SHA-256 of the token that is asked for, or undefined where there is to be none. A source that is there but blank is
 * refused: it is more often a secret that is missing than an open door.
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
