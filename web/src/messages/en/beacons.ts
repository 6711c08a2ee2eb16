// Responsible for: the words about beacons, in English (ICU messages).
// Not responsible for: the reasons of a decision, which the core writes.
export const beacons = {
  "beacons.title": "Beacons",
  "beacons.lead":
    "These servers measure how far away this one can be at most. This server’s operator has named them: take away those that you do not trust. What the others prove counts in this meeting, for everybody.",
  "beacons.none":
    "No other server measures this one at present. A fence that asks for “proven” needs at least one that does.",
  "beacons.about": "{where} ({degrees}), run by {operator}, at {host}, in its own words. Key {key}",
  "beacons.about.nowhere":
    "At {degrees}, run by {operator}, at {host}, in its own words. Key {key}",
  "beacons.others": "Keys of other beacons that you know",
  "beacons.others.hint": "43 letters each, with spaces between. It can be left empty.",
  "beacons.others.wrong": "One of these is not a key: each has 43 letters, digits, - or _.",
  "trip.beacon":
    "From the beacon {name}: {address} answered in {ms, number} ms, so it is within {km, number} km",
  "trip.stranger":
    "From {name}, which the owner has not named as a beacon: {address} answered in {ms, number} ms, so it would be within {km, number} km. That can contradict the operator, and proves nothing.",
  "trip.beacon.exact":
    "The shortest of {samples, plural, one {# measurement} other {# measurements}}, measured at {time}; from {degrees}, in its own words",
  "trip.stale": "That is more than an hour ago: it counts no more.",
  "map.beacon": "A beacon at {degrees}, in its own words.",
  "map.beacon.stranger": "At {degrees}, in its own words. The owner has not named it as a beacon.",
  "map.beacon.within":
    "The dashed circle around it: {server} answered it in {ms, number} ms at {time}, so it is at most {km, number} km away from there.",
  "map.beacon.stale": "It measured {server} at {time}. That counts no more, so no circle is drawn.",
} as const satisfies Record<string, string>;
