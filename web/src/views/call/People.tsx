// Responsible for: who is in the meeting, how people come in, removing somebody, and who is host.
// Not responsible for: knocks (Knocks.tsx) or what a removal does to keys (the core).
import { useState } from "react";
import { t } from "../../messages";
import type { MeetingClient } from "../../state/client";
import type { Member } from "../../state/events";
import { modeOf, type State } from "../../state/state";
import { Button } from "../parts/Button";
import { Ask } from "./Ask";
import { CopyLink } from "./Invite";
import { PanelBody, SidePanel } from "./Panel";
import css from "./Panel.module.css";
import { ChangeRules } from "./Rules";

interface PeopleProps {
  state: State;
  client: MeetingClient;
  onClose: () => void;
}

export function People({ state, client, onClose }: PeopleProps) {
  const [removing, setRemoving] = useState<Member | null>(null);
  const [hosting, setHosting] = useState<Member | null>(null);
  const host = state.meeting?.role === "host";
  const owner = state.meeting?.owner === true;
  const mode = modeOf(state);
  return (
    <SidePanel title={t("people.title")} onClose={onClose}>
      <PanelBody title={t("people.title")}>
        <ul className={css.people}>
          {state.members.map((member) => (
            <li key={member.leaf}>
              <Who member={member} state={state} />
              <div className={css.acts}>
                {owner && !member.you && (
                  <Button
                    aria-label={t(`host.${wish(member)}`, { name: nameOf(member) })}
                    onClick={() => setHosting(member)}
                  >
                    {t(`host.${wish(member)}.short`)}
                  </Button>
                )}
                {host && !member.you && (
                  <Button
                    aria-label={t("people.remove", { name: nameOf(member) })}
                    onClick={() => setRemoving(member)}
                  >
                    {t("remove.confirm")}
                  </Button>
                )}
              </div>
            </li>
          ))}
        </ul>
        <div className={css.invite}>
          <p className={css.soft}>
            {t(`people.${mode}`)} {t("people.guest.why")}
          </p>
          {client.link && <CopyLink link={client.link} />}
          <ChangeRules state={state} client={client} />
        </div>
      </PanelBody>
      {removing && (
        <Ask
          away={state.phase !== "in"}
          title={t("remove.title", { name: nameOf(removing) })}
          text={[
            t(mode === "link" ? "remove.text" : "remove.text.lobby", { name: nameOf(removing) }),
            !owner && removing.role === "host" && t("remove.text.host", { name: nameOf(removing) }),
          ]
            .filter(Boolean)
            .join(" ")}
          yes={t("remove.confirm")}
          danger
          onConfirm={() => client.remove(removing.member)}
          onClose={() => setRemoving(null)}
        />
      )}
      {hosting && (
        <Ask
          away={state.phase !== "in"}
          title={t(`host.${wish(hosting)}.title`, { name: nameOf(hosting) })}
          text={t(`host.${wish(hosting)}.text`)}
          yes={t(wish(hosting) === "make" ? "host.make.short" : "host.end.confirm")}
          onConfirm={() =>
            client.amend({ host: { member: hosting.member, host: wish(hosting) === "make" } })
          }
          onClose={() => setHosting(null)}
        />
      )}
    </SidePanel>
  );
}

/** What the owner can change about a member. */
const wish = (member: Member) => (member.role === "host" ? "end" : "make");
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
