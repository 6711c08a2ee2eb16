// Responsible for: where picture and sound could go and when, and when the meeting moved; pure.
// Not responsible for: deciding it (the core), or the words for it (views).
import type { PlaceEvent } from "./events";
import type { NodePlace } from "./node";
import type { State } from "./state";

/** While it lasts, `until` is null. */
export interface Stretch {
  node: string;
  name: string;
  from: number;
  until: number | null;
}

export interface Move {
  at: number;
  before: NodePlace[];
  now: NodePlace[];
}

type Place = Omit<PlaceEvent, "t">;
type Followed = Pick<State, "place" | "moves" | "sent">;

/** A meeting that goes on from one connection to the next would fill them for ever. */
const KEPT = 200;

const isOpen = ({ until }: Stretch): boolean => until === null;

/** What is open ends. */
export function closed(sent: Stretch[], at: number): Stretch[] {
  return sent.some(isOpen)
    ? sent.map((stretch) => (isOpen(stretch) ? { ...stretch, until: at } : stretch))
    : sent;
}

function opened(sent: Stretch[], nodes: NodePlace[], at: number): Stretch[] {
  const begin = nodes.map(({ node, name }) => ({ node, name, from: at, until: null }));
  return [...sent, ...begin].slice(-KEPT);
}

export function sending(state: State, open: boolean, at: number): State {
  if (open === state.sent.some(isOpen)) return state;
  const sent = open ? opened(state.sent, state.place?.nodes ?? [], at) : closed(state.sent, at);
  return { ...state, sent };
}

/** What is sent goes to the new servers from now on; and where it may go there, the meeting has moved. */
export function follow(
  { place: before, moves, sent }: Followed,
  place: Place,
  at: number,
): Followed {
  if (before === null || sameNodes(before, place)) return { place, moves, sent };
  const goesOn = sent.some(isOpen);
  const ended = closed(sent, at);
  return {
    place,
    moves: place.may_probe
      ? [...moves, { at, before: before.nodes, now: place.nodes }].slice(-KEPT)
      : moves,
    sent: goesOn && place.may_send ? opened(ended, place.nodes, at) : ended,
  };
}

/** By their keys, in whatever order. */
function sameNodes(one: Place, other: Place): boolean {
  const keys = ({ nodes }: Place) =>
    nodes
      .map(({ node }) => node)
      .sort()
      .join(" ");
  return keys(one) === keys(other);
}

/** When something could be sent to this server. */
export const sentTo = (sent: Stretch[], node: string): Stretch[] =>
  sent.filter((stretch) => stretch.node === node);
