// Responsible for: the page before a call: oneself, one's name, where it is held and why that is allowed.
// Not responsible for: letting anybody in.
import { useRef, useState, type SubmitEvent } from "react";
import { dayOf, t } from "../../messages";
import type { MeetingClient } from "../../state/client";
import type { PageAction } from "../../state/reducer";
import { modeOf, type State } from "../../state/state";
import { keep, recall } from "../../stored";
import { DeviceChoice } from "../devices/DeviceChoice";
import { DeviceTrouble } from "../devices/DeviceTrouble";
import { CodeAlert } from "../parts/Alert";
import { Button } from "../parts/Button";
import { NewChanges } from "../parts/Changes";
import { Line } from "../parts/Field";
import { Notices } from "../parts/Notices";
import { Page } from "../parts/Page";
import { Doubt } from "../where/Doubt";
import css from "./BeforeJoin.module.css";
import { PlaceCard } from "./PlaceCard";
import { Preview } from "./Preview";

const NAME = "ringfence.name";

interface BeforeJoinProps {
  state: State;
  client: MeetingClient;
  dispatch: (action: PageAction) => void;
}

export function BeforeJoin({ state, client, dispatch }: BeforeJoinProps) {
  const { meeting } = state;
  const words = summary(state);
  return (
    <Page title={meeting?.title ?? t("before.title.unknown")} wide>
      {words !== "" && <p>{words}</p>}
      <NewChanges state={state} dispatch={dispatch} />
      <div className={css.columns}>
        <div className={css.column}>
          <Preview state={state} client={client} dispatch={dispatch} />
          {/* On a narrow page they would push Join out of sight: there the preview leads to them. */}
          <div className={css.lists}>
            <DeviceChoice state={state} client={client} />
          </div>
          <Notices notices={state.notices} dispatch={dispatch} byDevices />
          <DeviceTrouble codes={state.media.problems} client={client} />
        </div>
        <div className={css.column}>
          {/* Read before one joins, on the smallest screen too. */}
          {state.place && <PlaceCard place={state.place} />}
          <Doubt state={state} client={client} />
          <NameForm state={state} client={client} />
          {state.problems.map((problem) => (
            <CodeAlert key={problem.code} code={problem.code} detail={problem.detail} />
          ))}
        </div>
      </div>
    </Page>
  );
}

function summary(state: State): string {
  const { meeting } = state;
  const words: string[] = [];
  if (meeting?.role === "host") words.push(t("before.host"));
  else if (modeOf(state) === "lobby") words.push(t("before.ask"));
  if (meeting?.until) words.push(t("before.until", { day: dayOf(meeting.until * 1000) }));
  return words.join(" ");
}

function NameForm({ state, client }: Omit<BeforeJoinProps, "dispatch">) {
  const [name, setName] = useState(() => recall("sessionStorage", NAME) ?? "");
  const [missing, setMissing] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  const joining = state.phase === "joining";
  const asks = modeOf(state) === "lobby" && state.meeting?.role !== "host";
  const join = (event: SubmitEvent) => {
    event.preventDefault();
    const given = name.trim();
    setMissing(given === "");
    if (given === "") field.current?.focus();
    if (given === "" || joining) return;
    keep("sessionStorage", NAME, given);
    client.join(given);
  };
  return (
    <form className={css.name} onSubmit={join} noValidate>
      <Line
        label={t("before.name")}
        hint={t(asks ? "before.name.lobby" : "before.name.hint")}
        ref={field}
        value={name}
        maxLength={60}
        autoComplete="nickname"
        invalid={missing ? t("before.name.missing") : undefined}
        onChange={(event) => {
          setName(event.target.value);
          setMissing(false);
        }}
      />
      <Button type="submit" look="primary" large wide aria-disabled={joining}>
        {t("before.join")}
      </Button>
      <p role="status" className={css.status}>
        {joining && `${t("joining.title")}. ${t("joining.text")}`}
      </p>
    </form>
  );
}
