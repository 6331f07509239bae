import { Validator } from "@seriousme/openapi-schema-validator";
import { beforeAll, describe, expect, test } from "vitest";
import { hasEncoder, openEncoder } from "../../src/encoder/index.ts";
import { load } from "../../src/index.ts";
import { settingsOf } from "../../worker/host/settings.ts";
import { liveSettingsOf } from "../../worker/live/live-settings.ts";
import { sequencesOf } from "../../worker/live.ts";
import { createLiveService } from "../../worker/live-service.ts";
import { liveSequenceDocument } from "../../worker/openapi/live-sequence-document.ts";
import { Described } from "../openapi/described.ts";
import { sequenceIndex } from "../sequences/sequence-index.ts";
import { digestOf, published, WRITER } from "./live-service.ts";
import { MemoryLog } from "./log/memory-log.ts";

const document = liveSequenceDocument("1.2.3");
const described = new Described(document);
const log = new MemoryLog();
const live = liveSettingsOf({ writeTokens: [digestOf(WRITER)] });
const settings = settingsOf({});

let app: ReturnType<typeof createLiveService>;
beforeAll(async () => {
  const publication = published(await sequenceIndex(), "first");
  app = createLiveService(load, {
    publisher: () => ({ look: async (known) => (known === publication.tag ? undefined : publication) }),
    settings: () => settings,
    keepAlive: () => undefined,
    log: () => log,
    live: () => live,
    sequences: sequencesOf({ hasEncoder, openEncoder }),
  });
});

describe("live-sequences-openapi.json", () => {
  test("is valid OpenAPI 3.1", async () => {
    expect(await new Validator().validate(document as Record<string, unknown>)).toEqual({ valid: true });
  });

  test("has every route of a Worker that takes changes and sequences, and no other", () => {
    const served = app.routes
      .filter(({ method }) => method !== "ALL")
      .map(({ method, path }) => `${method.toLowerCase()} ${path.replaceAll(/:(\w+)/g, "{$1}")}`);
    expect(described.operations.sort()).toEqual([...served, "get /openapi.json"].sort());
  });
});

test.each<readonly [string, object, number]>([
  ["/v1/delete", { labels: ["gamma"] }, 200],
  ["/v1/encode", { sequence: ["alpha"], minMutation: 1 }, 200],
  ["/v1/predict", { sequence: ["alpha", "beta"], k: 2, minMutation: "1" }, 200],
  ["/v1/predict", { sequences: [["alpha"], ["beta", "gamma"]], unknownItems: "skip", k: 2 }, 200],
  ["/v1/encode", { sequence: ["gamma"] }, 400],
  ["/v1/encode", { sequence: ["alpha"], minMutation: 9 }, 400],
])("%s %j answers %i as it says", async (path, body, status) => {
  const headers = { "content-type": "application/json", authorization: `Bearer ${WRITER}` };
  const response = await app.request(path, { method: "POST", headers, body: JSON.stringify(body) });
  expect(response.status).toBe(status);
  expect(described.faultsOfRequest(`post ${path}`, body)).toEqual([]);
  expect(await described.faultsOfAnswer(`post ${path}`, response)).toEqual([]);
});
