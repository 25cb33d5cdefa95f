export { deploy } from "./deploy.ts";
export type { Declaration, DeployContext } from "./deploy.ts";
export type { Origin } from "./origin.ts";
export * from "./spec/index.ts";
