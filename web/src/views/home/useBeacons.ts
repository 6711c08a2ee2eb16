// Responsible for: which beacons the owner of a new meeting names: those of this server, and those that they know.
// Not responsible for: what these prove (the core).
import { useState } from "react";
import type { BeaconInfo, NodeInfo } from "../../state/client";

export interface Beacons {
  offered: BeaconInfo[];
  isChosen: (key: string) => boolean;
  choose: (key: string, wanted: boolean) => void;
  /** Keys that the owner has typed. */
  typed: string;
  setTyped: (text: string) => void;
  /** Something typed is no key. */
  wrong: boolean;
  /** The keys that the charter gets. */
  chosen: string[];
}

/** 32 bytes in base64url, in the one spelling there is: the last letter has only four bits. */
const KEY = /^[\w-]{42}[AEIMQUYcgkosw048]$/;

export const isKey = (text: string): boolean => KEY.test(text);

export function keysIn(text: string): string[] {
  return text.split(/[\s,]+/).filter((word) => word !== "");
}

export function useBeacons(node: NodeInfo | null): Beacons {
  const [refused, setRefused] = useState<string[]>([]);
  const [typed, setTyped] = useState("");
  const offered = node?.beacons ?? [];
  const words = keysIn(typed);
  const keys = words.filter(isKey);
  const taken = offered.map(({ key }) => key).filter((key) => !refused.includes(key));
  return {
    offered,
    isChosen: (key) => !refused.includes(key),
    choose: (key, wanted) =>
      setRefused([...refused.filter((one) => one !== key), ...(wanted ? [] : [key])]),
    typed,
    setTyped,
    wrong: keys.length < words.length,
    chosen: [...new Set([...taken, ...keys])],
  };
}
