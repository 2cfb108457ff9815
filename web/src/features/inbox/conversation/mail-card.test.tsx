import { screen } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { renderApp } from "@/testing/render";
import type { Mail } from "../api/mails";
import { MailCard } from "./mail-card";

const MAIL = {
  mail_id: "m1",
  direction: "outbound",
  kind: "person",
  state: "sent",
  reason: "",
  from: { name: "Support", address: "support@example.com" },
  to: [{ name: "", address: "ann@example.org" }],
  cc: [],
  subject: "Re: Order",
  at: "2026-06-10T08:00:00Z",
  own_text: "We are closed.",
  text: "We are closed.",
  html: "",
  attachments: [],
  blocked_images: 0,
} as unknown as Mail;

function shown(mail: Mail) {
  const nothing = () => undefined;
  renderApp(
    <MailCard interactionId="i1" mail={mail} open={false} onFlip={nothing} onTakenBack={nothing} />,
  );
}

describe("a mail of the conversation", () => {
  it("says that nobody wrote an automatic answer", () => {
    shown({ ...MAIL, kind: "auto_reply" } as Mail);
    expect(screen.getByText("automatic answer")).toBeInTheDocument();
  });

  it("says nothing of the kind about what a person wrote", () => {
    shown(MAIL);
    expect(screen.queryByText("automatic answer")).toBeNull();
  });
});
