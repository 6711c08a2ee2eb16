// Responsible for: failures with a stable code, and reading the code out of what was thrown.
// Not responsible for: what a code means (src/ringfence/errors).

export class Problem extends Error {
  readonly code: string;
  readonly detail: string;

  constructor(code: string, detail: string) {
    super(`${code} ${detail}`);
    this.code = code;
    this.detail = detail;
  }
}

/** Failures that only this folder and net/ can name. */
export const CODES = {
  noTransforms: "RF6001",
  notSecure: "RF6002",
  noKeys: "RF6003",
  noLink: "RF6101",
  storage: "RF6102",
  core: "RF6103",
  offline: "RF6104",
  keyFileUnknown: "RF6111",
  keyFileNewer: "RF6112",
  keyFileClosed: "RF6113",
  keyFileElsewhere: "RF6114",
  keysLocked: "RF6115",
  keyFileOtherLink: "RF6116",
  receipt: "RF6117",
  microphone: "RF6201",
  camera: "RF6202",
  devices: "RF6203",
  deviceLost: "RF6204",
  microphoneRefused: "RF6205",
  cameraRefused: "RF6206",
  devicesRefused: "RF6207",
  microphoneMissing: "RF6208",
  cameraMissing: "RF6209",
  devicesMissing: "RF6210",
  screen: "RF6211",
  place: "RF6212",
  cipher: "RF6301",
  negotiation: "RF6302",
  unreadable: "RF6303",
  unconnected: "RF6304",
} as const;

/** The core throws an Error whose code and detail are fields, or the start of its message. */
export function asProblem(thrown: unknown, fallback: string): Problem {
  if (thrown instanceof Problem) return thrown;
  const fields = thrown as { code?: unknown; detail?: unknown; message?: unknown } | null;
  const message = String(fields?.message ?? thrown);
  if (typeof fields?.code === "string" && /^RF\d{4}$/.test(fields.code)) {
    return new Problem(fields.code, typeof fields.detail === "string" ? fields.detail : message);
  }
  const [, code, detail] = /^(RF\d{4})[:\s]*(.*)$/s.exec(message) ?? [];
  return code === undefined ? new Problem(fallback, message) : new Problem(code, detail ?? "");
}
