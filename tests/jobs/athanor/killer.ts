// Loaded before a program (`node --import`): ends the process, as `kill -9` does, just before a rename to the path that KILL_BEFORE names.
import promises from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";

const place = process.env.KILL_BEFORE;
if (place) {
  const { rename } = promises;
  promises.rename = async (from, to) => {
    if (String(to).endsWith(place) || String(from).endsWith(place)) process.kill(process.pid, "SIGKILL");
    await rename(from, to);
  };
  syncBuiltinESMExports();
}
