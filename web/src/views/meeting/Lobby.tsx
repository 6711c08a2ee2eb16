// Responsible for: the page of who waits: for what, how long so far, with their own preview.
// Not responsible for: anything of the meeting: nothing of it is here.
import { DoorOpen } from "lucide-react";
import { t } from "../../messages";
import type { CallProps } from "../call/Call";
import { CodeAlert } from "../parts/Alert";
import { Button } from "../parts/Button";
import { NewChanges } from "../parts/Changes";
import { Lasting } from "../parts/Lasting";
import { Page } from "../parts/Page";
import css from "./BeforeJoin.module.css";
import { Preview } from "./Preview";

export function Lobby({ state, client, dispatch }: CallProps) {
  return (
    <Page title={t("lobby.title")} icon={<DoorOpen size={28} aria-hidden />}>
      <p role="status">{t(state.joinedAt === null ? "lobby.text" : "lobby.again")}</p>
      <Lasting since={state.since} rest={t("lobby.keep")} />
      <NewChanges state={state} dispatch={dispatch} />
      {state.problems.map((problem) => (
        <CodeAlert key={problem.code} code={problem.code} detail={problem.detail} />
      ))}
      <div className={css.lobby}>
        <Preview state={state} client={client} dispatch={dispatch} />
      </div>
      <div>
        <Button onClick={() => client.leave()}>{t("lobby.leave")}</Button>
      </div>
    </Page>
  );
}
