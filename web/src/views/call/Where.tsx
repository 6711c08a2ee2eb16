// Responsible for: the account of where the meeting is, why that is allowed, and the verification code.
// Not responsible for: deciding or computing any of it (the core).
import { useEffect } from "react";
import { clockTime, t } from "../../messages";
import type { MeetingClient } from "../../state/client";
import { heldAt, placeOf, whereOf } from "../../state/place";
import type { Move } from "../../state/route";
import { barred, modeOf, type State } from "../../state/state";
import { Button } from "../parts/Button";
import { NodeDetails } from "../parts/NodeDetails";
import { ChangeWords } from "../parts/Changes";
import parts from "../parts/parts.module.css";
import { named } from "../parts/places";
import { Candidates } from "../where/Candidates";
import { MapSection } from "../where/MapSection";
import { SaveReceipt } from "../where/SaveReceipt";
import { YOUR_PLACE, YourPlace } from "../where/YourPlace";
import { PanelBody, SidePanel } from "./Panel";
import { ChangeRules } from "./Rules";
import css from "./Panel.module.css";

/** A code stays this long after the group moved on: long enough to read twenty digits aloud. */
const HOLD_MS = 20_000;
const words = { inside: "place.may", checking: "place.probe", stopped: "place.maynot" } as const;

interface WhereProps {
  state: State;
  client: MeetingClient;
  onClose: () => void;
}

export function Where({ state, client, onClose }: WhereProps) {
  const { place } = state;
  return (
    <SidePanel title={t("where.title")} onClose={onClose}>
      <PanelBody title={t("where.title")}>
        {place ? (
          <section className={css.section}>
            <p>
              <strong>{whereOf(place)}</strong>
            </p>
            <p className={css.soft}>
              {t(words[placeOf(place).standing], { fence: place.fence_name })}
            </p>
          </section>
        ) : (
          <p>{t("where.none")}</p>
        )}
        {place && <Moves moves={state.moves} />}
        {place && (
          <section className={css.section}>
            <h3>{t("map.title")}</h3>
            <MapSection nodes={place.nodes} whereabouts={state.whereabouts} />
          </section>
        )}
        <section className={css.section}>
          <h3 id={YOUR_PLACE} tabIndex={-1}>
            {t("yours.title")}
          </h3>
          <YourPlace state={state} client={client} />
        </section>
        <Code state={state} client={client} />
        {place && (
          <>
            <section className={css.section}>
              <h3>{t("where.servers")}</h3>
              {place.nodes.map((node) => (
                <NodeDetails key={node.node} node={node} />
              ))}
            </section>
            {place.candidates && (
              <section className={css.section}>
                <h3>{t("candidates.title")}</h3>
                <Candidates candidates={place.candidates} />
              </section>
            )}
            <section className={css.section}>
              <h3>{t("where.fence", { name: place.fence_name })}</h3>
              <ul className={`${parts.bullets} ${parts.small}`}>
                {place.sentences.map((sentence) => (
                  <li key={sentence}>{named(sentence)}</li>
                ))}
              </ul>
            </section>
            <section className={css.section}>
              <h3>{t("rules.title")}</h3>
              {/* Of a removal the charter says nothing. */}
              {barred(state) && <p className={css.soft}>{t("rules.link.removed")}</p>}
              <p className={css.soft}>
                {!barred(state) && `${t(`people.${modeOf(state)}`)} `}
                {t("rules.now", { version: state.meeting?.version ?? 1 })}
              </p>
              {state.changes.length === 0 && <p className={css.soft}>{t("rules.none")}</p>}
              {state.changes.toReversed().map((change) => (
                <ChangeWords key={change.version} change={change} />
              ))}
              <div>
                <ChangeRules state={state} client={client} />
              </div>
            </section>
            {place.log && (
              <section className={css.section}>
                <h3>{t("log.title")}</h3>
                <p className={css.soft}>{t("log.seen", place.log)}</p>
              </section>
            )}
          </>
        )}
        <section className={css.section}>
          <h3>{t("receipt.title")}</h3>
          <SaveReceipt state={state} client={client} />
        </section>
      </PanelBody>
    </SidePanel>
  );
}

/** Since this page was loaded. */
function Moves({ moves }: { moves: Move[] }) {
  if (moves.length === 0) return null;
  return (
    <section className={css.section}>
      <h3>{t("moves.title")}</h3>
      <ul className={`${parts.bullets} ${parts.small}`}>
        {moves.map(({ at, before, now }) => (
          <li key={at}>
            {t("moves.one", {
              time: clockTime(at),
              now: heldAt(now),
              before: heldAt(before),
            })}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Code({ state, client }: { state: State; client: MeetingClient }) {
  const { verification, epoch } = state;
  const moved = verification !== null && epoch !== null && epoch > verification.epoch;
  useEffect(() => client.askCode(), [client]);
  useEffect(() => {
    if (!moved) return;
    const left = verification.shownAt + HOLD_MS - Date.now();
    const timer = setTimeout(() => client.askCode(), Math.max(0, left));
    return () => clearTimeout(timer);
  }, [client, moved, verification]);
  return (
    <section className={css.section}>
      <h3>{t("where.code")}</h3>
      {/* One status from the beginning, so that the code is said when it comes. */}
      <div role="status" className={css.status}>
        {verification ? (
          <>
            <p className={css.code} data-testid="verification-code">
              {verification.code}
            </p>
            <p className={css.epoch}>
              {t("where.code.epoch")} <span data-testid="epoch">{verification.epoch}</span>
            </p>
          </>
        ) : (
          <p>{t("where.code.working")}</p>
        )}
      </div>
      <p className={css.soft}>{t("where.code.text")}</p>
      <div role="status">
        {moved && (
          <div className={css.moved}>
            <p className={css.soft}>{t("where.code.moved", { epoch })}</p>
            <Button onClick={() => client.askCode()}>{t("where.code.again")}</Button>
          </div>
        )}
      </div>
    </section>
  );
}
