// Responsible for: telling whether a text is the link of a meeting on this server; pure.
// Not responsible for: whether such a meeting exists or its key fits.

export function isMeetingLink(text: string, origin: string): boolean {
  const url = URL.parse(text.trim());
  return url?.origin === origin && /^\/m\/[\w-]{22}$/.test(url.pathname) && url.hash.length > 1;
}
