import { asText } from "../files/foreign-files.ts";
import { naming } from "../files/input-file.ts";
import { isRemote, shownPath } from "../remote/address.ts";
import { openSource, type Sources } from "./source.ts";
import { linesIn, linesOf, readPieces, type TextLine } from "./text-lines.ts";

/** Reads the lines of a text on this machine or at a URL. Errors name it. */
export async function readLines<T>(
  path: string,
  openRemote: Sources["openRemote"],
  read: (pieces: AsyncIterable<Iterable<TextLine>>) => Promise<T>,
): Promise<T> {
  if (openRemote === undefined || !isRemote(path)) return asText(path, () => read(linesIn(readPieces(path))));
  const file = await openSource(path, openRemote);
  try {
    return await naming(shownPath(path), () => read(linesOf(file)));
  } finally {
    await file.close();
  }
}

/** Yields the lines of a text file on this machine, without their places. Errors name it. */
export async function* textsOf(path: string): AsyncGenerator<string> {
  const pieces = linesIn(readPieces(path));
  try {
    for (;;) {
      const texts = await asText(path, () => nextTexts(pieces));
      if (texts === undefined) return;
      yield* texts;
    }
  } finally {
    await pieces.return(undefined);
  }
}

async function nextTexts(pieces: AsyncIterator<Iterable<TextLine>>): Promise<string[] | undefined> {
  const { done, value } = await pieces.next();
  return done ? undefined : Array.from(value, ({ text }: TextLine) => text);
}
