// Responsible for: what the browser's statistics say: where media goes, how sealed, how loud.
// Not responsible for: what follows from it (peer.ts).

export interface Reading {
  /** The address that media is really sent to; null while there is none. */
  remote: { address: string; port: number } | null;
  /** The SRTP protection profile in use; null until DTLS is done. */
  cipher: string | null;
  /** Packets that have come, of whatever kind; null in a browser that does not say. */
  packets: number | null;
  /** How loud each receiving line is, by mid, 0 to 1. */
  levels: Map<string, number>;
}

type Entry = Record<string, unknown> & { type: string };

export async function read(connection: RTCPeerConnection): Promise<Reading> {
  const report = (await connection.getStats()) as unknown as Map<string, Entry>;
  const reading: Reading = { remote: null, cipher: null, packets: null, levels: new Map() };
  for (const entry of report.values()) {
    if (entry.type === "transport") {
      const { srtpCipher, selectedCandidatePairId, packetsReceived } = entry;
      if (typeof packetsReceived === "number") reading.packets = packetsReceived;
      if (typeof srtpCipher === "string") reading.cipher = srtpCipher;
      reading.remote = remoteOf(report, selectedCandidatePairId);
    } else if (entry.type === "inbound-rtp" && entry["kind"] === "audio") {
      const { mid, audioLevel } = entry;
      if (typeof mid === "string" && typeof audioLevel === "number")
        reading.levels.set(mid, audioLevel);
    }
  }
  return reading;
}

function remoteOf(report: Map<string, Entry>, pair: unknown): Reading["remote"] {
  const remote = report.get(String(report.get(String(pair))?.["remoteCandidateId"]));
  const [address, port] = [remote?.["address"], remote?.["port"]];
  return typeof address === "string" && typeof port === "number" ? { address, port } : null;
}

/** RFC 7714: the AEAD profiles; what Chromium else negotiates is AES-CM with SHA-1. */
export const isAead = (cipher: string): boolean => /^(SRTP_)?AEAD_AES_(128|256)_GCM$/.test(cipher);
