// Responsible for: the presets, one's own policy, and what each of them allows here, kept up to date.
// Not responsible for: deciding it: previewFence asks the core.
import { useEffect, useState } from "react";
import { t } from "../../messages";
import type { Directory, FenceChoice, FencePreview, Preset } from "../../state/client";
import { asProblem, UNFORESEEN, type Trouble } from "../parts/trouble";
import type { Reason } from "../../state/node";
import { EMPTY, fieldsOf, written, type Fields } from "./policy";

export const OWN = "own";
/** The fence that a meeting has. */
export const KEPT = "kept";

export interface Fence {
  id: string;
  title: string;
  preset: Preset | null;
  /** Of this very policy with this very word of the operator; null while it is worked out. */
  preview: FencePreview | null;
  trouble: Trouble | null;
}

export interface Fences {
  all: Fence[];
  chosen: Fence;
  choice: FenceChoice;
  choose: (id: string) => void;
  /** One's own, as text; what the fields said last. */
  policy: string;
  setPolicy: (toml: string) => void;
  fields: Fields;
  /** Writes the text anew. */
  setFields: (fields: Fields) => void;
  /** What the core said last of one's own policy, while it reads another. */
  last: FencePreview | null;
  word: boolean;
  setWord: (word: boolean) => void;
  trouble: Trouble | null;
}

/** `of`: to what it is the answer, so that it is taken for nothing else's. */
type Answer = { of: string } & ({ preview: FencePreview } | { trouble: Trouble });
const keyOf = (choice: FenceChoice): string => JSON.stringify(choice);
const UNNAMED: Fence = { id: "", title: "", preset: null, preview: null, trouble: null };
/** One's own policy is looked at when its writer pauses. */
const PAUSE_MS = 300;
type Previews = Pick<Directory, "presets" | "previewFence" | "forget">;

/** It is not known yet what the chosen one allows: nobody can agree to it. */
export function pending({ chosen }: Fences): boolean {
  return chosen.id !== KEPT && chosen.preview === null && chosen.trouble === null;
}

/** Why a node is refused: the first reason against the first such one. */
export function firstReason({ nodes }: FencePreview): Reason | undefined {
  const decisions = nodes.flatMap((node) => node.decisions);
  return decisions.find((decision) => !decision.allowed)?.reasons[0];
}

/** A fence that allows nothing here would make a meeting that nobody can hold. */
export function refusal({ chosen }: Fences): Trouble | null {
  if (chosen.trouble) return chosen.trouble;
  if (!chosen.preview || chosen.preview.allowed > 0) return null;
  const reason = firstReason(chosen.preview);
  return {
    code: reason?.code ?? UNFORESEEN,
    detail: [t("new.blocked", { name: chosen.title }), reason?.text].filter(Boolean).join(" "),
  };
}

/**
 * `beacons`: keys of those that count. `kept`: the name of the fence that there is, which is chosen at first, and is no
 * `choice`.
 */
export function useFences(
  directory: Previews,
  beacons: string[],
  kept: string | null = null,
): Fences {
  const [presets, setPresets] = useState<Preset[]>([]);
  const [chosenId, choose] = useState<string | null>(null);
  const [policy, setPolicy] = useState(written(EMPTY));
  const [fields, setFields] = useState(EMPTY);
  const [word, setWord] = useState(false);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const usual = presets.find((preset) => preset.default)?.id ?? "";
  const id = chosenId ?? (kept === null ? usual : KEPT);
  const choiceOf = (fence: string): FenceChoice =>
    fence === OWN
      ? // It says itself whose word is enough.
        { policy_toml: policy, operator_word: false, beacons }
      : { preset: fence, operator_word: word, beacons };
  const answers = useAnswers(directory, presets.map((preset) => preset.id).map(choiceOf), 0);
  const own = useAnswers(directory, id === OWN ? [choiceOf(OWN)] : [], PAUSE_MS);

  useEffect(() => {
    directory.presets().then(setPresets, (error: unknown) => setTrouble(asProblem(error)));
    return () => directory.forget();
  }, [directory]);

  const named = [
    ...(kept === null ? [] : [{ id: KEPT, title: t("rules.keep", { name: kept }), preset: null }]),
    ...presets.map((preset) => ({ id: preset.id, title: preset.title, preset })),
    { id: OWN, title: t("new.fence.own"), preset: null },
  ];
  const all = named.map((fence) => {
    const of = keyOf(choiceOf(fence.id));
    const answer = [...answers, ...own].find((one) => one.of === of);
    return { ...fence, preview: null, trouble: null, ...answer };
  });
  const chosen = all.find((fence) => fence.id === id) ?? UNNAMED;
  const last = useLastRead(id === OWN ? chosen.preview : null);
  // What was written by hand, or came in a file, is in the fields as soon as the core has read it.
  if (id === OWN && chosen.preview !== null && policy !== written(fields)) {
    const read = fieldsOf(chosen.preview.rules);
    if (JSON.stringify(read) !== JSON.stringify(fields)) setFields(read);
  }
  return {
    all,
    chosen,
    last,
    choice: choiceOf(id),
    choose,
    policy,
    setPolicy,
    fields,
    setFields: (now) => {
      setFields(now);
      setPolicy(written(now));
    },
    word,
    setWord,
    trouble,
  };
}

function useLastRead(preview: FencePreview | null): FencePreview | null {
  const [last, setLast] = useState(preview);
  if (preview !== null && preview !== last) setLast(preview);
  return preview ?? last;
}

/** What the core says of each, as it comes. */
function useAnswers(directory: Previews, choices: FenceChoice[], after: number): Answer[] {
  const [answers, setAnswers] = useState<Answer[]>([]);
  const asked = JSON.stringify(choices);
  useEffect(() => {
    let stale = false;
    const ask = async (choice: FenceChoice) => {
      const of = keyOf(choice);
      const answer: Answer = await directory.previewFence(choice).then(
        (preview) => ({ of, preview }),
        (error: unknown) => ({ of, trouble: asProblem(error) }),
      );
      if (!stale) setAnswers((known) => [answer, ...known.filter((one) => one.of !== of)]);
    };
    const timer = setTimeout(() => {
      for (const choice of JSON.parse(asked) as FenceChoice[]) void ask(choice);
    }, after);
    return () => {
      stale = true;
      clearTimeout(timer);
    };
  }, [directory, asked, after]);
  return answers;
}
