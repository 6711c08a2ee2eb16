// Responsible for: the meeting's name, its time, what happened just now, and the fence badge.
// Not responsible for: the account behind the badge (Where.tsx).
import { Shield, ShieldAlert, ShieldCheck } from "lucide-react";
import { running, t } from "../../messages";
import { placeOf } from "../../state/place";
import { Notices } from "../parts/Notices";
import { useNow } from "../parts/useNow";
import type { CallProps } from "./Call";
import css from "./TopBar.module.css";

const icons = { inside: ShieldCheck, checking: Shield, stopped: ShieldAlert };

interface TopBarProps extends Omit<CallProps, "client"> {
  /** What happened is said elsewhere. */
  quiet: boolean;
  onWhere: () => void;
}

export function TopBar({ state, dispatch, quiet, onWhere }: TopBarProps) {
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
      <div className={css.notices}>
        <Notices notices={quiet ? [] : state.notices} dispatch={dispatch} />
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
