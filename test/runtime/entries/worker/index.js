// A Worker: answers /report with the report.
import * as library from "midx";
import * as files from "../files.js";
import { keepPromises } from "../program.js";

export default {
  async fetch({ url }) {
    return url.endsWith("/report") ? Response.json(await keepPromises(library, files)) : new Response("ready");
  },
};
