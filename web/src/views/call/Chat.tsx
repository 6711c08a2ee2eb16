// Responsible for: reading and writing messages.
// Not responsible for: sealing or ordering them.
import { Fragment, useEffect, useRef, useState, type KeyboardEvent } from "react";
import { clockTime, t } from "../../messages";
import type { MeetingClient } from "../../state/client";
import type { ChatLine, State } from "../../state/state";
import { Button } from "../parts/Button";
import parts from "../parts/parts.module.css";
import { SidePanel } from "./Panel";
import css from "./Panel.module.css";

const LONGEST = 4000;

interface ChatProps {
  state: State;
  client: MeetingClient;
  onClose: () => void;
}

export function Chat({ state, client, onClose }: ChatProps) {
  const log = useRef<HTMLDivElement>(null);
  const count = state.chat.length;
  useEffect(() => {
    log.current?.scrollTo({ top: log.current.scrollHeight });
  }, [count]);
  return (
    <SidePanel title={t("chat.title")} onClose={onClose}>
      {/* Focusable, so that the keyboard can scroll it. */}
      <div ref={log} role="log" aria-label={t("chat.title")} tabIndex={0} className={css.log}>
        <p className={css.soft}>{t("chat.sealed")}</p>
        {count === 0 && <p className={css.soft}>{t("chat.empty")}</p>}
        {state.chat.map((line, i) => (
          <Fragment key={`${line.from} ${line.id}`}>
            {line.toldBy !== null && line.toldBy !== state.chat[i - 1]?.toldBy && (
              <p className={css.soft}>{t("chat.told", { name: line.toldBy })}</p>
            )}
            <Line line={line} />
          </Fragment>
        ))}
      </div>
      <Write onSend={(text) => client.chat(text)} />
    </SidePanel>
  );
}

function Line({ line }: { line: ChatLine }) {
  const name = line.you ? t("chat.you") : (line.name ?? t("tile.guest"));
  return (
    <article className={`${css.line} ${line.you ? css.lineOwn : ""}`}>
      <header>
        <strong>{name}</strong>
        <time>{clockTime(line.at)}</time>
      </header>
      <p className={css.text}>{line.text}</p>
    </article>
  );
}

function Write({ onSend }: { onSend: (text: string) => void }) {
  const [text, setText] = useState("");
  const send = () => {
    const written = text.trim();
    if (written === "") return;
    onSend(written);
    setText("");
  };
  const enter = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    send();
  };
  return (
    <form
      className={css.write}
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <textarea
        className={parts.input}
        aria-label={t("chat.message")}
        placeholder={t("chat.message")}
        rows={1}
        maxLength={LONGEST}
        autoFocus
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={enter}
      />
      <Button type="submit" look="primary">
        {t("chat.send")}
      </Button>
    </form>
  );
}
