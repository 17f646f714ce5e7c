// Credentials of the systems that the backend talks to.
import * as pulumi from "@pulumi/pulumi";
import { Credentials } from "../../components/secretsmanager/credentials.js";
import type { BackendScope } from "./scope.js";

/** System → what its credentials are for. */
const SYSTEMS = {
  dashboards: "Dashboards: orders and audit data",
  "mongodb-atlas": "MongoDB Atlas: data of the Shiny apps",
  "melissa-data": "MelissaData: address validation",
} as const;

export type ExternalSystem = keyof typeof SYSTEMS;

/** Their values' namespace in the stack's configuration: `pulumi config set --secret credentials:dashboards '{"user": …}'`. */
const NAMESPACE = "credentials";

/** A secret for each system, with the value that the stack's configuration has, encrypted, or a placeholder. */
export function createCredentials({
  settings,
  names,
  child,
  below,
}: BackendScope): Record<ExternalSystem, Credentials> {
  const config = new pulumi.Config(NAMESPACE);
  const entries = Object.entries(SYSTEMS).map(([system, description]) => {
    const credentials = new Credentials(
      child(`credentials-${system}`),
      { name: names.of(system), description, value: config.getSecret(system), removal: settings.removal },
      below,
    );
    return [system, credentials];
  });
  return Object.fromEntries(entries) as Record<ExternalSystem, Credentials>;
}
