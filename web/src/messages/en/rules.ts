// Responsible for: the words about the rules of a meeting and their changes, in English (ICU messages).
// Not responsible for: a fence's own sentences, which the core writes.
export const rules = {
  "rules.title": "Rules of this meeting",
  "rules.change": "Change the rules",
  "rules.lead":
    "What you change holds for everybody at once, and everybody is told. Keys of picture and sound change with it.",
  "rules.confirm": "Change for everybody",
  "rules.see": "See what changes",
  "rules.see.title": "What would change",
  "rules.differs": "What everybody will be told",
  "rules.follows": "What follows",
  "rules.stays": "The meeting stays on {node}: your browser has checked that this fence allows it.",
  "rules.goes": "Picture and sound of this page would go on.",
  "rules.waits": "Picture and sound of this page would stop until this is no longer so:",
  "rules.others":
    "{others, plural, one {The page of the other one} other {The page of each of the # others}} decides for itself, by the same rules, what it sends.",
  "rules.others.measured":
    "{others, plural, one {The page of the other one} other {The page of each of the # others}} has to rule places out by round trips of its own. It sends nothing while it cannot, or while its person does not say where they are.",
  "rules.barred":
    "{node} would be outside, and everybody would be stopped. So this cannot be put in force while the meeting is held there.",
  "rules.meanwhile": "They were changed in between: go back and look again at what would differ.",
  "rules.working": "Working out what would change…",
  "rules.back": "Back",
  "rules.keep": "As it is: {name}",
  "rules.keep.text": "The fence that the meeting has now.",
  "rules.read": "Understood",
  "rules.link.removed":
    "Somebody was removed and still knows the link. So a host has to let people in, until all have left.",
  "rules.by.you": "You changed the rules of this meeting",
  "rules.by.owner": "The owner changed the rules of this meeting",
  "rules.unknown": "They are not those that were last read on this device.",
  "rules.version": "Version {version} of the charter, signed by the owner; seen here at {time}",
  "rules.version.by":
    "Version {version} of the charter, signed by the owner; brought by {name}’s page at {time}",
  "rules.now": "Version {version} of the charter, signed by the owner.",
  "rules.none": "Nothing was changed since this page was loaded.",
  "rule.fence": "The fence is “{name}” now.",
  "rule.link": "Whoever has the link can come in.",
  "rule.unless":
    "Whoever has the link can come in; but where a host removed somebody, a host lets people in until the meeting has ended and begins anew.",
  "rule.lobby": "A host has to let people in.",
  "rule.title": "The meeting is called “{title}” now.",
  "rule.host": "{name} is a host now.",
  "rule.host.you": "You are a host now: you can let people in, and remove them.",
  "rule.guest": "{name} is no host any more.",
  "rule.guest.you": "You are no host any more.",
  "rule.hosts": "Others than before can be hosts.",
  "rule.others": "The limits of the meeting, or whose word counts, are others.",
  "host.make": "Make host: {name}",
  "host.make.short": "Make host",
  "host.make.title": "Make {name} a host?",
  "host.make.text":
    "They can then let people in, turn them away and remove them, also without you. They cannot change the rules.",
  "host.end": "{name} shall be no host",
  "host.end.short": "No host",
  "host.end.title": "Shall {name} be no host any more?",
  "host.end.text": "They stay in the meeting as a guest.",
  "host.end.confirm": "End it",
} as const satisfies Record<string, string>;
