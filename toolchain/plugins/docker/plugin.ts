import type { Plugin } from "../../../provider/plugin/plugin.ts";
import { container } from "./container.ts";
import { image } from "./image.ts";
import { network } from "./network.ts";
import { remoteImage } from "./remote-image.ts";
import { tag } from "./tag.ts";
import { volume } from "./volume.ts";

/** Stand-in for the official plugin `docker`, in the version of the SDK. */
export const dockerPlugin: Plugin = {
  name: "docker",
  version: "5.2.0",
  resources: {
    "docker:index/container:Container": container,
    "docker:index/image:Image": image,
    "docker:index/network:Network": network,
    "docker:index/remoteImage:RemoteImage": remoteImage,
    "docker:index/tag:Tag": tag,
    "docker:index/volume:Volume": volume,
  },
};
