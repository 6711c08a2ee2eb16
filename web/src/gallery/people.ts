// Responsible for: people and servers that the gallery's states are made of.
// Not responsible for: the states (states.ts).
import type { Member } from "../state/events";
import type { Decision, NodePlace } from "../state/node";
import type { Place } from "../state/place";

export const NOW = Date.UTC(2026, 10, 24, 9, 30);

const NAMES = [
  "Ada Okafor",
  "Ben Lindqvist",
  "Chiara Fontana",
  "Dmytro Shevchenko",
  "Élodie Marchand",
  "Farid Nasser",
  "Greta von Hohenstein-Lauterbach",
  "Hiro Tanaka",
  "Imani Mwangi",
  "Jonas Weber",
  "Kateryna Bondar",
  "Luis Herrera",
];

export function members(count: number): Member[] {
  return Array.from({ length: count }, (_, leaf) => {
    const round = Math.floor(leaf / NAMES.length);
    const name = NAMES[leaf % NAMES.length] ?? "";
    return {
      leaf,
      member: `member-${leaf}`,
      name: round > 0 ? `${name} ${round + 1}` : name,
      role: leaf === 0 ? "host" : "guest",
      you: leaf === 0,
      present: true,
      muted: leaf % 3 === 2,
      camera: leaf % 5 !== 3,
    };
  });
}

function decision(role: string, checked: boolean, text: string): Decision {
  const source = checked ? "charter" : "statement serial 3";
  return {
    role,
    allowed: true,
    checked,
    reasons: [{ code: "RF2001", rule: "allow.nodes", source, text }],
  };
}

export const local: NodePlace = {
  node: "9Yq1mLxYc6u1b3V0i2RzJm6l0cJ1fXq0xkq0n3b8w5Q",
  name: "ringfence-1",
  roles: ["web", "signalling", "keys", "media", "storage"],
  operator: "Municipal Library of Turku",
  parents: [],
  country: null,
  place: null,
  addresses: ["192.168.1.20", "fd00::20"],
  standing: "stated",
  allowed: true,
  decisions: [
    decision("media", true, "The fence names exactly this server by its key."),
    decision("web", true, "The fence names exactly this server by its key."),
    decision("signalling", false, "The operator says that this server passes messages on."),
    decision("keys", false, "The operator says that this server delivers sealed keys."),
    decision("storage", false, "The operator says that data stay on this server."),
  ],
};

export const toronto: NodePlace = {
  ...local,
  name: "tor1",
  operator: "Example Co-op",
  parents: [{ name: "Example Holdings", law: ["US"] }],
  country: "CA",
  place: "Toronto",
  addresses: ["203.0.113.7", "2001:db8::7"],
  standing: "consistent",
  decisions: [
    {
      role: "media",
      allowed: true,
      checked: true,
      reasons: [
        {
          code: "RF2002",
          rule: "allow.countries",
          source: "registry rir-delegated 2026-10-01",
          text: "Canada is allowed, and both addresses are registered in Canada.",
        },
        {
          code: "RF2002",
          rule: "allow.countries",
          source: "geoip dbip-lite 2026-11-01",
          text: "An independent source places both addresses in Canada.",
        },
      ],
    },
    decision("storage", false, "The operator says that data stay on this server."),
  ],
};

const beijing: NodePlace = {
  ...toronto,
  name: "pek2",
  country: "CN",
  place: "Beijing",
  addresses: ["198.51.100.23"],
  standing: "stated",
  allowed: false,
  decisions: [
    {
      role: "media",
      allowed: false,
      checked: true,
      reasons: [
        {
          code: "RF2104",
          rule: "allow.countries",
          source: "statement serial 4",
          text: "The server says that it stands in China. The fence allows Canada only.",
        },
      ],
    },
  ],
};

export const onlyThisServer: Place = {
  nodes: [local],
  sentences: [
    "Only the server with the key 9Yq1mLxY… may carry this meeting, in every role.",
    "Its country, operator and law are not asked for.",
  ],
  fence_name: "Only this server",
  may_probe: true,
  may_send: true,
};

export const canada: Place = {
  nodes: [toronto],
  sentences: [
    "Servers have to stand in Canada.",
    "Operators and their parent companies may answer to the law of Canada or the United States.",
    "Two independent sources have to agree with what the operator says.",
  ],
  fence_name: "Canada, public sector",
  may_probe: true,
  may_send: true,
};

export const outside: Place = { ...canada, nodes: [beijing], may_probe: false, may_send: false };
