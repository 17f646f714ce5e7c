import type { Service } from "../../descriptor.js";
import { bucket } from "./bucket.js";
import { bucketPolicy } from "./bucket-policy.js";
import { bucketEncryption } from "./encryption.js";
import { getBucket } from "./getBucket.js";
import { bucketLifecycleConfiguration } from "./lifecycle.js";
import { bucketNotification } from "./notification.js";
import { bucketObject, bucketObjectV2 } from "./object.js";
import { bucketOwnershipControls } from "./ownership-controls.js";
import { bucketPublicAccessBlock } from "./public-access-block.js";
import { bucketVersioning } from "./versioning.js";

export const resources: Service["resources"] = [
  bucket,
  bucketVersioning,
  bucketEncryption,
  bucketPublicAccessBlock,
  bucketLifecycleConfiguration,
  bucketPolicy,
  bucketNotification,
  bucketOwnershipControls,
  bucketObject,
  bucketObjectV2,
];
export const functions: Service["functions"] = [getBucket];
