// Responsible for: the pages after a call: left, removed, not let in, connection lost.
// Not responsible for: a stop by the fence (Stopped.tsx).
import { DoorClosed, LogOut, Unplug, UserX } from "lucide-react";
import { t } from "../../messages";
import type { MeetingClient } from "../../state/client";
import type { State } from "../../state/state";
import { CodeAlert } from "../parts/Alert";
import { Button, ButtonLink } from "../parts/Button";
import { Lasting } from "../parts/Lasting";
import { Page } from "../parts/Page";
import parts from "../parts/parts.module.css";
import { SaveReceipt } from "../where/SaveReceipt";

type End = "left" | "removed" | "denied" | "lost";
const icons = { left: LogOut, removed: UserX, denied: DoorClosed, lost: Unplug };

interface EndedProps {
  phase: End;
  state: State;
  client: MeetingClient;
  onRejoin: () => void;
}

export function Ended({ phase, state, client, onRejoin }: EndedProps) {
  const Icon = icons[phase];
  const problem = state.problems.find(({ code }) => code === state.code);
  return (
    <Page title={t(`${phase}.title`)} icon={<Icon size={28} aria-hidden />}>
      <p>
        {t(`${phase}.text`)}
        {phase === "denied" && state.joinedAt === null && ` ${t("denied.nothing")}`}
      </p>
      {phase === "lost" && state.lostAt !== null && <Lasting since={state.lostAt} />}
      {state.code && <CodeAlert code={state.code} {...(problem && { detail: problem.detail })} />}
      <div className={parts.row}>
        {phase !== "removed" && (
          <Button look="primary" onClick={onRejoin}>
            {t(`${phase}.again`)}
          </Button>
        )}
        <ButtonLink href="/">{t("home.back")}</ButtonLink>
      </div>
      {phase !== "lost" && state.place && <SaveReceipt state={state} client={client} heading />}
    </Page>
  );
}
