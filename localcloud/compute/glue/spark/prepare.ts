// Makes what jobs of Spark need ahead of the first one: a step of set-up. Prints what it made, which is nothing where all was there.
import { archiveClasses, sparkInstallation } from "./installation.js";

const { fileSystemJar, javaHome, classArchive, isNew } = await sparkInstallation();
if (isNew) console.log(`${fileSystemJar} for Java at ${javaHome}`);
try {
  if (await archiveClasses()) console.log(classArchive);
} catch (error) {
  console.log(`no archive of classes: ${(error as Error).message}`);
}
