// Responsible for: the words of the home page and of making a meeting, in English (ICU messages).
// Not responsible for: errors, whose words come from the generated list.
export const home = {
  brand: "Ringfence",
  "home.promise":
    "Your meeting cannot use a server you did not allow, and you can check it yourself.",
  "home.lead":
    "Sealed from browser to browser. Nothing to install, no account, nothing fetched from anyone else.",
  "home.new": "New meeting",
  "home.link": "Have a link? Put it here",
  "home.link.hint": "https://…/m/…#…",
  "home.link.open": "Go",
  "home.link.bad":
    "This is not the link of a meeting here. It begins with {origin}/m/ and has a # with the key behind it. Copy the whole link.",
  "home.recent": "Recent meetings on this device",
  "home.recent.none": "Meetings that you make or visit are listed here, on this device only.",
  "home.recent.own": "yours",
  "home.footer.runs": "This server is run by {operator}.",
  "home.footer.country": "It says that it stands in {country}.",
  "home.footer.nocountry": "Its operator has not said in which country it stands.",
  "home.footer.version": "Version {version}",
  "home.footer.logs":
    "It logs when meetings start and end and errors with their codes. It has no names, titles, chat, pictures or sound to log.",
  "home.footer.loading": "Asking this server who runs it…",
  "home.point.fence": "You draw the fence",
  "home.point.fence.text":
    "Say which countries and operators may carry the meeting. What is not known to be inside counts as outside.",
  "home.point.check": "Your browser checks it",
  "home.point.check.text":
    "Before it sends a byte of picture or sound, and all through the call. If it cannot, it stops.",
  "home.point.sealed": "The server cannot listen",
  "home.point.sealed.text":
    "Only those in the meeting hold the keys, and they can see who that is.",
  "new.title": "New meeting",
  "new.name": "Meeting name",
  "new.name.hint": "Sealed: this server cannot read it.",
  "new.name.missing": "Give the meeting a name, so that people know where they are.",
  "new.admission": "Who can join",
  "new.admission.link": "Anyone with the link",
  "new.admission.link.text": "Whoever has the link is in without anybody’s click.",
  "new.admission.lobby": "People I admit",
  "new.admission.lobby.text": "They wait in a lobby until you let them in.",
  "new.fence": "Fence",
  "new.fence.lead": "Which servers may carry this meeting.",
  "new.fence.loading": "Working out what each fence allows…",
  "new.fence.allows": "allows {allowed} of {of, plural, one {# server} other {# servers}} here",
  "new.fence.dated": "List of {date}. {caveat}",
  "new.fence.own": "Write my own",
  "new.fence.own.text": "Countries, laws and evidence of your choice.",
  "new.fence.own.field": "Policy",
  "new.word": "Accept the operator's word for where the server is",
  "new.word.private":
    "This server has a private address, so no data set can say where it stands. Other fences than “Only this server” can hold it only by its operator’s word.",
  "new.word.public":
    "Without this, two independent sources have to agree with what the operator says.",
  "new.create": "Create meeting",
  "new.creating": "Making keys and signing the charter…",
  "new.cancel": "Cancel",
  "new.blocked": "{name} allows no server here, so the meeting could not be held.",
  "new.ready": "Your meeting is ready",
  "new.ready.lead":
    "Whoever has this link can {admission, select, link {come in} other {ask to come in}}. The part behind # is the key: send it only to those you invite.",
  "new.link": "Meeting link",
  "new.copy": "Copy link",
  "new.copied": "Copied",
  "new.copy.failed": "The browser refused to copy. Select the link and copy it by hand.",
  "new.open": "Open meeting",
  "new.qr": "QR code of the meeting link",
  close: "Close",
  "theme.system": "as the device",
  "theme.light": "light",
  "theme.dark": "dark",
  "theme.button": "Colours: {theme}",
} as const satisfies Record<string, string>;
