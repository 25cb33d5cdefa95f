export type { Backup, BackupPlace } from "./backup.ts";
export type { BackupInput } from "./backup-input.ts";
export { base } from "./base-image.ts";
export type { BaseImage } from "./base-image.ts";
export type { AcmeInput, Certificate, CertificateInput, SuppliedInput } from "./certificate.ts";
export type { Bucket, BucketInput } from "./bucket.ts";
export { clone, seed } from "./data.ts";
export type { Clone, Seed } from "./data.ts";
export type { Database, DatabaseAccess, DatabaseEngine } from "./database.ts";
export type { DatabaseAccessInput, DatabaseInput, DatabaseRights } from "./database-input.ts";
export { defineEnvironment, definePlatform } from "./define.ts";
export type { Environment, EnvironmentInput } from "./environment.ts";
export { SpecificationError } from "./error.ts";
export type { Fault } from "./error.ts";
export type { BuiltJobInput, JobInput, JobSettings, PulledJobInput, ServiceJobInput } from "./job-input.ts";
export type { Job, ServiceSource } from "./job.ts";
export { link } from "./link.ts";
export type { Link, ResolvedLink } from "./link.ts";
export type { DirectoryMountInput, MemoryMountInput, MountInput, VolumeMountInput } from "./mount-input.ts";
export type { DirectoryMount, MemoryMount, Mount, VolumeMount } from "./mount.ts";
export type { Acme, Platform, PlatformInput, PortRange } from "./platform.ts";
export type { AccessInput, RouteInput } from "./route-input.ts";
export { generated, secret, secretFile } from "./secret.ts";
export type { Secret, SecretFile, SecretFileInput } from "./secret.ts";
export type {
  BuildInput,
  BuiltServiceInput,
  Capability,
  HealthInput,
  PulledServiceInput,
  RelaxInput,
  ServiceInput,
  ServiceSettings,
} from "./service-input.ts";
export type { BuildSource, Health, ImageSource, Relax, Route, Service } from "./service.ts";
export { fromStack } from "./stack-image.ts";
export type { StackImage } from "./stack-image.ts";
export { resourcePrefix, stackFileFor } from "./stack-name.ts";
export type { DockerTarget, DockerTargetInput, Target, TargetInput } from "./target.ts";
export type { DataVolume, PackageVolume, SharedVolume, Volume, VolumeInput } from "./volume.ts";
