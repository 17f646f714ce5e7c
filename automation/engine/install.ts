// The set-up step that makes sure of an engine: prints where it is, or what is missing.
import { findEngine } from "./engine.js";

try {
  const engine = await findEngine({ onProgress: (message) => process.stdout.write(`${message}\n`) });
  process.stdout.write(`Pulumi ${engine.version} from ${engine.source}: ${engine.path}\n`);
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}
