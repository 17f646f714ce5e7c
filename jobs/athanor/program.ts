// The program `ath`, with the workflows there are.
import { athProgram } from "./cli/main.js";
import { backendWorkflows } from "./registry.js";

await athProgram({ registry: backendWorkflows(new URL("../backend/", import.meta.url)) });
