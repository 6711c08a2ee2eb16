// Responsible for: what is wrong in a call that goes on: said above the tiles, never over them.
// Not responsible for: what ends a call (ends/).
import { useState } from "react";
import { lasting, t } from "../../messages";
import { DeviceTrouble } from "../devices/DeviceTrouble";
import { CodeAlert, Warning } from "../parts/Alert";
import { Button } from "../parts/Button";
import { useNow } from "../parts/useNow";
import type { CallProps } from "./Call";
import css from "./Call.module.css";

const OFFLINE = "RF6104";
/** Codes that say by themselves why there is no picture and no sound. */
const MEDIA = /^RF(4|63)/;

export function Banners({ state, client, dispatch }: CallProps) {
  const [seen, setSeen] = useState<string | null>(null);
  const { cutoff, lostAt, connection, media } = state;
  const troubles = media.problems.join();
  const lost = state.phase === "in" ? null : lostAt;
  const explained = state.problems.some(({ code }) => MEDIA.test(code));
  const waits = connection === "connecting" && state.members.length > 1;
  const understood = (onClick: () => void) => (
    <Button onClick={onClick}>{t("alert.dismiss")}</Button>
  );
  return (
    <div className={css.banners}>
      {lost !== null && <Lasting since={lost} code={OFFLINE} message="call.lost" />}
      {lost === null && cutoff !== null && <Lasting since={cutoff} message="call.cutoff" />}
      {lost === null && waits && <Lasting since={state.since} message="call.connecting" />}
      {lost === null && connection === "failed" && !explained && (
        <Warning title={t("call.failed")} />
      )}
      {troubles !== seen && (
        <DeviceTrouble codes={media.problems} client={client}>
          {understood(() => setSeen(troubles))}
        </DeviceTrouble>
      )}
      {state.problems
        .filter(({ code }) => lost === null || code !== OFFLINE)
        .map(({ code, detail }) => (
          <CodeAlert key={code} code={code} detail={detail}>
            {understood(() => dispatch({ t: "dismiss-problem", code }))}
          </CodeAlert>
        ))}
    </div>
  );
}

interface LastingProps {
  since: number;
  message: "call.lost" | "call.cutoff" | "call.connecting";
  code?: string;
}

function Lasting({ since, message, code }: LastingProps) {
  const now = useNow();
  const so = { lasting: lasting(now - since) };
  if (!code) return <Warning title={t(message)} {...so} />;
  return <CodeAlert code={code} detail={t(message)} {...so} />;
}
