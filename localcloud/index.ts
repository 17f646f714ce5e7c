// The local cloud's front door for the driver and the tests.

export { type ProviderOptions, type ProviderServer, serveProviders } from "./provider/server.js";
export { type Cloud, type CloudOptions, startCloud } from "./server/cloud.js";
