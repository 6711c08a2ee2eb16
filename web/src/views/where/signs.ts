// Responsible for: the marks on the map: each kind has a shape of its own, so that colour alone says nothing.
// Not responsible for: where they are drawn (WorldMap.tsx, MapSection.tsx).

/** Round is a server, the triangle a beacon, the rhombus oneself; 16 wide. */
export const SIGNS = {
  server: "M-6 0A6 6 0 0 1 6 0A6 6 0 0 1-6 0Z",
  beacon: "M0-8L7.5 6H-7.5Z",
  you: "M0-8L8 0L0 8L-8 0Z",
} as const;

export type SignOf = keyof typeof SIGNS;
