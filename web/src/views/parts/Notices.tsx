// Responsible for: what happened just now, said politely for a few seconds.
// Not responsible for: where that stands on a page.
import { useEffect } from "react";
import { lasting, t } from "../../messages";
import type { PageAction } from "../../state/reducer";
import type { Notice, State } from "../../state/state";
import css from "./Notices.module.css";

const NOTICE_MS = 6000;

interface NoticesProps {
  state: State;
  dispatch: (action: PageAction) => void;
}

export function Notices({ state, dispatch }: NoticesProps) {
  return (
    <div className={css.notices} role="status" aria-label={t("notices")}>
      {state.notices.slice(-1).map((notice) => (
        <NoticeLine
          key={notice.id}
          notice={notice}
          onEnd={() => dispatch({ t: "dismiss-notice", id: notice.id })}
        />
      ))}
    </div>
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
