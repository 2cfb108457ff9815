import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, describe, expect, it, vi } from "vitest";
import { fakeServer, Refusal } from "@/testing/fake-server";
import { renderApp } from "@/testing/render";
import { ContactTimeline, type TimelineContact } from "./contact-timeline";

afterEach(() => vi.unstubAllGlobals());

const CHAT: TimelineContact = {
  interaction_id: "i1",
  attempt_id: null,
  medium: "chat",
  direction: "inbound",
  at: "2026-06-10T08:00:00Z",
  queue_name: "Chats",
  campaign_name: "",
  agent_name: "Ada Byron",
  outcome: "answered",
  disposition: "",
  note: "",
  waited_s: 1,
  handled_s: 60,
  recording_id: null,
} as TimelineContact;

const LINES = [
  { number: 1, author: "visitor", agent_name: "", text: "<b>My order</b>", at: CHAT.at },
  { number: 2, author: "agent", agent_name: "Ada Byron", text: "It is on its way", at: CHAT.at },
];

describe("a contact's timeline", () => {
  it("shows what was said when asked, as text", async () => {
    const asked = fakeServer({
      "GET /api/dispositions": [],
      "GET /api/interactions/i1/messages": LINES,
    });
    renderApp(<ContactTimeline contacts={[CHAT]} />);
    expect(asked.some(({ path }) => path.endsWith("/messages"))).toBe(false);
    await userEvent.click(screen.getByRole("button", { name: "Show what was said" }));
    expect(await screen.findByText("<b>My order</b>")).toBeInTheDocument();
    expect(screen.getByText("It is on its way")).toBeInTheDocument();
    await userEvent.click(screen.getByRole("button", { name: "Hide what was said" }));
    expect(screen.queryByText("It is on its way")).toBeNull();
  });

  it("says when it cannot be shown", async () => {
    fakeServer({
      "GET /api/dispositions": [],
      "GET /api/interactions/i1/messages": new Refusal(404, "chat.conversation_unknown"),
    });
    renderApp(<ContactTimeline contacts={[CHAT]} />);
    await userEvent.click(screen.getByRole("button", { name: "Show what was said" }));
    expect(await screen.findByRole("alert")).toBeInTheDocument();
  });

  it("offers nothing to read of a call, and nothing where there is little room", () => {
    fakeServer({ "GET /api/dispositions": [] });
    renderApp(
      <>
        <ContactTimeline contacts={[{ ...CHAT, medium: "voice" }]} />
        <ContactTimeline contacts={[CHAT]} compact />
      </>,
    );
    expect(screen.queryByRole("button")).toBeNull();
  });
});
