// Responsible for: what is wrong in a call that goes on: said above the tiles, never over them.
// Not responsible for: what ends a call (ends/) or how a lost connection is told (Interrupted.tsx).
import { useState } from "react";
import { t } from "../../messages";
import { interruptionOf, tells } from "../../state/interruption";
import { DeviceTrouble } from "../devices/DeviceTrouble";
import { CodeAlert } from "../parts/Alert";
import { Button } from "../parts/Button";
import { NewChanges } from "../parts/Changes";
import { Doubt } from "../where/Doubt";
import { goToYourPlace } from "../where/YourPlace";
import type { CallProps } from "./Call";
import css from "./Call.module.css";
import { Interrupted } from "./Interrupted";

export function Banners({ state, client, dispatch }: CallProps) {
  const troubles = state.media.problems;
  const [understood, setUnderstood] = useState<string[]>([]);
  // What is over and comes again is said again: set while rendering, when it differs.
  const lasting = understood.filter((code) => troubles.includes(code));
  if (lasting.length < understood.length) setUnderstood(lasting);
  const now = interruptionOf(state);
  return (
    <div className={css.banners}>
      <Interrupted now={now} />
      <NewChanges state={state} dispatch={dispatch} />
      <Doubt
        state={state}
        client={client}
        onChange={() => {
          dispatch({ t: "show", panel: "where" });
          goToYourPlace();
        }}
      />
      <DeviceTrouble
        codes={troubles.filter((code) => !lasting.includes(code))}
        client={client}
        onUnderstood={(code) => setUnderstood([...lasting, code])}
      />
      {state.problems
        .filter(({ code }) => now === null || !tells(now, code))
        .map(({ code, detail }) => (
          <CodeAlert key={code} code={code} detail={detail}>
            <Button onClick={() => dispatch({ t: "dismiss-problem", code })}>
              {t("alert.dismiss")}
            </Button>
          </CodeAlert>
        ))}
    </div>
  );
}
