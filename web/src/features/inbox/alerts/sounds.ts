/** Short sounds made by the browser itself; no files. Quiet until the first click or key. */

type Tone = readonly [startS: number, hertz: number, lengthS: number];

const SOUNDS = {
  offer: [
    [0, 660, 0.16],
    [0.18, 880, 0.24],
  ],
  call: [
    [0, 520, 0.1],
    [0.12, 780, 0.14],
  ],
  message: [[0, 740, 0.09]],
} as const satisfies Record<string, readonly Tone[]>;

export type Sound = keyof typeof SOUNDS;

const VOLUME = 0.12;
const MUTED = "omni.quiet";
let context: AudioContext | null = null;

export function soundsOn(): boolean {
  return localStorage.getItem(MUTED) !== "1";
}

export function turnSounds(on: boolean): void {
  if (on) localStorage.removeItem(MUTED);
  else localStorage.setItem(MUTED, "1");
}

/** Play a sound unless the person wants quiet or the browser does not let us yet. */
export function play(sound: Sound): void {
  if (!soundsOn() || typeof AudioContext === "undefined") return;
  context ??= new AudioContext();
  if (context.state === "suspended") void context.resume();
  for (const tone of SOUNDS[sound]) playTone(context, tone);
}

function playTone(audio: AudioContext, [startS, hertz, lengthS]: Tone): void {
  const from = audio.currentTime + startS;
  const oscillator = audio.createOscillator();
  const gain = audio.createGain();
  oscillator.frequency.value = hertz;
  gain.gain.setValueAtTime(0, from);
  gain.gain.linearRampToValueAtTime(VOLUME, from + 0.015);
  gain.gain.exponentialRampToValueAtTime(0.0001, from + lengthS);
  oscillator.connect(gain).connect(audio.destination);
  oscillator.start(from);
  oscillator.stop(from + lengthS + 0.05);
}
