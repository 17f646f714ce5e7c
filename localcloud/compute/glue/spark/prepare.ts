// Compiles the file system for S3 ahead of the first job: a step of set-up.
import { sparkInstallation } from "./installation.js";

const { fileSystemJar, javaHome } = await sparkInstallation();
console.log(`${fileSystemJar} for Java at ${javaHome}`);
