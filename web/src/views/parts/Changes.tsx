// Responsible for: changes of the charter in words: what is different, by whom; until it was read.
// Not responsible for: making them (call/Rules.tsx).
import { ScrollText } from "lucide-react";
import { useRef } from "react";
import { clockTime, t } from "../../messages";
import type { Rule } from "../../state/events";
import type { PageAction } from "../../state/reducer";
import type { Change, State } from "../../state/state";
import { Button } from "./Button";
import css from "./parts.module.css";
import { named } from "./places";

interface ChangesProps {
  state: State;
  dispatch: (action: PageAction) => void;
}

export function NewChanges({ state, dispatch }: ChangesProps) {
  const unread = unreadOf(state);
  const newest = Math.max(...unread.map(({ version }) => version));
  // A change that comes while the finger is down was not there to be read when it went down.
  const pressed = useRef<number | null>(null);
  const begin = () => (pressed.current = newest);
  const end = () => {
    dispatch({ t: "read-changes", upTo: pressed.current ?? newest });
    pressed.current = null;
  };
  if (unread.length === 0) return null;
  return (
    <section className={`${css.note} ${css.noteWarning}`} aria-label={t("rules.title")}>
      <ScrollText size={18} aria-hidden />
      <div>
        {unread.map((change) => (
          <ChangeWords key={change.version} change={change} />
        ))}
      </div>
      <div className={css.noteActions}>
        <Button onPointerDown={begin} onKeyDown={begin} onClick={end}>
          {t("rules.read")}
        </Button>
      </div>
    </section>
  );
}

/**
 * The changes for screen readers, each said by itself and once. It outlives every page of a meeting; and React Aria,
 * which hides what is beside an open window, leaves what is marked like this to be heard.
 */
export function SaidChanges({ state }: { state: State }) {
  return (
    <div role="status" aria-atomic="false" className={css.unseen} data-live-announcer="true">
      {unreadOf(state).map((change) => (
        <p key={change.version}>{[headline(change), ...wordsOf(change)].join(" ")}</p>
      ))}
    </div>
  );
}

const unreadOf = ({ changes }: State): Change[] => changes.filter(({ read }) => !read);

export function ChangeWords({ change }: { change: Change }) {
  const rules = wordsOf(change);
  return (
    <div>
      <p className={css.noteTitle}>{headline(change)}</p>
      <ul className={css.bullets}>
        {rules.map((rule) => (
          <li key={rule}>{rule}</li>
        ))}
      </ul>
      <p className={css.hint}>{origin(change)}</p>
    </div>
  );
}

const headline = ({ you }: Change): string => t(you ? "rules.by.you" : "rules.by.owner");

/** That the owner signed it is checked. Whose page brought it is seen, and need not be the owner's. */
function origin({ version, at, by, you }: Change): string {
  const said = { version, time: clockTime(at), name: by ?? "" };
  return t(by === null || you ? "rules.version" : "rules.version.by", said);
}

function wordsOf(change: Change): string[] {
  if (change.rules.length === 0) return [t("rules.unknown")];
  return rulesInWords(change.rules);
}

/** The same for who is told of a change, and for the owner before it. */
export const rulesInWords = (rules: readonly Rule[]): string[] =>
  rules.flatMap((rule) => [words(rule), ...(rule.details ?? []).map(named)]);

function words({ kind, name, you }: Rule): string {
  switch (kind) {
    case "fence":
      return t("rule.fence", { name: name ?? "" });
    case "title":
      return t("rule.title", { title: name ?? "" });
    case "host":
    case "guest":
      return you ? t(`rule.${kind}.you`) : t(`rule.${kind}`, { name: name ?? t("somebody") });
    default:
      return t(`rule.${kind}`);
  }
}
