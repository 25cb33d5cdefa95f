import structProto from "google-protobuf/google/protobuf/struct_pb.js";
import type { JavaScriptValue, Struct } from "google-protobuf/google/protobuf/struct_pb.js";
import type { Properties } from "./resource.ts";

/** Encodes properties for the engine; what is undefined is left out, as in JSON. */
export function toStruct(properties: Properties): Struct {
  const json = JSON.parse(JSON.stringify(properties)) as Record<string, JavaScriptValue>;
  return structProto.Struct.fromJavaScript(json);
}

/** Decodes the engine's properties; an absent struct is an empty object. */
export function fromStruct(struct: Struct | undefined): Properties {
  return struct === undefined ? {} : struct.toJavaScript();
}
