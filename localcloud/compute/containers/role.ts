/** What ECS says of a role that does not trust it, or is not there. */
export const cannotAssume = (roleArn: string): string =>
  `ECS was unable to assume the role '${roleArn}' that was provided for this task. Please verify that the role being ` +
  "passed has the proper trust relationship and permissions and that your IAM user has permissions to pass this role.";
