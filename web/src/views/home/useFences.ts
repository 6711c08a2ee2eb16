// Responsible for: the presets, one's own policy, and what each of them allows here, kept up to date.
// Not responsible for: deciding it: previewFence asks the core.
import { useEffect, useState } from "react";
import { t } from "../../messages";
import type { Directory, FenceChoice, FencePreview, Preset } from "../../state/client";
import { asProblem, type Trouble } from "../parts/trouble";

export const OWN = "own";

export interface Fence {
  id: string;
  title: string;
  preset: Preset | null;
  /** Null while it is worked out. */
  preview: FencePreview | null;
  trouble: Trouble | null;
}

export interface Fences {
  all: Fence[];
  chosen: Fence;
  choice: FenceChoice;
  choose: (id: string) => void;
  policy: string;
  setPolicy: (toml: string) => void;
  word: boolean;
  setWord: (word: boolean) => void;
  trouble: Trouble | null;
}

type Answer = { preview: FencePreview } | { trouble: Trouble };
const UNNAMED: Fence = { id: "", title: "", preset: null, preview: null, trouble: null };
export const EXAMPLE = `name = "My fence"
version = 1

[allow]
countries = ["CA"]
operators = ["*"]

[evidence]
minimum = "consistent"
`;

export function useFences(directory: Directory): Fences {
  const [presets, setPresets] = useState<Preset[]>([]);
  const [chosenId, choose] = useState<string | null>(null);
  const [policy, setPolicy] = useState(EXAMPLE);
  const [word, setWord] = useState(false);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const [answers, setAnswers] = useState<Record<string, Answer>>({});
  const id = chosenId ?? presets.find((preset) => preset.default)?.id ?? "";

  useEffect(() => {
    directory.presets().then(setPresets, (error: unknown) => setTrouble(asProblem(error)));
  }, [directory]);

  useEffect(() => {
    let stale = false;
    const ask = async (key: string, choice: FenceChoice) => {
      const answer: Answer = await directory.previewFence(choice).then(
        (preview) => ({ preview }),
        (error: unknown) => ({ trouble: asProblem(error) }),
      );
      if (!stale) setAnswers((known) => ({ ...known, [key]: answer }));
    };
    for (const preset of presets) {
      void ask(preset.id, { preset: preset.id, operator_word: word });
    }
    if (id === OWN) void ask(OWN, { policy_toml: policy, operator_word: word });
    return () => {
      stale = true;
    };
  }, [directory, presets, policy, word, id]);

  const named = [
    ...presets.map((preset) => ({ id: preset.id, title: preset.title, preset })),
    { id: OWN, title: t("new.fence.own"), preset: null },
  ];
  const all = named.map((fence) => ({
    ...fence,
    preview: null,
    trouble: null,
    ...answers[fence.id],
  }));
  return {
    all,
    chosen: all.find((fence) => fence.id === id) ?? UNNAMED,
    choice:
      id === OWN
        ? { policy_toml: policy, operator_word: word }
        : { preset: id, operator_word: word },
    choose,
    policy,
    setPolicy,
    word,
    setWord,
    trouble,
  };
}
