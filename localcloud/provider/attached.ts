// How an engine is told of providers that are already served.

/**
 * The environment of an engine to which providers are attached. Without the second variable the engine looks for the plugins
 * themselves to install whenever its state has resources, for some three seconds, before it takes the attached ones.
 *
 * @param debugProviders `aws:PORT,awsx:PORT`, as `serveProviders` gives it
 */
export const attachedProviders = (debugProviders: string): Record<string, string> => ({
  PULUMI_DEBUG_PROVIDERS: debugProviders,
  PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
});
