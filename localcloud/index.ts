// The local cloud's front door for the driver and the tests.
export { type Cloud, type CloudOptions, startCloud } from "./server/cloud.js";
export { type ProviderServer, type ProviderOptions, serveProviders } from "./provider/server.js";
