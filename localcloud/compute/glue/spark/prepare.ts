// Makes what jobs of Spark need ahead of the first one: a step of set-up.
import { archiveClasses, sparkInstallation } from "./installation.js";

const { fileSystemJar, javaHome } = await sparkInstallation();
console.log(`${fileSystemJar} for Java at ${javaHome}`);
console.log(await archiveClasses().catch((error: Error) => `no archive of classes: ${error.message}`));
