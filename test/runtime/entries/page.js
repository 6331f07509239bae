// A page: leaves a promise of the report.
import * as library from "midx";
import { applyChanges } from "midx/changes";
import { openEncoder } from "midx/encoder";
import { PartedIndex, partOf } from "midx/parts";
import * as training from "midx/train";
import * as files from "./files.js";
import { buildingReport } from "./program.js";

globalThis.report = buildingReport({ ...library, ...training, applyChanges, openEncoder, PartedIndex, partOf }, files);
