// Responsible for: the controls at the foot of the call.
// Not responsible for: what they open (Chat, People, Where) or do (the client).
import {
  Keyboard,
  LogOut,
  MapPin,
  MessageSquare,
  Mic,
  MicOff,
  MonitorUp,
  MonitorX,
  SlidersHorizontal,
  Users,
  Video,
  VideoOff,
  type LucideIcon,
} from "lucide-react";
import { t } from "../../messages";
import type { MeetingClient } from "../../state/client";
import type { Panel, State } from "../../state/state";
import css from "./Toolbar.module.css";

interface ToolbarProps {
  state: State;
  client: MeetingClient;
  onToggle: (panel: Panel) => void;
  onDevices: () => void;
  onHelp: () => void;
}

export function Toolbar({ state, client, onToggle, onDevices, onHelp }: ToolbarProps) {
  const { muted, camera } = state.media;
  const { sharing } = state.screen;
  return (
    <footer className={css.tools} aria-label={t("call.toolbar")}>
      <div className={css.group}>
        <Tool
          icon={muted ? MicOff : Mic}
          name={t(muted ? "call.unmute" : "call.mute")}
          look={muted ? "off" : "ordinary"}
          onPress={() => client.setMuted(!muted)}
        />
        <Tool
          icon={camera ? Video : VideoOff}
          name={t(camera ? "call.camera.off" : "call.camera.on")}
          look={camera ? "ordinary" : "off"}
          onPress={() => client.setCamera(!camera)}
        />
        {client.canShare && (
          <Tool
            icon={sharing ? MonitorX : MonitorUp}
            name={t(sharing ? "call.share.stop" : "call.share")}
            look={sharing ? "sharing" : "share"}
            onPress={() => (sharing ? client.stopSharing() : client.share())}
          />
        )}
        <Tool icon={SlidersHorizontal} name={t("call.devices")} onPress={onDevices} />
        <Tool
          icon={MessageSquare}
          name={t("call.chat")}
          open={state.panel === "chat"}
          count={state.unread}
          onPress={() => onToggle("chat")}
        />
        <Tool
          icon={Users}
          name={t("call.people")}
          open={state.panel === "people"}
          onPress={() => onToggle("people")}
        />
        <Tool
          icon={MapPin}
          name={t("call.where")}
          short={t("call.where.short")}
          open={state.panel === "where"}
          onPress={() => onToggle("where")}
        />
        <Tool icon={LogOut} name={t("call.leave")} look="leave" onPress={() => client.leave()} />
      </div>
      <Tool icon={Keyboard} name={t("call.shortcuts")} look="keys" onPress={onHelp} />
    </footer>
  );
}

interface ToolProps {
  icon: LucideIcon;
  name: string;
  /** The words beneath the icon, where the name is too long for them. */
  short?: string;
  look?: "ordinary" | "off" | "leave" | "keys" | "share" | "sharing";
  open?: boolean;
  count?: number;
  onPress: () => void;
}

function Tool({ icon: Icon, name, short, look = "ordinary", open, count = 0, onPress }: ToolProps) {
  return (
    <button
      type="button"
      className={`${css.tool} ${css[look]}`}
      aria-label={name}
      aria-expanded={open}
      aria-description={count > 0 ? t("call.unread", { count }) : undefined}
      onClick={onPress}
    >
      <Icon size={22} aria-hidden />
      <span className={css.words}>{short ?? name}</span>
      {count > 0 && <span className={css.count} data-count={count > 99 ? "99+" : count} />}
    </button>
  );
}
