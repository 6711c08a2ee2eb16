// Responsible for: a list that is added to and taken from: chosen of what is offered, or written freely.
// Not responsible for: what the list is for (OwnFence.tsx), or what may be in it (the core).
import { Plus, X } from "lucide-react";
import { useId, useRef, useState, type ReactNode, type RefObject } from "react";
import { t } from "../../messages";
import { Button } from "../parts/Button";
import parts from "../parts/parts.module.css";
import css from "./OwnFence.module.css";

export interface ListProps {
  label: string;
  hint: string;
  chosen: readonly string[];
  onChange: (entries: string[]) => void;
  /** A heading, unless what is around it has one that says the same. */
  headed?: boolean;
}

interface FrameProps extends ListProps {
  id: string;
  adding: RefObject<HTMLElement | null>;
  nameOf: (entry: string) => string;
  children: ReactNode;
}

function Frame({ id, label, hint, chosen, onChange, headed = true, adding, ...rest }: FrameProps) {
  const take = (entry: string) => {
    onChange(chosen.filter((one) => one !== entry));
    // What had the focus is gone with it.
    adding.current?.focus();
  };
  return (
    <div role="group" aria-label={label} className={css.places}>
      {headed && <h4>{label}</h4>}
      {chosen.length > 0 && (
        <ul className={css.chosen} aria-label={label}>
          {chosen.map((entry) => (
            <li key={entry}>
              <span>{rest.nameOf(entry)}</span>
              <button
                type="button"
                aria-label={t("own.remove", { place: rest.nameOf(entry), list: label })}
                onClick={() => take(entry)}
              >
                <X size={16} aria-hidden />
              </button>
            </li>
          ))}
        </ul>
      )}
      {rest.children}
      <p id={`${id}-hint`} className={css.hint}>
        {hint}
      </p>
    </div>
  );
}

export interface Option {
  value: string;
  name: string;
}

interface ListedProps extends ListProps {
  prompt: string;
  nameOf: (entry: string) => string;
  offered: readonly { label: string; options: readonly Option[] }[];
}

/** Chosen of what is offered. */
export function Listed({ prompt, offered, ...list }: ListedProps) {
  const id = useId();
  const adding = useRef<HTMLSelectElement>(null);
  const free = ({ value }: Option) => !list.chosen.includes(value);
  const groups = offered.map(({ label, options }) => ({ label, options: options.filter(free) }));
  return (
    <Frame id={id} adding={adding} {...list}>
      <select
        ref={adding}
        className={parts.input}
        aria-label={t("own.add", { list: list.label })}
        aria-describedby={`${id}-hint`}
        value=""
        onChange={(event) => list.onChange([...list.chosen, event.target.value])}
      >
        <option value="" disabled>
          {prompt}
        </option>
        {groups
          .filter(({ options }) => options.length > 0)
          .map(({ label, options }) => (
            <optgroup key={label} label={label}>
              {options.map(({ value, name }) => (
                <option key={value} value={value}>
                  {name}
                </option>
              ))}
            </optgroup>
          ))}
      </select>
    </Frame>
  );
}

interface WordsProps extends ListProps {
  maxLength: number;
  /** One that is at hand. */
  suggested?: { value: string; text: string } | null;
}

/** Written freely. Return adds; it does not end the form around it. */
export function Words({ maxLength, suggested = null, ...list }: WordsProps) {
  const id = useId();
  const adding = useRef<HTMLInputElement>(null);
  const [word, setWord] = useState("");
  const add = (entry: string) => {
    if (entry !== "" && !list.chosen.includes(entry)) list.onChange([...list.chosen, entry]);
    setWord("");
    adding.current?.focus();
  };
  return (
    <Frame id={id} adding={adding} nameOf={(entry) => entry} {...list}>
      <div className={css.adding}>
        <input
          ref={adding}
          type="text"
          className={parts.input}
          aria-label={t("own.add", { list: list.label })}
          aria-describedby={`${id}-hint`}
          value={word}
          maxLength={maxLength}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          onChange={(event) => setWord(event.target.value)}
          onKeyDown={(event) => {
            if (event.key !== "Enter" || event.nativeEvent.isComposing) return;
            event.preventDefault();
            add(word.trim());
          }}
        />
        <Button aria-label={t("own.put", { list: list.label })} onClick={() => add(word.trim())}>
          {t("own.put.short")}
        </Button>
      </div>
      {suggested && !list.chosen.includes(suggested.value) && (
        <div>
          <Button onClick={() => add(suggested.value)}>
            <Plus size={18} aria-hidden />
            {suggested.text}
          </Button>
        </div>
      )}
    </Frame>
  );
}
