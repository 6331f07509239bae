import {
  decodeAnswer,
  decodeQuestion,
  encodeAnswer,
  encodeQuestion,
  type Part,
  PartedIndex,
} from "../../src/parts/index.ts";

/** The same parts, asked over messages. */
export const encodeThrough = (part: Part): PartedIndex =>
  new PartedIndex([
    {
      info: part.info,
      answer: async (question) =>
        decodeAnswer(encodeAnswer(await part.answer(decodeQuestion(encodeQuestion(question))))),
    },
  ]);
