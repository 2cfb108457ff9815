/** A button that plays a sound, and stops it. */
import { Button } from "@mantine/core";
import { IconPlayerPlay, IconPlayerStop } from "@tabler/icons-react";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { showError } from "@/lib/errors";

interface SoundButtonProps {
  url: string;
  /** What is heard, for people who do not see the button. */
  label: string;
  text: string;
}

export function SoundButton({ url, label, text }: SoundButtonProps) {
  const { t } = useTranslation();
  const sound = useRef<HTMLAudioElement | null>(null);
  const [playing, setPlaying] = useState(false);
  const stop = () => {
    sound.current?.pause();
    sound.current = null;
    setPlaying(false);
  };
  useEffect(() => () => sound.current?.pause(), []);
  const play = () => {
    const audio = new Audio(url);
    audio.addEventListener("ended", stop);
    sound.current = audio;
    setPlaying(true);
    audio.play().catch((error: unknown) => {
      if (sound.current === audio) {
        stop();
        showError(error);
      }
    });
  };
  const action = t(playing ? "announcement.stop" : "announcement.play");
  return (
    <Button
      size="compact-sm"
      variant="light"
      aria-label={`${action}: ${label}`}
      leftSection={playing ? <IconPlayerStop size={14} /> : <IconPlayerPlay size={14} />}
      onClick={(event) => {
        event.stopPropagation(); // it may stand in a row that opens something
        (playing ? stop : play)();
      }}
      onKeyDown={(event) => event.stopPropagation()}
    >
      {text}
    </Button>
  );
}
