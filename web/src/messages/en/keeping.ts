// Responsible for: the words of keeping a meeting's keys in a file, and of importing it, in English (ICU messages).
// Not responsible for: errors, whose words come from the generated list.
export const keeping = {
  "keep.title": "Keep a copy of the owner's key",
  "keep.why":
    "Whoever loses this browser’s data cannot be the owner or host of this meeting any more, unless there is a copy. It can be made only now, until you close this window.",
  "keep.start": "Keep a copy",
  "keep.form.why":
    "The copy is a file, sealed with a passphrase of your choice. Nobody can reset the passphrase.",
  "keep.save": "Save the file",
  "keep.working": "Sealing the file. This takes a moment, so that guessing passphrases is slow…",
  "keep.saved": "{name} was handed to this browser’s downloads.",
  "keep.saved.text":
    "Look that it is there, and keep it apart from its passphrase. With both, any device becomes the owner’s: “Import a meeting” on this server’s first page.",
  "keep.again": "Save it again",
  "pass.label": "Passphrase",
  "pass.hint":
    "At least {shortest} characters. Four or more words that do not belong together are easy to keep and hard to guess.",
  "pass.again": "Passphrase again",
  "pass.show": "Show the passphrase",
  "pass.short":
    "Too short: {missing, plural, one {# more character} other {# more characters}} at least.",
  "pass.repeats": "Too easy to guess: it repeats the same few characters.",
  "pass.fair": "Long enough. More words make it stronger.",
  "pass.good": "Good, unless it is a known sentence or says something about you.",
  "pass.differs": "The two passphrases differ. Type the second one again.",
  "pass.missing": "Type the passphrase of the file.",
  "import.open": "Import a meeting",
  "import.title": "Import a meeting",
  "import.lead":
    "With the key file of a meeting and its passphrase, this device, too, opens the meeting as its owner and host.",
  "import.file": "Key file",
  "import.file.hint":
    "Its name begins with ringfence- and ends with .key.json. It was saved when the meeting was made.",
  "import.file.missing": "Choose the key file of a meeting.",
  "import.go": "Import",
  "import.working": "Opening the file with the passphrase. This takes a moment…",
  "import.done": "“{title}” is on this device now",
  "import.done.text":
    "Here, too, you are its owner and host. The link for others is the one that you sent before.",
  "import.known": "“{title}” is already on this device",
  "import.known.text":
    "Nothing was changed. The file opens with this passphrase, so it is a good copy.",
  "import.open.meeting": "Open meeting",
  "keep.lost.title": "Lost both this browser’s data and the file?",
  "keep.lost.lead": "Nobody can make the owner’s key again, not even who runs the server. Then:",
  "keep.lost.link": "Anyone with the link still meets, where that is how people join.",
  "keep.lost.lobby":
    "Where people are admitted, only a host can start the meeting: once it has ended, nobody can, unless you made somebody else a host.",
  "keep.lost.now":
    "A device with the key that is in the meeting right now can still admit and remove, until it leaves.",
  "keep.lost.fixed": "Nobody can change the fence, who can join, or who hosts.",
  "keep.lost.new": "So make a new meeting, and send its link to everybody who had the old one.",
} as const satisfies Record<string, string>;
