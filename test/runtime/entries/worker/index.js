// A Worker: answers /report with the report.
import * as library from "midx";
import { openEncoder } from "midx/encoder";
import * as files from "../files.js";
import { encodedGolden, keepPromises } from "../program.js";

async function report() {
  const encoded = await encodedGolden({ ...library, openEncoder }, files.encoder);
  return { ...(await keepPromises(library, files)), encoded };
}

export default {
  async fetch({ url }) {
    return url.endsWith("/report") ? Response.json(await report()) : new Response("ready");
  },
};
