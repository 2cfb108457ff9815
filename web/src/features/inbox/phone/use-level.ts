/** Loudness of the microphone, 0 to 100, while somebody looks. */
import { useEffect, useState } from "react";

const EVERY_MS = 100;

export function useLevel(microphone: MediaStream | null): number {
  const [level, setLevel] = useState(0);
  useEffect(() => {
    if (!microphone || typeof AudioContext === "undefined") return undefined;
    const context = new AudioContext();
    const analyser = context.createAnalyser();
    analyser.fftSize = 512;
    context.createMediaStreamSource(microphone).connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    const timer = setInterval(() => {
      analyser.getFloatTimeDomainData(samples);
      const power = samples.reduce((sum, each) => sum + each * each, 0) / samples.length;
      // -60 dB is silence in a quiet room, -10 dB is loud speech.
      const decibels = 10 * Math.log10(power + 1e-9);
      setLevel(Math.round(Math.min(100, Math.max(0, (decibels + 60) * 2))));
    }, EVERY_MS);
    return () => {
      clearInterval(timer);
      void context.close();
    };
  }, [microphone]);
  return level;
}
