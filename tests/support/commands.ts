// Commands of the AWS SDK in fakes of its clients.

/** Whether it is a command of this class: by name, since the product's bundle of the SDK is not the tests' (scripts/vendor.mjs). */
export function isCommand<T extends object>(
  command: unknown,
  type: abstract new (...args: never[]) => T,
): command is T {
  return (command as object | undefined)?.constructor.name === type.name;
}
