// Words and assignments as a POSIX shell reads them.

/** A word that the shell takes as it stands; quoted only where it has to be. */
export const quote = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;

/** Variables that would win over ours in some client. */
const IN_THE_WAY = ["AWS_PROFILE", "AWS_SESSION_TOKEN"];

/** Lines for `eval "$(…)"`. @param isolated whether the user's own profile and session have to go */
export const exportLines = (variables: Record<string, string>, isolated: boolean): string =>
  [
    ...(isolated ? [`unset ${IN_THE_WAY.join(" ")}`] : []),
    ...Object.entries(variables).map(([name, value]) => `export ${name}=${quote(value)}`),
  ].join("\n");
