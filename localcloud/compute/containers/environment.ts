// Variables that containers of Batch jobs and of ECS tasks have in common.

/** Where the session of a container's role is served. */
export interface ServedCredentials {
  readonly uri: string;
  readonly token: string;
}

/** What a container finds unless it says otherwise: its region, the local cloud's endpoint, and what it runs on. */
export const placeVariables = (region: string, endpoint: string, platform: string): Record<string, string> => ({
  AWS_REGION: region,
  AWS_DEFAULT_REGION: region,
  AWS_ENDPOINT_URL: endpoint,
  AWS_EXECUTION_ENV: platform === "FARGATE" ? "AWS_ECS_FARGATE" : "AWS_ECS_EC2",
});

/** Where the AWS SDKs look for a container's credentials; nothing for one without a role. */
export const credentialVariables = (credentials: ServedCredentials | undefined): Record<string, string> =>
  credentials
    ? {
        AWS_CONTAINER_CREDENTIALS_FULL_URI: credentials.uri,
        AWS_CONTAINER_AUTHORIZATION_TOKEN: credentials.token,
      }
    : {};
