// The two spellings of one request: EventBridge writes members with a capital, the API without.

/** Members whose keys are the caller's own and keep their spelling, unless they are lists (tags of ECS) of the API's own shapes. */
const MAPS = new Set(["parameters", "tags", "options"]);

const lower = (key: string): string => key.charAt(0).toLowerCase() + key.slice(1);

/** `{JobName: …}` as the API wants it: `{jobName: …}`, at every depth; keys of parameters, tags and options stay. */
export function toApiShape(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(toApiShape);
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return Object.fromEntries(
    members.map(([key, member]) => {
      const isMap = MAPS.has(lower(key)) && !Array.isArray(member);
      return [lower(key), isMap ? member : toApiShape(member)];
    }),
  );
}
