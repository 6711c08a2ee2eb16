// Responsible for: what the forms in dialogs share: the fault of a field, work that takes a while, and why it was refused.
// Not responsible for: fields (the form), or its end (FormEnd.tsx).
import { useState, type RefObject, type SubmitEvent } from "react";
import { asProblem, type Trouble } from "../parts/trouble";
import { useHold } from "../parts/Window";

/** `time`: how many there were, so that the same one is said again. */
type Refused = Trouble & { time: number };

/** What may be wrong with a field, and the field. */
export interface Check<Fault> {
  fault: Fault;
  wrong: boolean;
  field: RefObject<HTMLInputElement | null>;
}

export interface Form<Fault = unknown> {
  fault: Fault | null;
  /** Its button keeps the focus, nothing is begun a second time, and its window stays. */
  working: boolean;
  refused: Refused | null;
  refuse: (trouble: Trouble) => void;
  /** Something was changed: what was said is not of that. */
  changed: () => void;
  /** Does the work, unless a field is wrong: then the first such one gets the focus. */
  submit: (event: SubmitEvent, checks: readonly Check<Fault>[], work: () => Promise<void>) => void;
}

export function useForm<Fault extends string = never>(): Form<Fault> {
  const [fault, setFault] = useState<Fault | null>(null);
  const [working, setWorking] = useState(false);
  const [refused, setRefused] = useState<Refused | null>(null);
  const [times, setTimes] = useState(0);
  useHold(working);
  const refuse = (trouble: Trouble) => {
    setTimes(times + 1);
    setRefused({ ...trouble, time: times });
  };
  const changed = () => {
    setFault(null);
    setRefused(null);
  };
  const act = async (work: () => Promise<void>) => {
    setWorking(true);
    try {
      await work();
    } catch (error) {
      refuse(asProblem(error));
    }
    setWorking(false);
  };
  const submit: Form<Fault>["submit"] = (event, checks, work) => {
    event.preventDefault();
    if (working) return;
    changed();
    const first = checks.find(({ wrong }) => wrong);
    if (first === undefined) void act(work);
    else {
      setFault(first.fault);
      first.field.current?.focus();
    }
  };
  return { fault, working, refused, refuse, changed, submit };
}
