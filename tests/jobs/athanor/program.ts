// `ath` with the workflow of the tests, for tests that need a process of their own.
import { athProgram } from "../../../jobs/athanor/cli/main.js";
import { registry, TIMES } from "./support.js";

await athProgram({ registry, lockTimes: TIMES });
