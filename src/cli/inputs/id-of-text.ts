/** Returns the id that a text is in digits. Undefined for other texts, such as "01": it may be the name of something else than 1. */
export const idOfText = (text: string): number | undefined =>
  /^(0|[1-9]\d{0,14})$/.test(text) ? Number(text) : undefined;
