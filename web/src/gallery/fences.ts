// Responsible for: what a pretended core says of fences, for the gallery.
// Not responsible for: any decision: what names nodes is allowed here, and nothing else is.
import type { FenceChoice, FencePreview, PolicyRules } from "../state/client";
import { ANY, EMPTY, LEGS, type LegRule } from "../views/home/policy";
import { COUNTRIES, GROUPS } from "../views/parts/places";
import { onlyThisServer } from "./people";

/** Lines as the fields write them; anything else says nothing. */
function read(text: string): PolicyRules {
  const said: Record<string, Record<string, unknown>> = {};
  let part = "";
  for (const line of text.split("\n")) {
    part = /^\[([\w.]+)\]$/.exec(line)?.[1] ?? part;
    const [, key, value] = /^(\w+) = (.*)$/.exec(line) ?? [];
    if (key === undefined || value === undefined) continue;
    try {
      (said[part] ??= {})[key] = JSON.parse(value);
    } catch {
      // Not one of theirs.
    }
  }
  const allow = (said["allow"] ?? {}) as Partial<PolicyRules>;
  const evidence = (said["evidence"] ?? {}) as Partial<PolicyRules>;
  const { countries = [], nodes = [], operators = [ANY], law = countries } = allow;
  const roles: PolicyRules["roles"] = {};
  const none: LegRule = { countries: null, law: null, operators: null };
  for (const leg of LEGS)
    if (text.includes(`[roles.${leg}]`)) roles[leg] = { ...none, ...said[`roles.${leg}`] };
  const { minimum = EMPTY.minimum, exclude = [], liars = 0, sources = [] } = evidence;
  const { name = EMPTY.name } = (said[""] ?? {}) as Partial<PolicyRules>;
  return { name, countries, law, operators, nodes, minimum, exclude, liars, sources, roles };
}

/** A policy of one's own that names nodes allows this one. */
export function preview(choice: FenceChoice): FencePreview {
  const here =
    "preset" in choice
      ? choice.preset === "only-this-server"
      : choice.policy_toml.includes("nodes =");
  const text = "The statement of this server does not say in which country it stands.";
  const source = "statement serial 1";
  const reason = { code: "RF2102", rule: "allow.countries", source, text };
  const decision = { role: "media", allowed: here, checked: true, reasons: here ? [] : [reason] };
  const policy = "preset" in choice ? choice.preset : choice.policy_toml;
  const rules = read("preset" in choice ? "" : choice.policy_toml);
  const any = [...Object.keys(GROUPS), ...COUNTRIES];
  const law = rules.law[0] === ANY ? any : rules.law;
  return {
    allowed: here ? 1 : 0,
    of: 1,
    policy,
    rules,
    sentences: onlyThisServer.sentences,
    within: { countries: rules.countries, law },
    nodes: [
      {
        node: onlyThisServer.nodes[0]?.node ?? null,
        name: "ringfence-1",
        allowed: here,
        decisions: [decision],
      },
    ],
  };
}
