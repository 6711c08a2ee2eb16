// Responsible for: the moments before a meeting is known, saying what is waited for and how long.
// Not responsible for: connecting.
import { lasting, t } from "../../messages";
import type { State } from "../../state/state";
import { CodeAlert } from "../parts/Alert";
import { Page } from "../parts/Page";
import { useNow } from "../parts/useNow";

export function Opening({ state }: { state: State }) {
  const now = useNow();
  return (
    <Page title={t("connecting.title")}>
      <p>{t("connecting.text")}</p>
      <p role="timer">{t("time.sofar", { time: lasting(now - state.since) })}</p>
      {state.problems.map((problem) => (
        <CodeAlert key={problem.code} code={problem.code} detail={problem.detail} />
      ))}
    </Page>
  );
}
