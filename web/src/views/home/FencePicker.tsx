// Responsible for: fences as cards, each with one sentence and what it allows here, or why not.
// Not responsible for: working that out (useFences.ts and the core).
import { t } from "../../messages";
import type { FencePreview, NodeInfo } from "../../state/client";
import { CodeAlert } from "../parts/Alert";
import { Choice, Choices } from "../parts/Choices";
import parts from "../parts/parts.module.css";
import css from "./NewMeeting.module.css";
import { OwnFence } from "./OwnFence";
import { firstReason, KEPT, OWN, type Fence, type Fences } from "./useFences";

export function FencePicker({ fences, node }: { fences: Fences; node: NodeInfo | null }) {
  const { all, chosen, choose, trouble } = fences;
  const first = (fence: Fence) => fence.preset?.default === true || fence.id === KEPT;
  const usual = all.filter(first);
  const more = all.filter((fence) => !first(fence));
  const card = (fence: Fence) => (
    <Choice
      key={fence.id}
      group="fence"
      label={fence.title}
      checked={chosen.id === fence.id}
      onChoose={() => choose(fence.id)}
    >
      <span>
        {fence.preset?.sentence ?? t(fence.id === KEPT ? "rules.keep.text" : "new.fence.own.text")}
      </span>
      <Allows fence={fence} chosen={chosen.id === fence.id} />
    </Choice>
  );
  return (
    <div className={css.fence}>
      <Choices label={t("new.fence")} hint={t("new.fence.lead")}>
        {usual.map(card)}
        {chosen.id !== KEPT && chosen.id !== OWN && <OperatorWord fences={fences} node={node} />}
        <div className={css.more}>{more.map(card)}</div>
      </Choices>
      {trouble && <CodeAlert {...trouble} />}
      {chosen.id === OWN && <OwnFence fences={fences} node={node} />}
    </div>
  );
}

function Allows({ fence, chosen }: { fence: Fence; chosen: boolean }) {
  const { preview, preset, trouble, id } = fence;
  // The fence that there is holds already, and of one's own policy a trouble is told beneath it.
  if (id === KEPT || (id === OWN && (!chosen || trouble))) return null;
  if (trouble) return <Why text={trouble.detail} code={trouble.code} />;
  if (!preview) return <span>{t("new.fence.loading")}</span>;
  return (
    <>
      <Count preview={preview} />
      {chosen && preset && (
        <span>{t("new.fence.dated", { date: preset.date, caveat: preset.caveat })}</span>
      )}
    </>
  );
}

function Count({ preview }: { preview: FencePreview }) {
  const { allowed, of } = preview;
  const reason = firstReason(preview);
  return (
    <span className={allowed > 0 ? css.some : css.none}>
      {t("new.fence.allows", { allowed, of })}
      {allowed === 0 && reason && <Why text={reason.text} code={reason.code} />}
    </span>
  );
}

function Why({ text, code }: { text: string; code: string }) {
  return (
    <span className={css.why}>
      {text} <span className={parts.codeTag}>{code}</span>
    </span>
  );
}

function OperatorWord({ fences, node }: { fences: Fences; node: NodeInfo | null }) {
  return (
    <label className={css.word}>
      <input
        type="checkbox"
        className={parts.check}
        checked={fences.word}
        aria-label={t("new.word")}
        aria-describedby="word-hint"
        onChange={(event) => fences.setWord(event.target.checked)}
      />
      <span>{t("new.word")}</span>
      <span id="word-hint" className={parts.hint}>
        {node?.address_kind === "private" ? t("new.word.private") : t("new.word.public")}
      </span>
    </label>
  );
}
