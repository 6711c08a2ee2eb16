// Responsible for: who is in the meeting, how people come in, and removing somebody.
// Not responsible for: knocks (Knocks.tsx) or what a removal does to keys (the core).
import { useState } from "react";
import { t } from "../../messages";
import type { MeetingClient } from "../../state/client";
import type { Member } from "../../state/events";
import { modeOf, type State } from "../../state/state";
import { Button } from "../parts/Button";
import parts from "../parts/parts.module.css";
import { Window } from "../parts/Window";
import { CopyLink } from "./Invite";
import { PanelBody, SidePanel } from "./Panel";
import css from "./Panel.module.css";

interface PeopleProps {
  state: State;
  client: MeetingClient;
  onClose: () => void;
}

export function People({ state, client, onClose }: PeopleProps) {
  const [removing, setRemoving] = useState<Member | null>(null);
  const host = state.meeting?.role === "host";
  const mode = modeOf(state);
  return (
    <SidePanel title={t("people.title")} onClose={onClose}>
      <PanelBody title={t("people.title")}>
        <ul className={css.people}>
          {state.members.map((member) => (
            <li key={member.leaf}>
              <Who member={member} state={state} />
              {host && !member.you && (
                <Button
                  aria-label={t("people.remove", { name: nameOf(member) })}
                  onClick={() => setRemoving(member)}
                >
                  {t("remove.confirm")}
                </Button>
              )}
            </li>
          ))}
        </ul>
        <div className={css.invite}>
          <p className={css.soft}>
            {t(`people.${mode}`)} {t("people.guest.why")}
          </p>
          {client.link && <CopyLink link={client.link} />}
        </div>
      </PanelBody>
      {removing && (
        <Removal
          name={nameOf(removing)}
          text={mode === "link" ? "remove.text" : "remove.text.lobby"}
          onConfirm={() => client.remove(removing.member)}
          onClose={() => setRemoving(null)}
        />
      )}
    </SidePanel>
  );
}

const nameOf = (member: Member): string => member.name ?? t("tile.guest");

function Who({ member, state }: { member: Member; state: State }) {
  const { you } = member;
  const muted = you ? state.media.muted : member.muted;
  const camera = you ? state.media.camera : member.camera;
  const words = [
    t(member.role === "host" ? "people.host" : "people.guest"),
    muted && t("tile.muted"),
    !camera && t("tile.nocamera"),
    !member.present && !you && t("tile.away"),
  ];
  return (
    <div className={css.who}>
      <strong>
        {nameOf(member)}
        {you && ` (${t("people.you")})`}
      </strong>
      <span className={css.soft}>{words.filter(Boolean).join(" · ")}</span>
    </div>
  );
}

interface RemovalProps {
  name: string;
  text: "remove.text" | "remove.text.lobby";
  onConfirm: () => void;
  onClose: () => void;
}

function Removal({ name, text, onConfirm, onClose }: RemovalProps) {
  const confirm = () => {
    onConfirm();
    onClose();
  };
  return (
    <Window role="alertdialog" title={t("remove.title", { name })} onClose={onClose}>
      <p>{t(text, { name })}</p>
      <div className={`${parts.row} ${parts.rowEnd}`}>
        <Button autoFocus onClick={onClose}>
          {t("remove.cancel")}
        </Button>
        <Button look="danger" onClick={confirm}>
          {t("remove.confirm")}
        </Button>
      </div>
    </Window>
  );
}
