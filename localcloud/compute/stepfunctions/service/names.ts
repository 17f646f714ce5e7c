// Names and times as the API writes them.
import { ApiError } from "./errors.js";

const NAME = /^[^\s<>{}[\]?*"#%\\^|~`$&,;:/\p{Cc}]{1,80}$/u;

/** @throws ApiError InvalidName */
export function checkName(name: string): void {
  if (!NAME.test(name)) throw new ApiError("InvalidName", `Invalid Name: '${name}'`);
}

/** Time as the API writes it: seconds since the epoch, with milliseconds. */
export const seconds = (date: Date): number => date.getTime() / 1000;
