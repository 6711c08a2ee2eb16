// Responsible for: the layout of a KID: which stream of which member in which epoch.
// Not responsible for: the header that carries it (sframe.ts).

/** 0 microphone, 1 camera, 2 the screen's sound, 3 the screen's picture. */
export type StreamContext = 0 | 1 | 2 | 3;
export const MICROPHONE: StreamContext = 0;
export const CAMERA: StreamContext = 1;
export const SCREEN_SOUND: StreamContext = 2;
export const SCREEN_PICTURE: StreamContext = 3;

const LEAF_BITS = 10;
const EPOCH_BITS = 11;
export const EPOCHS = 1 << EPOCH_BITS;

export interface Kid {
  context: number;
  leaf: number;
  /** Of the epoch only the last 11 bits. */
  epoch: number;
}

export function kidOf({ context, leaf, epoch }: Kid): number {
  if (context < 0 || context > 7 || leaf < 0 || leaf >= 1 << LEAF_BITS) {
    throw new RangeError("no such stream");
  }
  return (context << (LEAF_BITS + EPOCH_BITS)) | (leaf << EPOCH_BITS) | (epoch % EPOCHS);
}

/** Null when the number is longer than any KID of this protocol. */
export function readKid(kid: number): Kid | null {
  if (kid >= 1 << (3 + LEAF_BITS + EPOCH_BITS)) return null;
  return {
    context: kid >> (LEAF_BITS + EPOCH_BITS),
    leaf: (kid >> EPOCH_BITS) & ((1 << LEAF_BITS) - 1),
    epoch: kid & (EPOCHS - 1),
  };
}
