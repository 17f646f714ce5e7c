// The two spellings of one request: Step Functions and EventBridge write members with a capital, the API without.

/** Members whose keys are the caller's own and keep their spelling. */
const MAPS = new Set(["parameters", "tags", "options"]);

const lower = (key: string): string => key.charAt(0).toLowerCase() + key.slice(1);
const upper = (key: string): string => key.charAt(0).toUpperCase() + key.slice(1);

/** `{JobName: …}` as the API wants it: `{jobName: …}`, at every depth; keys of parameters, tags and options stay. */
export const toApiShape = (value: unknown): unknown => respell(value, lower);

/** `{jobName: …}` as Step Functions shows it: `{JobName: …}`, members in alphabetical order, empty members left out. */
export const toStatesShape = (value: unknown): unknown => respell(value, upper, true);

function respell(value: unknown, spell: (key: string) => string, sorted = false): unknown {
  if (Array.isArray(value)) return value.map((each) => respell(each, spell, sorted));
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .map(([key, member]) => [spell(key), MAPS.has(lower(key)) ? member : respell(member, spell, sorted)] as const);
  if (sorted) members.sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(members);
}
