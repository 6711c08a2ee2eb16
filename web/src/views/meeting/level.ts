// Responsible for: how loud one's own microphone is, a few times a second.
// Not responsible for: who speaks in a call (the client says).

const EVERY_MS = 80;

/** Calls back with 0 to 1 until stopped. */
export function watchLevel(stream: MediaStream, say: (level: number) => void): () => void {
  if (stream.getAudioTracks().length === 0) return () => undefined;
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  analyser.fftSize = 512;
  context.createMediaStreamSource(stream).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const timer = setInterval(() => {
    analyser.getFloatTimeDomainData(samples);
    let sum = 0;
    for (const sample of samples) sum += sample * sample;
    // Speech is quiet in linear terms: the square root spreads it over the meter.
    say(Math.min(1, Math.sqrt(Math.sqrt(sum / samples.length)) * 1.6));
  }, EVERY_MS);
  return () => {
    clearInterval(timer);
    void context.close();
  };
}
