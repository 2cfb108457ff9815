/** The one phone of this page and React's view of it. */
import { useSyncExternalStore } from "react";
import { api, data } from "@/lib/api";
import { BrowserPhone, type PhoneState } from "./browser-phone";
import { openSip } from "./sip-agent";

const DEVICE = "omni.microphone";

async function openMicrophone(deviceId: string | null): Promise<MediaStream> {
  // Absent on pages that are neither https nor localhost.
  const media = navigator.mediaDevices as MediaDevices | undefined;
  if (!media) throw new Error("insecure");
  const wanted = deviceId ?? localStorage.getItem(DEVICE);
  if (deviceId) localStorage.setItem(DEVICE, deviceId);
  return media.getUserMedia({
    audio: {
      echoCancellation: true,
      noiseSuppression: true,
      autoGainControl: true,
      ...(wanted ? { deviceId: { ideal: wanted } } : {}),
    },
  });
}

export const phone = new BrowserPhone({
  credentials: () => data(api.POST("/api/phone/credentials")),
  connect: () => api.POST("/api/phone/connect"),
  disconnect: () => api.POST("/api/phone/disconnect"),
  openSip,
  openMicrophone,
  setTimer: (run, ms) => setTimeout(run, ms),
  clearTimer: (timer) => clearTimeout(timer as number),
  random: Math.random,
});

// End-to-end tests read the packet counters; nobody else sets this mark.
if (localStorage.getItem("omni.test") === "1")
  Object.assign(window, { __phoneStats: () => phone.stats(), __phoneState: () => phone.state });

const listen = (changed: () => void) => phone.onChange(changed);

export function usePhone(): PhoneState {
  return useSyncExternalStore(listen, () => phone.state);
}
