// The text of Spark's settings.

/** As spark-defaults.conf: a line for each, name and value apart by a space; backslashes are the format's own. */
export const propertiesText = (settings: Record<string, string>): string =>
  Object.entries(settings)
    .map(([name, value]) => `${name} ${value.replaceAll("\\", "\\\\").replaceAll("\n", "\\n")}\n`)
    .join("");
