import type { Plugin } from "../../../provider/plugin/plugin.ts";
import { randomBytesResource, randomId } from "./bytes.ts";
import { randomPassword, randomString } from "./password.ts";

/** Stand-in for the official plugin `random`, in the version of the SDK. */
export const randomPlugin: Plugin = {
  name: "random",
  version: "4.21.2",
  resources: {
    "random:index/randomBytes:RandomBytes": randomBytesResource,
    "random:index/randomId:RandomId": randomId,
    "random:index/randomPassword:RandomPassword": randomPassword,
    "random:index/randomString:RandomString": randomString,
  },
};
