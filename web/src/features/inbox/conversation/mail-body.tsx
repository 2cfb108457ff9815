/**
 * A mail's HTML in a frame of its own: no scripts (sandbox), no address of ours, links in a new
 * tab, remote pictures refused by the page's Content-Security-Policy, which the frame inherits.
 * The server has cleaned the HTML already; this is the second wall.
 */
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import classes from "./mail.module.css";

const LOOK = `
  html { color-scheme: light; background: #fff; }
  body { margin: 0; padding: 4px 2px; font: 14px/1.5 system-ui, sans-serif; color: #1c2b2a;
         overflow-wrap: anywhere; }
  img { max-width: 100%; height: auto; }
  pre { white-space: pre-wrap; }
  blockquote { margin: 8px 0; padding-left: 12px; border-left: 3px solid #cfdedc; color: #55666a; }
`;

/** Tall mails scroll inside; a hostile one cannot stretch the page without end. */
const HEIGHT_MAX = 2400;

export function MailBody({ html, text }: { html: string; text: string }) {
  const { t } = useTranslation("inbox");
  const frame = useRef<HTMLIFrameElement>(null);
  const [height, setHeight] = useState(120);
  if (!html) return <pre className={classes.plain}>{text}</pre>;
  return (
    <iframe
      ref={frame}
      title={t("mail.body")}
      // Without allow-scripts nothing inside runs; same-origin lets us read the height.
      sandbox="allow-same-origin allow-popups allow-popups-to-escape-sandbox"
      referrerPolicy="no-referrer"
      className={classes.frame}
      style={{ height }}
      srcDoc={`<!doctype html><meta charset="utf-8"><base target="_blank"><style>${LOOK}</style>${html}`}
      onLoad={() => {
        const tall = frame.current?.contentDocument?.documentElement.scrollHeight ?? 120;
        setHeight(Math.min(HEIGHT_MAX, tall + 8));
      }}
    />
  );
}
