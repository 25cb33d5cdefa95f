// Part of dockerode since 5.0, not yet of @types/dockerode.
declare module "dockerode/lib/buildkit.js" {
  /** Follows a build's output; what BuildKit says is decoded to plain lines. */
  export function followProgress(
    stream: NodeJS.ReadableStream,
    onFinished: (error: Error | null) => void,
    onProgress: (event: { stream?: string; status?: string; error?: string }) => void,
  ): void;
}
