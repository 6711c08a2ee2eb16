// Responsible for: the page of a meeting that cannot go on for a reason other than the fence or a lie.
// Not responsible for: refusals (Stopped.tsx) or browsers that cannot take part (Unsupported.tsx).
import { CircleSlash } from "lucide-react";
import { t } from "../../messages";
import type { MeetingClient } from "../../state/client";
import type { State } from "../../state/state";
import { CodeAlert } from "../parts/Alert";
import { Button, ButtonLink } from "../parts/Button";
import { Page } from "../parts/Page";
import parts from "../parts/parts.module.css";
import { SaveReceipt } from "../where/SaveReceipt";

interface HaltedProps {
  state: State;
  client: MeetingClient;
  onRejoin: () => void;
}

export function Halted({ state, client, onRejoin }: HaltedProps) {
  const code = state.code ?? "";
  const detail = state.problems.find((problem) => problem.code === code)?.detail;
  const began = state.joinedAt === null ? "halted.before" : "halted.during";
  return (
    <Page title={t(`${began}.title`)} icon={<CircleSlash size={28} aria-hidden />}>
      <p>{t(began)}</p>
      <CodeAlert code={code} {...(detail && { detail })} />
      <div className={parts.row}>
        <Button onClick={onRejoin}>{t("halted.again")}</Button>
        <ButtonLink href="/">{t("home.back")}</ButtonLink>
      </div>
      {state.place && <SaveReceipt state={state} client={client} heading />}
    </Page>
  );
}
