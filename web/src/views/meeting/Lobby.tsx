// Responsible for: the page of who waits: for what, how long so far, with their own preview.
// Not responsible for: anything of the meeting: nothing of it is here.
import { DoorOpen } from "lucide-react";
import { lasting, t } from "../../messages";
import type { MeetingClient } from "../../state/client";
import type { State } from "../../state/state";
import { CodeAlert } from "../parts/Alert";
import { Button } from "../parts/Button";
import { Page } from "../parts/Page";
import { useNow } from "../parts/useNow";
import css from "./BeforeJoin.module.css";
import { Preview } from "./Preview";

export function Lobby({ state, client }: { state: State; client: MeetingClient }) {
  const now = useNow();
  return (
    <Page title={t("lobby.title")} icon={<DoorOpen size={28} aria-hidden />}>
      <p role="status">{t("lobby.text")}</p>
      <p role="timer">
        {t("time.sofar", { time: lasting(now - state.since) })} {t("lobby.keep")}
      </p>
      {state.problems.map((problem) => (
        <CodeAlert key={problem.code} code={problem.code} detail={problem.detail} />
      ))}
      <div className={css.lobby}>
        <Preview state={state} client={client} />
      </div>
      <div>
        <Button onClick={() => client.leave()}>{t("lobby.leave")}</Button>
      </div>
    </Page>
  );
}
