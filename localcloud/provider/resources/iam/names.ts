// What IAM's named things have in common.
import { text } from "../../properties.js";

/** `name`, made where it is not given, and `namePrefix`, which makes it; both fixed for life. */
export function named(max: number) {
  const check = (name: string) =>
    /^[\w+=,.@-]+$/.test(name) ? undefined : "an IAM name has letters, digits and +=,.@-_ only";
  return {
    name: text({ computed: true, replace: true, min: 1, max, check, autoName: { max, prefixFrom: "namePrefix" } }),
    namePrefix: text({ replace: true, unread: true, max: max - 7 }),
  };
}

/** A path, e.g. `/service/`. */
export const path = text({
  default: "/",
  replace: true,
  check: (value) => (/^\/([\x21-\x7e]+\/)?$/.test(value) ? undefined : "a path begins and ends with a slash"),
});

/** IAM gives policies back URL-encoded (RFC 3986). */
export function decodePolicy(document: string | undefined): string {
  return document === undefined ? "" : decodeURIComponent(document);
}
