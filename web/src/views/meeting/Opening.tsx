// Responsible for: the moments before a meeting is known, saying what is waited for and how long.
// Not responsible for: connecting.
import { t } from "../../messages";
import type { State } from "../../state/state";
import { CodeAlert } from "../parts/Alert";
import { Lasting } from "../parts/Lasting";
import { Page } from "../parts/Page";

export function Opening({ state }: { state: State }) {
  return (
    <Page title={t("connecting.title")}>
      <p>{t("connecting.text")}</p>
      <Lasting since={state.since} />
      {state.problems.map((problem) => (
        <CodeAlert key={problem.code} code={problem.code} detail={problem.detail} />
      ))}
    </Page>
  );
}
