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
  if (tokenFile !== undefined) return digestInFile(tokenFile, "'--token-file'");
  const { [TOKEN_VARIABLE]: variable } = env;
  return variable === undefined ? undefined : digestOf(variable.trim(), `the variable ${TOKEN_VARIABLE}`);
}

/** Returns the SHA-256 of the token in a file. */
export const digestInFile = async (file: string, option: string): Promise<string> =>
  digestOf(await contentOf(file, option), `${option} ${file}`);

/** Reads the token in a file, which is sent to another service. */
export async function tokenIn(file: string, option: string): Promise<string> {
  const token = await contentOf(file, option);
  checkToken(token, `${option} ${file}`);
  return token;
}

async function contentOf(file: string, option: string): Promise<string> {
  const content = await naming(file, () => text(createReadStream(file, { end: MAX_TOKEN_BYTES })));
  if (content.length <= MAX_TOKEN_BYTES) return content.trim();
  throw new RangeError(`${option} expected a file with one token, got more: ${file}`);
}

/** Checks a token and returns its digest. The message does not repeat the token. */
function digestOf(token: string, source: string): Promise<string> {
  checkToken(token, source);
  return sha256(new TextEncoder().encode(token));
}

function checkToken(token: string, source: string): void {
  if (/^[\x21-\x7e]*[A-Za-z0-9][\x21-\x7e]*$/.test(token)) return;
  throw new RangeError(
    `${source} expected a token of visible ASCII characters with at least one letter or digit and without spaces, ` +
      `got ${token === "" ? "nothing" : "something else"}; openssl rand -hex 32 makes one`,
  );
}
