// Responsible for: how long something lasts so far, counted on the page and not read aloud each second.
// Not responsible for: what lasts.
import { lasting, t } from "../../messages";
import css from "./parts.module.css";
import { useNow } from "./useNow";

export function Lasting({ since, rest }: { since: number; rest?: string }) {
  const now = useNow();
  return (
    <p role="timer" aria-live="off" className={css.hint}>
      {t("time.sofar", { time: lasting(now - since) })} {rest}
    </p>
  );
}
