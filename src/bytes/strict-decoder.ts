/** Makes a decoder that throws for bytes that are not UTF-8, and keeps a byte order mark. */
export const strictDecoder = (): TextDecoder => new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
