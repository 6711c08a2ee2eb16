// Responsible for: the meeting's name, its time, what happened just now, and the fence badge.
// Not responsible for: the account behind the badge (Where.tsx).
import { Shield, ShieldAlert, ShieldCheck } from "lucide-react";
import { useEffect } from "react";
import { lasting, running, t } from "../../messages";
import { placeOf } from "../../state/place";
import type { Notice } from "../../state/state";
import { useNow } from "../parts/useNow";
import type { CallProps } from "./Call";
import css from "./TopBar.module.css";

const NOTICE_MS = 6000;
const icons = { inside: ShieldCheck, checking: Shield, stopped: ShieldAlert };

interface TopBarProps extends Omit<CallProps, "client"> {
  onWhere: () => void;
}

export function TopBar({ state, dispatch, onWhere }: TopBarProps) {
  const here = state.members.filter((member) => member.present || member.you).length;
  return (
    <header className={css.bar}>
      <div className={css.title}>
        <h1 tabIndex={-1} data-focus-home>
          {state.meeting?.title ?? t("before.title.unknown")}
        </h1>
        <p>
          {state.joinedAt !== null && <Time since={state.joinedAt} />}
          <span>{t("call.present", { count: here })}</span>
        </p>
      </div>
      <div className={css.notices} role="status" aria-label={t("notices")}>
        {state.notices.slice(-1).map((notice) => (
          <NoticeLine
            key={notice.id}
            notice={notice}
            onEnd={() => dispatch({ t: "dismiss-notice", id: notice.id })}
          />
        ))}
      </div>
      <Badge {...placeOf(state.place)} open={state.panel === "where"} onPress={onWhere} />
    </header>
  );
}

function Time({ since }: { since: number }) {
  const now = useNow();
  return (
    <span role="timer" aria-label={t("call.time")}>
      {running(now - since)}
    </span>
  );
}

interface BadgeProps extends ReturnType<typeof placeOf> {
  open: boolean;
  onPress: () => void;
}

function Badge({ standing, where, open, onPress }: BadgeProps) {
  const Icon = icons[standing];
  const state = t(`badge.${standing}`);
  return (
    <button
      type="button"
      className={`${css.badge} ${css[standing]}`}
      aria-expanded={open}
      aria-label={t("badge.name", { state, place: where })}
      onClick={onPress}
    >
      <Icon size={20} aria-hidden />
      <span className={css.words}>
        <span>{state}</span> <span className={css.country}>{where}</span>
      </span>
    </button>
  );
}

function words({ kind, name, by, took = 0 }: Notice): string {
  const who = name ?? t("somebody");
  if (kind === "removed" && by === null) return t("notice.removed.nobody", { name: who });
  return t(`notice.${kind}`, { name: who, by: by ?? t("somebody"), time: lasting(took) });
}

function NoticeLine({ notice, onEnd }: { notice: Notice; onEnd: () => void }) {
  useEffect(() => {
    const timer = setTimeout(onEnd, NOTICE_MS);
    return () => clearTimeout(timer);
    // A notice lasts as long as it is mounted: a new onEnd does not start its time again.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, []);
  return <p className={css.notice}>{words(notice)}</p>;
}
