import { acmeCertificate } from "./acme-certificate.ts";
import { attachment } from "./attachment.ts";
import { certificate } from "./certificate.ts";
import { dataPackage } from "./data-package.ts";
import { database } from "./database.ts";
import { dataVolumes } from "./data-volumes.ts";
import { databaseContent } from "./database-content.ts";
import { databaseGuard } from "./database-guard.ts";
import { enginePlace } from "./engine-place.ts";
import { engineTrust } from "./engine-trust.ts";
import { imageBuild } from "./image-build.ts";
import { imageTags } from "./image-tags.ts";
import { issuedCertificate } from "./issued-certificate.ts";
import { jobRelease } from "./job-release.ts";
import { jobRun } from "./job-run.ts";
import { localImages } from "./local-images.ts";
import { servePlugin } from "./plugin/serve.ts";
import { processLimit } from "./process-limit.ts";
import { proxyConfiguration } from "./proxy-configuration.ts";
import { proxyNetworks } from "./proxy-networks.ts";
import { release } from "./release.ts";
import { secretFiles } from "./secret-files.ts";
import { sharedVolume } from "./shared-volume.ts";
import { volumeOwner } from "./volume-owner.ts";

void servePlugin({
  name: "slipway",
  version: "0.1.0",
  resources: {
    "slipway:index:AcmeCertificate": acmeCertificate,
    "slipway:index:Attachment": attachment,
    "slipway:index:Certificate": certificate,
    "slipway:index:DataPackage": dataPackage,
    "slipway:index:Database": database,
    "slipway:index:DataVolumes": dataVolumes,
    "slipway:index:DatabaseContent": databaseContent,
    "slipway:index:DatabaseGuard": databaseGuard,
    "slipway:index:EnginePlace": enginePlace,
    "slipway:index:EngineTrust": engineTrust,
    "slipway:index:ImageBuild": imageBuild,
    "slipway:index:ImageTags": imageTags,
    "slipway:index:IssuedCertificate": issuedCertificate,
    "slipway:index:JobRelease": jobRelease,
    "slipway:index:JobRun": jobRun,
    "slipway:index:LocalImages": localImages,
    "slipway:index:ProcessLimit": processLimit,
    "slipway:index:ProxyConfiguration": proxyConfiguration,
    "slipway:index:ProxyNetworks": proxyNetworks,
    "slipway:index:Release": release,
    "slipway:index:SecretFiles": secretFiles,
    "slipway:index:SharedVolume": sharedVolume,
    "slipway:index:VolumeOwner": volumeOwner,
  },
});
