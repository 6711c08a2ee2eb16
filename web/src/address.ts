// Responsible for: reading the key from the address, once, and taking it out of the address bar.
// Not responsible for: what the key opens. Imported before everything else by main.tsx.

const key = location.hash.slice(1);
if (key !== "") history.replaceState(null, "", location.pathname + location.search);

const [, meeting] = /^\/m\/([\w-]{22})\/?$/.exec(location.pathname) ?? [];

export const address = {
  home: location.pathname === "/",
  meeting: meeting ?? null,
  key: key === "" ? null : key,
};
