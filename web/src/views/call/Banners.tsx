// Responsible for: what is wrong in a call that goes on: said above the tiles, never over them.
// Not responsible for: what ends a call (ends/) or how a lost connection is told (Interrupted.tsx).
import { useState } from "react";
import { t } from "../../messages";
import { interruptionOf, type Step } from "../../state/interruption";
import { DeviceTrouble } from "../devices/DeviceTrouble";
import { CodeAlert } from "../parts/Alert";
import { Button } from "../parts/Button";
import type { CallProps } from "./Call";
import css from "./Call.module.css";
import { Interrupted } from "./Interrupted";

/** The server, and the media connection: while one is told as an interruption, its problem says nothing new. */
const TOLD: Partial<Record<Step, string>> = { lost: "RF6104", failed: "RF6304" };

export function Banners({ state, client, dispatch }: CallProps) {
  const [seen, setSeen] = useState<string | null>(null);
  const troubles = state.media.problems.join();
  const step = interruptionOf(state)?.step;
  const told = step && TOLD[step];
  const understood = (onClick: () => void) => (
    <Button onClick={onClick}>{t("alert.dismiss")}</Button>
  );
  return (
    <div className={css.banners}>
      <Interrupted state={state} />
      {troubles !== seen && (
        <DeviceTrouble codes={state.media.problems} client={client}>
          {understood(() => setSeen(troubles))}
        </DeviceTrouble>
      )}
      {state.problems
        .filter(({ code }) => code !== told)
        .map(({ code, detail }) => (
          <CodeAlert key={code} code={code} detail={detail}>
            {understood(() => dispatch({ t: "dismiss-problem", code }))}
          </CodeAlert>
        ))}
    </div>
  );
}
