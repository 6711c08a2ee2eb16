// Responsible for: which family of browsers this is, for the words that tell where its settings are.
// Not responsible for: what a browser can do: that is found out by trying.

export type Family = "chromium" | "android" | "firefox" | "safari" | "ios" | "other";

export function family(agent: string, touches: number): Family {
  // On iPhone and iPad every browser is WebKit with Safari's settings; an iPad says that it is a Mac.
  if (/iPhone|iPad|iPod/.test(agent) || (/Macintosh/.test(agent) && touches > 1)) return "ios";
  if (/Firefox\//.test(agent)) return "firefox";
  if (/Chrom(e|ium)\//.test(agent)) return /Android/.test(agent) ? "android" : "chromium";
  if (/Safari\//.test(agent)) return "safari";
  return "other";
}
