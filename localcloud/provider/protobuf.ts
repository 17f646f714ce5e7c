// The protobuf runtime that Pulumi's generated messages are made with. It registers its types globally, so a second copy in the
// process, of another version, would break every message of the SDK: it is therefore taken from where the SDK takes it.
import { createRequire } from "node:module";
import type anyModule from "google-protobuf/google/protobuf/any_pb.js";
import type emptyModule from "google-protobuf/google/protobuf/empty_pb.js";
import type structModule from "google-protobuf/google/protobuf/struct_pb.js";

const fromSdk = createRequire(createRequire(import.meta.url).resolve("@pulumi/pulumi/package.json"));

export const structs: typeof structModule = fromSdk("google-protobuf/google/protobuf/struct_pb.js");
export const empties: typeof emptyModule = fromSdk("google-protobuf/google/protobuf/empty_pb.js");
export const anys: typeof anyModule = fromSdk("google-protobuf/google/protobuf/any_pb.js");
