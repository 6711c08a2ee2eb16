// Responsible for: what happened just now, said politely for a few seconds each.
// Not responsible for: where that stands on a page.
import { useEffect } from "react";
import { lasting, t } from "../../messages";
import type { PageAction } from "../../state/reducer";
import type { Notice } from "../../state/state";
import css from "./Notices.module.css";

const NOTICE_MS = 6000;

interface NoticesProps {
  notices: Notice[];
  dispatch: (action: PageAction) => void;
  /** The choice of devices is where this is said. */
  byDevices?: boolean;
}

/** A new one is said alone, not together with those that are still there. */
export function Notices({ notices, dispatch, byDevices = false }: NoticesProps) {
  return (
    <div className={css.notices} role="status" aria-atomic="false" aria-label={t("notices")}>
      {notices.map((notice) => (
        <NoticeLine
          key={notice.id}
          words={words(notice, byDevices)}
          onEnd={() => dispatch({ t: "dismiss-notice", id: notice.id })}
        />
      ))}
    </div>
  );
}

function words({ kind, name, by, took = 0, device }: Notice, byDevices: boolean): string {
  if (device) {
    // Some browsers tell no names of devices.
    const one = t("notice.device.unnamed", { device });
    const other = kind === "device-lost" || kind === "device-busy";
    const values = { name: name || (other ? t("notice.device.other") : one), by: by || one };
    const here = kind === "device-found" && byDevices;
    return t(here ? "notice.device-found.here" : `notice.${kind}`, values);
  }
  const who = name ?? t("somebody");
  if (kind === "removed" && by === null) return t("notice.removed.nobody", { name: who });
  return t(`notice.${kind}`, { name: who, by: by ?? t("somebody"), time: lasting(took) });
}

function NoticeLine({ words, onEnd }: { words: string; onEnd: () => void }) {
  useEffect(() => {
    const timer = setTimeout(onEnd, NOTICE_MS);
    return () => clearTimeout(timer);
    // A notice lasts as long as it is mounted: a new onEnd does not start its time again.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, []);
  return <p className={css.notice}>{words}</p>;
}
