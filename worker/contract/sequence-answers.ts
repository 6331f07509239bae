import * as v from "valibot";
import { responseMeta } from "./answers.ts";

// The schemas of answers of services whose index makes queries of sequences. The Worker does not import this file.

/** The state of an encoder, as callers keep it. */
const state = v.strictObject({
  contentId: v.pipe(
    v.string(),
    v.description("The content id of the index whose encoder made it. No other index takes it."),
  ),
  values: v.pipe(v.string(), v.description("Little-endian f32 in base64.")),
});

export const encodeAnswer = v.strictObject({
  ...responseMeta,
  vector: v.pipe(v.array(v.number()), v.description("The query: as many values as the index has dimensions.")),
  state: v.pipe(state, v.description("The state after the last item, from which the next request goes on.")),
});
