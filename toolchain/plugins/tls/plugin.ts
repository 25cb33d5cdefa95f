import type { Plugin } from "../../../provider/plugin/plugin.ts";
import { certRequest, locallySignedCert, selfSignedCert } from "./certificates.ts";
import { privateKey } from "./keys.ts";

/** Stand-in for the official plugin `tls`, in the version of the SDK. */
export const tlsPlugin: Plugin = {
  name: "tls",
  version: "5.6.1",
  resources: {
    "tls:index/certRequest:CertRequest": certRequest,
    "tls:index/locallySignedCert:LocallySignedCert": locallySignedCert,
    "tls:index/privateKey:PrivateKey": privateKey,
    "tls:index/selfSignedCert:SelfSignedCert": selfSignedCert,
  },
};
