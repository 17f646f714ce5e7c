// Every test there is. A new one is a file of its own and a line here.
import { coopData } from "./backend/coop-data.js";
import { hotline } from "./backend/hotline.js";
import { p2a3all } from "./backend/p2a3all.js";
import { p2a3counts } from "./backend/p2a3counts.js";
import { catBadRows } from "./cat/bad-rows.js";
import { catDaily } from "./cat/daily.js";
import { catEvent } from "./cat/event.js";
import { catEvolution } from "./cat/evolution.js";
import {
  preprocessingExit1,
  preprocessingInvalidTag,
  preprocessingMissingArtifact,
  preprocessingOom,
} from "./preprocessing/failures.js";
import { preprocessingSuccess } from "./preprocessing/success.js";
import { sandersDaily } from "./smoke/sanders-daily.js";
import { sandersRefused } from "./smoke/sanders-refused.js";
import { sandersVariants } from "./smoke/sanders-variants.js";
import type { SuiteTest } from "./test.js";

export const registry: readonly SuiteTest[] = [
  sandersDaily,
  sandersVariants,
  sandersRefused,
  coopData,
  p2a3counts,
  p2a3all,
  hotline,
  catDaily,
  catEvolution,
  catBadRows,
  catEvent,
  preprocessingSuccess,
  preprocessingExit1,
  preprocessingMissingArtifact,
  preprocessingInvalidTag,
  preprocessingOom,
];
