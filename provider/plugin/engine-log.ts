import { credentials } from "@grpc/grpc-js";
import engineRpc from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import engineProto from "@pulumi/pulumi/proto/engine_pb.js";

/** Writes to the output of the `pulumi` command that runs the plugin. Without an engine it writes nothing. */
export class EngineLog {
  private client: InstanceType<typeof engineRpc.EngineClient> | undefined;

  constructor(address: string | undefined) {
    if (address !== undefined) this.connect(address);
  }

  connect(address: string): void {
    this.client = new engineRpc.EngineClient(address, credentials.createInsecure());
  }

  /** Shows a line on the resource's row; an ephemeral one is replaced by the next. */
  write(severity: "info" | "warning", message: string, urn: string, ephemeral = false): void {
    const request = new engineProto.LogRequest();
    request.setSeverity(severity === "info" ? engineProto.LogSeverity.INFO : engineProto.LogSeverity.WARNING);
    request.setMessage(message);
    request.setUrn(urn);
    request.setEphemeral(ephemeral);
    // A lost line of progress is no reason to fail a deploy.
    this.client?.log(request, () => undefined);
  }
}
